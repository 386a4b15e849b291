"""Needs: surveyed by area, and published for those who may answer them."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, changeable, checks, place_for, rows
from linli_venture.calls.states import NEED
from linli_venture.calls.tables import Need
from linli_venture.calls.terms import KEY_MAX
from linli_venture.checked import TITLE_MAX, in_range, prose

KIND: Final = "venture.need"
READ: Final = "venture.need.read"
WRITE: Final = "venture.need.write"
SOURCE_MAX: Final = 200
BENEFICIARIES_MAX: Final = 100_000_000


async def record(
    ctx: Context,
    *,
    area_id: UUID | None,
    title: str,
    category: str,
    beneficiaries: int,
    source: str,
    surveyed_on: date,
    description: str | None = "",
) -> Need:
    """Enter what a survey found in an area.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, NumberOutOfRange, FutureDate.
    """
    place = await place_for(ctx, area_id, WRITE)
    return await rows.insert(
        ctx,
        Need,
        area_id=place.area_id,
        area_path=place.area_path,
        title=checks.line(title, "title", TITLE_MAX),
        category=checks.line(category, "category", KEY_MAX),
        beneficiaries=in_range(beneficiaries, 0, BENEFICIARIES_MAX, "beneficiaries"),
        source=checks.line(source, "source", SOURCE_MAX),
        surveyed_on=checks.not_future(ctx, surveyed_on, "surveyed_on"),
        description=prose(description, "description"),
    )


async def publish(ctx: Context, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Let organisations answer a need. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    return await _turn(ctx, need_id, "publish", expected_version)


async def withdraw(ctx: Context, need_id: UUID, *, expected_version: int | None = None) -> Need:
    """Take a need off the list. Raises: as `publish`."""
    return await _turn(ctx, need_id, "withdraw", expected_version)


async def _turn(ctx: Context, need_id: UUID, action: str, expected_version: int | None) -> Need:
    need = await changeable(ctx, Need, need_id, KIND)
    state = NEED.apply(need.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, need, action=action, expected_version=expected_version, state=state)
