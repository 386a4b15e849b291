"""Proposing a decision: what becomes of each ranked proposal, within the pool and in the order of the ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Facts, NotFound, Required, checks, rows, visible
from linli_venture.calls.states import CallState
from linli_venture.calls.tables import Call
from linli_venture.calls.terms import PROPOSALS_MAX
from linli_venture.checked import in_range
from linli_venture.decisions.errors import (
    AboveRequest,
    AwardsAbovePool,
    DecisionExists,
    NotRanked,
    OutcomeMissing,
    OutOfRank,
)
from linli_venture.decisions.states import DECISION, OutcomeKind
from linli_venture.decisions.tables import Decision, Outcome
from linli_venture.money.pools import available_for
from linli_venture.money.tables import Pool
from linli_venture.review.access import reviewed_call

READ: Final = "venture.decision.read"
WRITE: Final = "venture.decision.write"

_RANKED: Final = """
select p.id, p.number, p.grant_fen, dense_rank() over
    (order by f.rank nulls last, case when f.rank is null then r.rank end) as rank
from venture_proposal p
join venture_ranking r on r.tenant_id = $1 and r.proposal_id = p.id and r.stage = 'written'
left join venture_ranking f on f.tenant_id = $1 and f.proposal_id = p.id and f.stage = 'final'
where p.tenant_id = $1 and p.call_id = $2 and p.state in ('scored', 'shortlisted')
order by rank, p.number limit $3"""
_WANTED: Final = """
select p.category, sum(o.amount_fen)::bigint as fen,
    coalesce(sum(o.amount_fen) filter (where d.id = $3), 0)::bigint as own_fen
from venture_decision d
join venture_call c on c.tenant_id = $1 and c.id = d.call_id and c.pool_id = $2
join venture_outcome o on o.tenant_id = $1 and o.decision_id = d.id and o.kind = 'award'
join venture_proposal p on p.tenant_id = $1 and p.id = o.proposal_id
where d.tenant_id = $1 and (d.id = $3 or d.state = 'announced') group by p.category order by p.category limit $4"""
_PLACE: Final = {OutcomeKind.AWARD: 0, OutcomeKind.RESERVE: 1, OutcomeKind.REJECT: 2}


@dataclass(frozen=True, slots=True)
class OutcomeGiven:
    """What is to become of a proposal. Without an amount it is what was asked for; a rejection has a reason."""

    proposal_id: UUID
    kind: str
    amount_fen: int | None = None
    reason: str | None = ""


async def propose(
    ctx: Context, call_id: UUID, *, outcomes: Sequence[OutcomeGiven], order_reason: str | None = ""
) -> Decision:
    """Draft the decision on a call: one outcome for each ranked proposal. The reserve list is in the order given.

    Raises: NotFound, PermissionDenied, OwnCall, NotRanked, DecisionExists, OutcomeMissing, AboveRequest, OutOfRank,
    AwardsAbovePool, Required, TooLong, NumberOutOfRange, UnknownValue.
    """
    call = await reviewed_call(ctx, call_id, WRITE)
    if (
        call.state != CallState.REVIEWING
        or not call.ranked_at
        or (call.defence_percent and not call.defended_at)
    ):
        raise NotRanked()
    found = await ctx.db.fetch(_RANKED, ctx.tenant_id, call.id, PROPOSALS_MAX)
    ranked = {UUID(int=row["id"].int): row for row in found}
    values = _checked(ranked, outcomes)
    why = checks.optional_line(order_reason, "order_reason", checks.REASON_MAX)
    if not why:
        _check_order(ranked, values)
    total = sum(one["amount_fen"] for one in values if one["kind"] == OutcomeKind.AWARD)
    belongs = {"area_id": call.area_id, "area_path": call.area_path, "call_id": call.id}
    try:
        decision = await rows.insert(
            ctx,
            Decision,
            action="propose",
            **belongs,
            order_reason=why,
            awarded_fen=total,
            proposed_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise DecisionExists() from error
    for one in values:
        await rows.insert(ctx, Outcome, action="propose", **belongs, decision_id=decision.id, **one)
    await require_money(ctx, call, decision)
    return decision


async def discard(ctx: Context, decision_id: UUID, *, expected_version: int | None = None) -> Decision:
    """Give a draft up. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    decision = await visible(ctx, Decision, decision_id, READ)
    ctx.require(WRITE, decision.area_path)
    state = DECISION.apply(decision.state, "discard", Facts(actor_id=ctx.actor.id, subject=decision))
    return await rows.update(ctx, decision, action="discard", expected_version=expected_version, state=state)


async def require_money(ctx: Context, call: Call, decision: Decision) -> None:
    """Go on only when the call's pool has as much for these categories, besides awards of others under notice.

    Raises: AwardsAbovePool.
    """
    await rows.get(ctx, Pool, call.pool_id, lock=True)
    found = await ctx.db.fetch(_WANTED, ctx.tenant_id, call.pool_id, decision.id, PROPOSALS_MAX)
    wanted = {row["category"]: row["fen"] for row in found}
    others = sum(row["fen"] - row["own_fen"] for row in found)
    left = await available_for(ctx, call.pool_id, wanted)
    if left < sum(wanted.values()):
        raise AwardsAbovePool(
            path=("outcomes",), total_fen=decision.awarded_fen, left_fen=max(0, left - others)
        )


def _checked(ranked: Mapping[UUID, Any], given: Sequence[OutcomeGiven]) -> list[dict[str, Any]]:
    seen: set[UUID] = set()
    values: list[dict[str, Any]] = []
    reserves = 0
    for one in given[: PROPOSALS_MAX + 1]:
        row = ranked.get(one.proposal_id)
        if row is None:
            raise NotFound(path=("outcomes",), kind="venture_proposal")
        if one.proposal_id in seen:
            raise OutcomeMissing(path=("outcomes",), number=row["number"])
        seen.add(one.proposal_id)
        kind = checks.one_of(one.kind, list(OutcomeKind), "outcomes")
        reason = checks.optional_line(one.reason, "outcomes", checks.REASON_MAX)
        amount = 0
        if kind == OutcomeKind.REJECT:
            if not reason:
                raise Required(path=("outcomes",))
        else:
            amount = row["grant_fen"] if one.amount_fen is None else one.amount_fen
            if amount > row["grant_fen"]:
                raise AboveRequest(path=("outcomes",), number=row["number"], limit=row["grant_fen"])
            in_range(amount, 1, row["grant_fen"], "outcomes")
        reserves += kind == OutcomeKind.RESERVE
        place = reserves if kind == OutcomeKind.RESERVE else 0
        values.append(
            {
                "proposal_id": one.proposal_id,
                "kind": kind,
                "amount_fen": amount,
                "reserve_place": place,
                "reason": reason,
            }
        )
    for proposal_id, row in ranked.items():
        if proposal_id not in seen:
            raise OutcomeMissing(path=("outcomes",), number=row["number"])
    return values


def _check_order(ranked: Mapping[UUID, Any], values: Sequence[Mapping[str, Any]]) -> None:
    """Of two proposals the better ranked one fares as well or better, and stands before on the reserve list."""
    places = {one["proposal_id"]: (_PLACE[one["kind"]], one["reserve_place"]) for one in values}
    best: tuple[int, int] = (0, 0)
    rank = 0
    worst: tuple[int, int] = (0, 0)
    for proposal_id, row in ranked.items():
        if row["rank"] != rank:
            best, rank = worst, row["rank"]
        if places[proposal_id] < best:
            raise OutOfRank(path=("outcomes",), number=row["number"])
        worst = max(worst, places[proposal_id])
