"""The acceptance slip (受理回执) as a document: printed or kept by the applicant, checked by anybody with its QR code.

It says that an application was accepted and until when it is decided; the page of its number (`pages.py`) says where it
stands today.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Person,
    Place,
    documents,
    in_place,
    own_or,
    own_or_visible,
    printing,
    rows,
)
from linli_migrants.permit_errors import NotAccepted
from linli_migrants.permit_states import ApplicationState
from linli_migrants.permit_tables import Application

READ: Final = "migrants.permit.read"
DECIDE: Final = "migrants.permit.decide"
APPLY: Final = "migrants.own.apply"
_WITHOUT: Final = (
    ApplicationState.DRAFT,
    ApplicationState.SUBMITTED,
    ApplicationState.RETURNED,
    ApplicationState.WITHDRAWN,
)

SLIP: Final = documents.DocumentKind(
    printing.DocumentTemplate(
        kind="migrants.acceptance_slip",
        version=1,
        texts="migrants.printed_slip",
        parts=(
            printing.Lines(("holder", "application", "accepted_on", "decision_due_on")),
            printing.Paragraph("statement"),
            printing.Signature("office"),
        ),
        pages_max=1,
    ),
    write=DECIDE,
    read=READ,
)


async def issue_slip(ctx: Context, application_id: UUID) -> documents.Document:
    """The slip of an application that was accepted, for its applicant or an officer; issued when it is asked for first.

    Raises: NotFound, PermissionDenied, NotAccepted; as `documents.issue`.
    """
    application = own_or_visible(ctx, await in_place(ctx, Application, application_id, lock=True), READ)
    permission = own_or(ctx, APPLY, DECIDE, person_id=application.person_id, area_path=application.area_path)
    ctx.require(permission, application.area_path)
    if application.accepted_at is None or application.state in _WITHOUT:
        raise NotAccepted()
    for known in await documents.of_subject(ctx, SLIP, application.id):
        if known.state == "valid":
            return known
    person = await rows.get(ctx, Person, application.person_id)
    place = Place(application.area_id, application.area_path)
    values = {
        "application": application.number,
        "accepted_on": ctx.day_of(application.accepted_at).isoformat(),
        "decision_due_on": application.decision_due_on.isoformat(),
        "office": ctx.tenant.name,
    }
    return await documents.issue(
        ctx,
        replace(SLIP, write=permission),
        subject=documents.Subject("migrants_application", application.id, place, person.id, person.full_name),
        values=values,
    )


async def revoke_slips(ctx: Context, application_id: UUID, *, why: str) -> None:
    """The slip of an application that was `withdrawn`, or accepted `anew`, no longer counts."""
    reason = ctx.plugins.texts.translate(f"migrants.reasons.{why}", ctx.locale)
    await documents.revoke_all(ctx, SLIP, application_id, reason=reason)
