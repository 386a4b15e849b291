"""Organisations enter incubation, and graduate from it or leave it."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    Facts,
    Organisation,
    changeable,
    checks,
    hold_tree,
    rows,
    visible,
)
from linli_venture.incubation.errors import (
    AlreadyIncubated,
    EndsBeforeIncubation,
    OrganisationEnded,
    StillIncubatedThen,
)
from linli_venture.incubation.states import INCUBATION
from linli_venture.incubation.tables import Incubation

KIND: Final = "venture.incubation"
READ: Final = "venture.incubation.read"
WRITE: Final = "venture.incubation.write"
SUPPORT_MAX: Final = 200

_LATEST_END: Final = """
select max(ended_on) from venture_incubation where tenant_id = $1 and organisation_id = $2"""


async def start(ctx: Context, *, organisation_id: UUID, support: str, started_on: date) -> Incubation:
    """Take an organisation in, at its own place.

    Raises: NotFound, PermissionDenied, OrganisationEnded, AlreadyIncubated, StillIncubatedThen, FutureDate, Required,
    TooLong, UnprintableText.
    """
    await hold_tree(ctx)  # before rows, so that the place stays right
    organisation = await visible(ctx, Organisation, organisation_id, "identity.organisation.read")
    ctx.require(WRITE, organisation.area_path)
    if organisation.state != "active":
        raise OrganisationEnded(path=("organisation_id",))
    day = checks.not_future(ctx, started_on, "started_on")
    ended: date | None = await ctx.db.fetchval(_LATEST_END, ctx.tenant_id, organisation_id)
    if ended is not None and day < ended:
        raise StillIncubatedThen(path=("started_on",), ended=ended.isoformat())
    try:
        async with ctx.db.savepoint():
            return await rows.insert(
                ctx,
                Incubation,
                action="start",
                area_id=organisation.area_id,
                area_path=organisation.area_path,
                organisation_id=organisation_id,
                support=checks.line(support, "support", SUPPORT_MAX),
                started_on=day,
            )
    except Duplicate as error:
        raise AlreadyIncubated(path=("organisation_id",)) from error


async def graduate(
    ctx: Context, incubation_id: UUID, *, on: date, expected_version: int | None = None
) -> Incubation:
    """An organisation stands on its own from a day on.

    Raises: NotFound, PermissionDenied, UndefinedTransition, FutureDate, EndsBeforeIncubation, StaleVersion.
    """
    return await _end(ctx, incubation_id, "graduate", on, "", expected_version)


async def leave(
    ctx: Context, incubation_id: UUID, *, on: date, reason: str, expected_version: int | None = None
) -> Incubation:
    """An organisation leaves without having graduated, for a reason. Raises: as `graduate`; Required, TooLong."""
    said = checks.line(reason, "reason", checks.REASON_MAX)
    return await _end(ctx, incubation_id, "leave", on, said, expected_version)


async def _end(
    ctx: Context, incubation_id: UUID, action: str, on: date, reason: str, expected_version: int | None
) -> Incubation:
    incubation = await changeable(ctx, Incubation, incubation_id, KIND)
    state = INCUBATION.apply(incubation.state, action, Facts(actor_id=ctx.actor.id))
    day = checks.not_future(ctx, on, "on")
    if day < incubation.started_on:
        raise EndsBeforeIncubation(path=("on",), started=incubation.started_on.isoformat())
    return await rows.update(
        ctx,
        incubation,
        action=action,
        expected_version=expected_version,
        state=state,
        ended_on=day,
        end_reason=reason,
    )
