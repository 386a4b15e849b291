"""The acceptance slip (受理回执) of an application: printed for the applicant, checked by anybody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import (
    Context,
    Person,
    Route,
    RouteResponse,
    mask_name,
    normal_number,
    public_address,
    public_page,
    qr_code,
    rows,
)
from linli_migrants.permit_tables import Application

ADDRESS_SETTING: Final = "migrants.public_address"
_TEXTS: Final = "migrants.slip"
_TYPED_SHOWN_MAX: Final = 40


async def slip(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """Tell where an application stands. A number that does not exist gets the same page, with dashes."""
    typed = parameters["number"]
    number = normal_number(typed)
    found = await rows.find_by(ctx, Application, number=number) if number else None
    person = await rows.find(ctx, Person, found.person_id) if found else None
    state = found.state if found else "not_found"
    shown = {
        "number": typed[:_TYPED_SHOWN_MAX],
        "state": ctx.plugins.texts.translate(f"{_TEXTS}.states.{state}", ctx.locale),
        "name": mask_name(person.full_name) if person else None,
        "accepted_on": _day(ctx, found),
        "decision_due_on": found.decision_due_on.isoformat() if found and found.decision_due_on else None,
    }
    return public_page(ctx, texts=_TEXTS, shown=shown, image=f"{number}/qr.svg" if number else "")


async def slip_code(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """The QR code of a slip's page. Any number of the right form gets one: it does not tell which exist."""
    number = normal_number(parameters["number"])
    return qr_code(_address(ctx, number) if number else None, title=number or "")


def _day(ctx: Context, found: Application | None) -> str | None:
    return ctx.day_of(found.accepted_at).isoformat() if found and found.accepted_at else None


def _address(ctx: Context, number: str) -> str:
    return public_address(ctx, f"/p/{ctx.tenant.slug}/migrants/slip/{number}", setting=ADDRESS_SETTING)


ROUTES: Final = (
    Route("slip/{number}", slip, summary="Check an acceptance slip"),
    Route("slip/{number}/qr.svg", slip_code, summary="The QR code of an acceptance slip"),
)
