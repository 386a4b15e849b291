"""Calls while they are drafts: everything can change; published ones are changed by amendments."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import Context, NotFound, Required, changeable, checks, place_for, rows
from linli_venture.calls import terms
from linli_venture.calls.errors import CallFrozen, ClosesBeforeOpening
from linli_venture.calls.states import CallState
from linli_venture.calls.tables import Call, Criterion
from linli_venture.calls.terms import CriterionGiven
from linli_venture.checked import TITLE_MAX, moment, prose, writers
from linli_venture.money.pools import require_open
from linli_venture.money.tables import Pool

KIND: Final = "venture.call"
READ: Final = "venture.call.read"
WRITE: Final = "venture.call.write"
READ_POOL: Final = "venture.pool.read"
GUIDE_MAX: Final = 20_000

_OPTIONAL: Final = frozenset({"guide", "floor_grade", "midterm_tranche", "final_tranche"})
_PLAN: Final = frozenset({"tranche_shares", "midterm_tranche", "final_tranche"})
_SHEET: Final = (
    "select * from venture_criterion where tenant_id = $1 and call_id = $2 order by position limit 30"
)


class CallChanges(TypedDict, total=False):
    """What may be changed of a draft; what is left out stays."""

    title: str
    guide: str | None
    pool_id: UUID
    opens_at: datetime
    closes_at: datetime
    cap_fen: int
    grant_percent_max: int
    floor_grade: str | None
    categories: Sequence[str]
    tranche_shares: Sequence[int]
    midterm_tranche: int | None
    final_tranche: int | None
    reviews_min: int
    defence_percent: int
    anonymous: bool
    notice_days: int
    correction_days: int


async def draft(
    ctx: Context,
    *,
    area_id: UUID | None,
    title: str,
    pool_id: UUID,
    opens_at: datetime,
    closes_at: datetime,
    categories: Sequence[str],
    guide: str | None = "",
    cap_fen: int = terms.CAP_FEN,
    grant_percent_max: int = terms.GRANT_PERCENT,
    floor_grade: str | None = None,
    tranche_shares: Sequence[int] = terms.SHARES,
    midterm_tranche: int | None = None,
    final_tranche: int | None = None,
    reviews_min: int = terms.REVIEWS_MIN,
    defence_percent: int = 0,
    anonymous: bool = True,
    notice_days: int = terms.NOTICE_DAYS,
    correction_days: int = terms.CORRECTION_DAYS,
    criteria: Sequence[CriterionGiven] = terms.SHEET,
) -> Call:
    """Make the draft of a call, with the usual rules where none are given.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, NaiveMoment, NumberOutOfRange, UnknownValue,
    ClosesBeforeOpening, SharesNotWhole, WeightsNotWhole, NoNeedsCriterion, GivenTwice, PoolClosed.
    """
    place = await place_for(ctx, area_id, WRITE)
    given = CallChanges(
        title=title,
        guide=guide,
        pool_id=pool_id,
        opens_at=opens_at,
        closes_at=closes_at,
        cap_fen=cap_fen,
        grant_percent_max=grant_percent_max,
        floor_grade=floor_grade,
        categories=categories,
        tranche_shares=tranche_shares,
        midterm_tranche=midterm_tranche,
        final_tranche=final_tranche,
        reviews_min=reviews_min,
        defence_percent=defence_percent,
        anonymous=anonymous,
        notice_days=notice_days,
        correction_days=correction_days,
    )
    values = await _checked(ctx, given)
    values |= terms.conditions(values["tranche_shares"], values)
    lines = terms.sheet(criteria)
    _check_times(values["opens_at"], values["closes_at"])
    call = await rows.insert(
        ctx,
        Call,
        area_id=place.area_id,
        area_path=place.area_path,
        drafted_by=writers(ctx),
        **values,
    )
    await _put_sheet(ctx, call, lines)
    return call


async def update(
    ctx: Context,
    call_id: UUID,
    *,
    expected_version: int | None = None,
    criteria: Sequence[CriterionGiven] | None = None,
    **changes: Unpack[CallChanges],
) -> Call:
    """Change a draft; `criteria` take the place of the whole sheet. Raises: CallFrozen, StaleVersion; as `draft`."""
    call = await changeable(ctx, Call, call_id, KIND)
    if call.state != CallState.DRAFT:
        raise CallFrozen(state=call.state)
    values = await _checked(ctx, changes)
    values |= _conditions(call, values)
    lines = None if criteria is None else terms.sheet(criteria)
    _check_times(values.get("opens_at", call.opens_at), values.get("closes_at", call.closes_at))
    by = writers(ctx, call.drafted_by)
    call = await rows.update(ctx, call, expected_version=expected_version, **values, drafted_by=by)
    if lines is not None:
        for row in await sheet_of(ctx, call.id):
            await rows.delete(ctx, row)
        await _put_sheet(ctx, call, lines)
    return call


async def sheet_of(ctx: Context, call_id: UUID) -> list[Criterion]:
    """The lines of a call's scoring sheet, in their order."""
    return [rows.from_record(Criterion, row) for row in await ctx.db.fetch(_SHEET, ctx.tenant_id, call_id)]


async def open_pool(ctx: Context, pool_id: UUID) -> Pool:
    """A pool that the actor may see, and from which is still awarded. Raises: NotFound, PoolClosed."""
    pool = await rows.find(ctx, Pool, pool_id)
    if pool is None or not ctx.can(READ_POOL, pool.area_path):
        raise NotFound(path=("pool_id",), kind="venture_pool")
    return require_open(pool, "pool_id")


async def _put_sheet(ctx: Context, call: Call, lines: Sequence[CriterionGiven]) -> None:
    for position, one in enumerate(lines, start=1):
        await rows.insert(
            ctx,
            Criterion,
            area_id=call.area_id,
            area_path=call.area_path,
            call_id=call.id,
            position=position,
            key=one.key,
            title=one.title,
            weight=one.weight,
        )


async def _checked(ctx: Context, given: CallChanges) -> dict[str, Any]:
    for name, value in given.items():
        if value is None and name not in _OPTIONAL:
            raise Required(path=(name,))
    values = terms.checked(dict(given))
    if "title" in given:
        values["title"] = checks.line(given["title"], "title", TITLE_MAX)
    if "guide" in given:
        values["guide"] = prose(given["guide"], "guide", GUIDE_MAX)
    for name in ("opens_at", "closes_at"):
        if name in values:
            values[name] = moment(values[name], name)
    if "pool_id" in given:
        await open_pool(ctx, given["pool_id"])
    return values


def _conditions(call: Call, values: dict[str, Any]) -> dict[str, int]:
    """What the tranches of a draft wait for; other shares have the usual conditions unless others are given."""
    if not _PLAN & values.keys():
        return {}
    if "tranche_shares" in values:
        return terms.conditions(values["tranche_shares"], values)
    kept = {"midterm_tranche": call.midterm_tranche, "final_tranche": call.final_tranche}
    return terms.conditions(call.tranche_shares, {**kept, **values})


def _check_times(opens_at: datetime, closes_at: datetime) -> None:
    if closes_at <= opens_at:
        raise ClosesBeforeOpening(path=("closes_at",))
