"""The quarterly census (季清查): a round closes only when every dwelling of its area is answered.

In a quarter a dwelling lies in one round: rounds of areas that lie in each other are refused, so that no dwelling is
left out and none is counted twice. Dwellings that are added while a round is open count too.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.plugin import (
    Context,
    Facts,
    NotFound,
    Place,
    changeable,
    checks,
    hold_tree,
    place_for,
    publish,
    rows,
)
from linli_migrants import dwellings
from linli_migrants.visit_errors import (
    CountsOnlyWhenInhabited,
    DwellingNotInRound,
    DwellingsOpen,
    PeopleOutOfRange,
    QuarterOutOfRange,
    RoundAnswered,
    RoundNotOpen,
    RoundOverlaps,
)
from linli_migrants.visit_events import CensusClosed
from linli_migrants.visit_states import ROUND, RoundState
from linli_migrants.visit_tables import CensusAnswer, CensusRound
from linli_migrants.visit_terms import DwellingAnswer

PERMISSION: Final = "migrants.census"
READ: Final = "migrants.census.read"
WRITE: Final = "migrants.census.write"
ANSWER: Final = "migrants.census.answer"
YEARS: Final = range(2000, 2200)
NEW_PEOPLE_MAX: Final = 200
_OVERLAPPING: Final = """
select id from migrants_census_round
where tenant_id = $1 and year = $2 and quarter = $3 and state <> 'cancelled'
    and (starts_with($4::text, area_path) or starts_with(area_path, $4::text)) limit 1"""
_ON_FILE: Final = """
select count(*) from migrants_stay
where tenant_id = $1 and dwelling_id = $2 and state in ('reported', 'verified', 'active')"""
_ANSWERS: Final = "select count(*) from migrants_census_answer where tenant_id = $1 and round_id = $2"
_PROGRESS: Final = """
select count(*) as dwellings,
    count(*) filter (where a.id is null) as open,
    count(*) filter (where a.answer = 'inhabited') as inhabited,
    count(*) filter (where a.answer = 'vacant') as vacant,
    count(*) filter (where a.answer = 'nobody_met') as nobody_met,
    count(*) filter (where a.answer = 'refused') as refused,
    coalesce(sum(a.people_found), 0)::integer as people_found,
    coalesce(sum(a.people_moved), 0)::integer as people_moved,
    coalesce(sum(a.people_new), 0)::integer as people_new
from migrants_dwelling d
left join migrants_census_answer a on a.tenant_id = $1 and a.round_id = $2 and a.dwelling_id = d.id
where d.tenant_id = $1 and d.state = 'active' and d.area_path >= $3::text and d.area_path < $3::text || '~'"""
_NO_REPORT: Final = dict.fromkeys(
    (
        *("closed_by", "closed_at", "dwellings", "inhabited", "vacant", "nobody_met", "refused"),
        *("people_found", "people_moved", "people_new"),
    )
)


async def open_round(ctx: Context, *, area_id: UUID | None, year: int, quarter: int) -> CensusRound:
    """Open the round of a quarter for an area with all below it; null is the whole tenant.

    Raises: NotFound, PermissionDenied, AreaRetired, QuarterOutOfRange, RoundOverlaps.
    """
    place = await place_for(ctx, area_id, WRITE)
    check_quarter(ctx, year, quarter)
    return await open_at(ctx, place, year, quarter)


async def open_at(ctx: Context, place: Place, year: int, quarter: int) -> CensusRound:
    """Open a round at a place that is held; the caller has the right. Raises: RoundOverlaps."""
    await ctx.db.take_turns(f"migrants.census/{year}/{quarter}")
    if await ctx.db.fetchval(_OVERLAPPING, ctx.tenant_id, year, quarter, place.area_path) is not None:
        raise RoundOverlaps(path=("area_id",))
    return await rows.insert(
        ctx,
        CensusRound,
        action="open",
        area_id=place.area_id,
        area_path=place.area_path,
        year=year,
        quarter=quarter,
        opened_by=ctx.actor.id,
    )


async def answer(
    ctx: Context,
    *,
    round_id: UUID,
    dwelling_id: UUID,
    answer: str,
    people_found: int | None = None,
    people_moved: int | None = None,
    people_new: int | None = None,
) -> CensusAnswer:
    """Say what was found at a dwelling; until the round is closed, a later answer takes the place of an earlier.

    Of the people on file there, some were found, some had moved away; `people_new` are not on file yet.
    Raises: NotFound, PermissionDenied, RoundNotOpen, DwellingNotInRound, DwellingNotActive, UnknownValue,
    CountsOnlyWhenInhabited, PeopleOutOfRange.
    """
    await hold_tree(ctx)
    dwelling = await dwellings.lived_in(ctx, dwelling_id)
    if not ctx.can(READ, dwelling.area_path):
        raise NotFound(kind="migrants_dwelling")
    ctx.require(ANSWER, dwelling.area_path)
    round_ = await rows.get(ctx, CensusRound, round_id, lock=True)
    if not dwelling.area_path.startswith(round_.area_path):
        if not ctx.can(READ, round_.area_path):
            raise NotFound(kind="migrants_census_round")
        raise DwellingNotInRound(path=("dwelling_id",))
    if round_.state != RoundState.OPEN:
        raise RoundNotOpen(path=("round_id",))
    said = checks.one_of(answer, tuple(DwellingAnswer), "answer")
    on_file: int = await ctx.db.fetchval(_ON_FILE, ctx.tenant_id, dwelling.id)
    values: dict[str, Any] = {
        "answer": said,
        "people_on_file": on_file,
        **_counted(said, on_file, people_found, people_moved, people_new),
        "answered_on": ctx.today(),
        "answered_by": ctx.actor.id,
        "answered_at": ctx.now(),
    }
    known = await rows.find_by(ctx, CensusAnswer, round_id=round_.id, dwelling_id=dwelling.id)
    if known is not None:
        return await rows.update(ctx, known, action="answer", expected_version=None, **values)
    return await rows.insert(
        ctx,
        CensusAnswer,
        action="answer",
        area_id=dwelling.area_id,
        area_path=dwelling.area_path,
        round_id=round_.id,
        dwelling_id=dwelling.id,
        **values,
    )


async def close(ctx: Context, round_id: UUID, *, expected_version: int | None = None) -> CensusRound:
    """Close a round, with the numbers of its dwellings by answer.

    Raises: NotFound, PermissionDenied, DwellingsOpen, UndefinedTransition, StaleVersion.
    """
    round_ = await changeable(ctx, CensusRound, round_id, PERMISSION)
    state = ROUND.apply(round_.state, "close", Facts(actor_id=ctx.actor.id))
    report = await progress(ctx, round_)
    left = report.pop("open")
    if left:
        raise DwellingsOpen(count=left)
    closed = await rows.update(
        ctx,
        round_,
        action="close",
        expected_version=expected_version,
        state=state,
        closed_by=ctx.actor.id,
        closed_at=ctx.now(),
        **report,
    )
    await publish(ctx, CensusClosed(round_id=closed.id))
    return closed


async def reopen(
    ctx: Context, round_id: UUID, *, reason: str, expected_version: int | None = None
) -> CensusRound:
    """Go on with a closed round, for a stated reason; its answers stay, its report is made anew.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    round_ = await changeable(ctx, CensusRound, round_id, PERMISSION)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    state = ROUND.apply(round_.state, "reopen", Facts(actor_id=ctx.actor.id))
    changes = {**_NO_REPORT, "state": state, "reason": why}
    return await rows.update(ctx, round_, action="reopen", expected_version=expected_version, **changes)


async def cancel(
    ctx: Context, round_id: UUID, *, reason: str, expected_version: int | None = None
) -> CensusRound:
    """A round that nobody has answered yet was opened by mistake.

    Raises: NotFound, PermissionDenied, Required, TooLong, RoundAnswered, UndefinedTransition, StaleVersion.
    """
    round_ = await changeable(ctx, CensusRound, round_id, PERMISSION)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    state = ROUND.apply(round_.state, "cancel", Facts(actor_id=ctx.actor.id))
    count: int = await ctx.db.fetchval(_ANSWERS, ctx.tenant_id, round_.id)
    if count:
        raise RoundAnswered(count=count)
    return await rows.update(
        ctx, round_, action="cancel", expected_version=expected_version, state=state, reason=why
    )


async def progress(ctx: Context, round_: CensusRound) -> dict[str, Any]:
    """The numbers of a round's active dwellings: all, without an answer, by answer; and of people."""
    found = await ctx.db.fetchrow(_PROGRESS, ctx.tenant_id, round_.id, round_.area_path)
    assert found is not None
    return dict(found)


async def progress_of(ctx: Context, round_id: UUID) -> Mapping[str, Any]:
    """How far a round is. Raises: NotFound, also for a round that the actor may not see."""
    round_ = await rows.get(ctx, CensusRound, round_id)
    if not ctx.can(READ, round_.area_path):
        raise NotFound(kind="migrants_census_round")
    return await progress(ctx, round_)


def check_quarter(ctx: Context, year: int, quarter: int) -> None:
    """Go on with a quarter that has begun. Raises: QuarterOutOfRange."""
    if year not in YEARS or not 1 <= quarter <= 4 or date(year, 3 * quarter - 2, 1) > ctx.today():
        raise QuarterOutOfRange(path=("quarter",))


def _counted(
    said: str, on_file: int, found: int | None, moved: int | None, new: int | None
) -> dict[str, int]:
    """The numbers of people of an answer. Raises: CountsOnlyWhenInhabited, PeopleOutOfRange."""
    counts = {"people_found": found or 0, "people_moved": moved or 0, "people_new": new or 0}
    if said != DwellingAnswer.INHABITED and any(counts.values()):
        raise CountsOnlyWhenInhabited(path=("answer",))
    if counts["people_found"] < 0 or counts["people_moved"] < 0 or (found or 0) + (moved or 0) > on_file:
        raise PeopleOutOfRange(path=("people_found",), limit=on_file)
    if not 0 <= counts["people_new"] <= NEW_PEOPLE_MAX:
        raise PeopleOutOfRange(path=("people_new",), limit=NEW_PEOPLE_MAX)
    return counts
