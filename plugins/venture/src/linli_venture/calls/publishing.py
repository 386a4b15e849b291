"""Calls from their publication to their closing. The rules stand in a version that is never changed.

A call is open from the first moment of `opens_at` to `closes_at` itself; a second later is late.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, changeable, decision_facts, publish, rows
from linli_venture.calls import seeds, terms
from linli_venture.calls.drafting import GUIDE_MAX, KIND, open_pool, sheet_of
from linli_venture.calls.errors import (
    AmendedTooLate,
    ClosingMovedForward,
    NothingAmended,
    OpensInThePast,
    StillOpen,
)
from linli_venture.calls.events import CallPublished
from linli_venture.calls.states import CALL, CallState
from linli_venture.calls.tables import Call, CallVersion
from linli_venture.calls.terms import CriterionGiven
from linli_venture.checked import local, moment, prose
from linli_venture.proposals.applicants import tell_applicants

PUBLISH: Final = "venture.call.publish"
BATCH_MAX: Final = 100

_NUMBERED: Final = "select count(*) from venture_call where tenant_id = $1 and number like $2"
_DUE: Final = """
select id from venture_call where tenant_id = $1 and state = 'published' and closes_at < $2
order by closes_at, id limit $3"""


async def publish_call(ctx: Context, call_id: UUID, *, expected_version: int | None = None) -> Call:
    """Publish a draft on which only others wrote: its rules are frozen, its draw's seed is committed to.

    Raises: NotFound, PermissionDenied, OwnWork, OpensInThePast, PoolClosed, UndefinedTransition, StaleVersion.
    """
    call = await changeable(ctx, Call, call_id, KIND)
    ctx.require(PUBLISH, call.area_path)
    state = CALL.apply(call.state, "publish", await decision_facts(ctx, call))
    if call.opens_at < ctx.now():
        raise OpensInThePast(path=("opens_at",))
    await open_pool(ctx, call.pool_id)
    commitment = await seeds.commit(ctx, call)
    call = await rows.update(
        ctx,
        call,
        action="publish",
        expected_version=expected_version,
        state=state,
        number=await _next_number(ctx),
        rules_version=1,
        published_by=ctx.actor.id,
        published_at=ctx.now(),
        seed_commitment=commitment,
    )
    await _freeze(ctx, call, "")
    await publish(ctx, CallPublished(call_id=call.id, area_id=call.area_id))
    return call


async def amend(
    ctx: Context,
    call_id: UUID,
    *,
    note: str,
    closes_at: datetime | None = None,
    guide: str | None = None,
    expected_version: int | None = None,
) -> Call:
    """Put the closing off, or word the guide anew: a further version, of which every applicant is told.

    Raises: NotFound, PermissionDenied, NothingAmended, ClosingMovedForward, AmendedTooLate, NaiveMoment, Required,
    TooLong, UndefinedTransition, StaleVersion.
    """
    call = await changeable(ctx, Call, call_id, KIND)
    ctx.require(PUBLISH, call.area_path)
    CALL.apply(call.state, "amend", Facts(actor_id=ctx.actor.id, subject=call))
    said = prose(note, "note", needed=True)
    changes: dict[str, object] = {}
    if guide is not None:
        changes["guide"] = prose(guide, "guide", GUIDE_MAX)
    if closes_at is not None:
        changes["closes_at"] = moment(closes_at, "closes_at")
        if changes["closes_at"] <= call.closes_at:  # type: ignore[operator]
            raise ClosingMovedForward(path=("closes_at",))
    if not changes:
        raise NothingAmended(path=("note",))
    if ctx.now() > call.closes_at:
        raise AmendedTooLate()
    number = call.rules_version + 1
    call = await rows.update(
        ctx, call, action="amend", expected_version=expected_version, rules_version=number, **changes
    )
    await _freeze(ctx, call, said)
    await tell_applicants(ctx, call, "venture.call_amended", key=f"{call.id}/{number}")
    return call


async def close(ctx: Context, call_id: UUID, *, expected_version: int | None = None) -> Call:
    """Close a call whose time is over; the clock does this too.

    Raises: NotFound, PermissionDenied, StillOpen, UndefinedTransition, StaleVersion.
    """
    call = await changeable(ctx, Call, call_id, KIND)
    state = CALL.apply(call.state, "close", Facts(actor_id=ctx.actor.id, subject=call))
    if ctx.now() <= call.closes_at:
        raise StillOpen(closes_at=local(ctx, call.closes_at))
    return await rows.update(
        ctx, call, action="close", expected_version=expected_version, state=state, closed_at=ctx.now()
    )


async def close_due(ctx: Context) -> int:
    """Close what is due, at most 100; gives how many there were."""
    due = await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.now(), BATCH_MAX)
    for row in due:
        await close(ctx, row["id"])
    return len(due)


def is_open(ctx: Context, call: Call) -> bool:
    """Whether proposals are taken in at this moment."""
    return bool(call.state == CallState.PUBLISHED and call.opens_at <= ctx.now() <= call.closes_at)


async def _freeze(ctx: Context, call: Call, note: str) -> None:
    lines = [CriterionGiven(one.key, one.title, one.weight) for one in await sheet_of(ctx, call.id)]
    rules = terms.rules_of(call, lines)
    await rows.insert(
        ctx,
        CallVersion,
        action="freeze",
        area_id=call.area_id,
        area_path=call.area_path,
        call_id=call.id,
        number=call.rules_version,
        rules=rules,
        digest=terms.digest_of(rules),
        note=note,
        made_by=ctx.actor.id,
        made_at=ctx.now(),
    )


async def _next_number(ctx: Context) -> str:
    year = ctx.today().year
    await ctx.db.take_turns(f"venture.call/{year}")
    count: int = await ctx.db.fetchval(_NUMBERED, ctx.tenant_id, f"{year}-%")
    return f"{year}-{count + 1}"
