"""The ranking: of those who chose to be in it, by nickname; by points earned in a year, or held now.

It is built from the ledger by a job, kept in boards, and asked of the database where there is no board. Whoever chose
no longer to be ranked is gone at once: nicknames and choices are read anew each time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, Ranked, place_for, with_positions
from linli_points.access import TAKE_PART
from linli_points.checked import in_range
from linli_points.parties import own_participants

FIGURES: Final = "points.figures.read"
FIRST_MAX: Final = 100
RANKED_MAX: Final = 100_000
AREAS_MAX: Final = 5_000

# A claim that was reversed earned nothing, whenever it was reversed.
_EARNED: Final = """
select p.id, p.area_path, sum(t.amount)::bigint as points from points_participant p
join ledger_posting t on t.tenant_id = $1 and t.account_id = p.account_id
    and t.entry_kind = 'points.claim_posted' and t.amount > 0 and t.posted_at >= $3 and t.posted_at < $4
where p.tenant_id = $1 and p.ranked and p.state = 'active'
    and p.area_path >= $2::text and p.area_path < $2::text || '~'
    and not exists (select 1 from ledger_entry r where r.tenant_id = $1 and r.reverses_id = t.entry_id)
group by p.id, p.area_path"""
# The moments are not used: both statements take the same arguments.
_BALANCE: Final = """
select p.id, p.area_path, a.available + a.reserved as points from points_participant p
join ledger_account a on a.tenant_id = $1 and a.id = p.account_id and a.available + a.reserved > 0
where p.tenant_id = $1 and p.ranked and p.state = 'active'
    and p.area_path >= $2::text and p.area_path < $2::text || '~'
    and $3::timestamptz is not null and $4::timestamptz is not null"""
_ALL: Final = "select id, area_path, points from ({scores}) s order by points desc, id desc limit $5"
_TOP: Final = """
select id, points, position from (
    select id, points, rank() over (order by points desc) as position, row_number() over (order by points desc, id desc)
        as number from ({scores}) s) r
where number <= $5 or id = any($6::uuid[]) order by points desc, id desc"""
_SHOWN: Final = """
select id, nickname from points_participant
where tenant_id = $1 and id = any($2::uuid[]) and ranked and state = 'active'
    and area_path >= $3::text and area_path < $3::text || '~'"""


class RankedBy(StrEnum):
    """What the ranking counts."""

    EARNED = "earned"
    """Points of claims that were posted in a year and stand."""
    BALANCE = "balance"
    """Points held now."""


_SCORES: Final[Mapping[RankedBy, str]] = {RankedBy.EARNED: _EARNED, RankedBy.BALANCE: _BALANCE}


@dataclass(frozen=True, slots=True)
class Place:
    """Somebody's place; those with as many points share it."""

    position: int
    nickname: str
    points: int


@dataclass(frozen=True, slots=True)
class Ranking:
    """The best of an area as of a moment, and where the actor and their households stand, if they chose to."""

    by: RankedBy
    year: int
    as_of: datetime
    places: Sequence[Place]
    own: Sequence[Place]


async def ranking(
    ctx: Context,
    *,
    area_id: UUID | None = None,
    year: int | None = None,
    by: str = RankedBy.EARNED,
    first: int = 20,
) -> Ranking:
    """The ranking of an area with all below it (None: the whole tenant) for a year, this one by default.

    Raises: PermissionDenied, NotFound, AreaRetired, NumberOutOfRange.
    """
    in_range(first, 1, FIRST_MAX, "first")
    chosen = in_range(year if year is not None else ctx.today().year, 2000, ctx.today().year, "year")
    place = await place_for(ctx, area_id, TAKE_PART if ctx.can(TAKE_PART) else FIGURES)
    kind = RankedBy(by)
    own_ids = [one.id for one in await own_participants(ctx) if one.ranked]
    found = await _from_board(ctx, _board(kind, chosen, place.area_path), first, own_ids)
    if found is None:
        found = ctx.now(), *await _from_ledger(ctx, kind, chosen, place.area_path, first, own_ids)
    as_of, top, own = found
    ids = [one.member_id for one in (*top, *own)]
    rows = await ctx.db.fetch(_SHOWN, ctx.tenant_id, ids, place.area_path)
    names = {row["id"]: row["nickname"] for row in rows}
    shown = with_positions((one.member_id, one.score) for one in top if one.member_id in names)
    return Ranking(
        by=kind,
        year=chosen,
        as_of=as_of,
        places=[_place(one, names) for one in shown[:first]],
        own=[_place(one, names) for one in own if one.member_id in names],
    )


async def rebuild(ctx: Context) -> int:
    """Build the boards of this year (and, in January, the last) for every area with somebody ranked in it.

    At most 5,000 areas from the top down, of at most 100,000 people; gives how many boards were put in place.
    """
    today, built = ctx.today(), 0
    years = [today.year, *([today.year - 1] if today.month == 1 else [])]
    for kind, year in ((RankedBy.BALANCE, today.year), *((RankedBy.EARNED, year) for year in years)):
        sql = _ALL.format(scores=_SCORES[kind])
        rows = await ctx.db.fetch(sql, ctx.tenant_id, "", *_year(ctx, year), RANKED_MAX)
        boards: dict[str, list[tuple[UUID, int]]] = defaultdict(list, {"": []})
        for row in rows:
            for path in _paths(row["area_path"]):
                boards[path].append((UUID(bytes=row["id"].bytes), row["points"]))
        for path in sorted(boards, key=lambda one: (one.count("."), one))[:AREAS_MAX]:
            name = _board(kind, year, path)
            if not await ctx.boards.replace(ctx.tenant_id, name, boards[path], as_of=ctx.now()):
                return built
            built += 1
    return built


async def _from_board(
    ctx: Context, name: str, first: int, own_ids: Sequence[UUID]
) -> tuple[datetime, Sequence[Ranked], Sequence[Ranked]] | None:
    # Some may have chosen otherwise since the board was built.
    board = await ctx.boards.top(ctx.tenant_id, name, first + FIRST_MAX)
    if board is None:
        return None
    own = [await ctx.boards.position(ctx.tenant_id, name, one) for one in own_ids]
    return board.as_of, board.ranked, [one for one in own if one is not None]


async def _from_ledger(
    ctx: Context, kind: RankedBy, year: int, path: str, first: int, own_ids: Sequence[UUID]
) -> tuple[Sequence[Ranked], Sequence[Ranked]]:
    sql = _TOP.format(scores=_SCORES[kind])
    rows = await ctx.db.fetch(sql, ctx.tenant_id, path, *_year(ctx, year), first, list(own_ids))
    ranked = [Ranked(UUID(bytes=row["id"].bytes), row["points"], row["position"]) for row in rows]
    return ranked[:first], [one for one in ranked if one.member_id in own_ids]


def _place(one: Ranked, names: Mapping[UUID, str]) -> Place:
    return Place(one.position, names[one.member_id], one.score)


def _board(kind: RankedBy, year: int, path: str) -> str:
    return f"points.{kind.value}:{year}:{path}"


def _paths(path: str) -> list[str]:
    """An area's path and those of all above it, the whole tenant's first."""
    parts = path.split(".")
    return [".".join([*parts[:size], ""]) if size else "" for size in range(len(parts))]


def _year(ctx: Context, year: int) -> tuple[datetime, datetime]:
    return ctx.start_of(date(year, 1, 1)), ctx.start_of(date(year + 1, 1, 1))
