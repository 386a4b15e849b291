"""Undoing a termination: the grant stands where it stood, and so does its money; nothing is deleted.

What went back to the sources is set aside on them again, what was settled is on the organisation's account again, and
what was recovered of it is paid back. A bar that came with the termination is lifted.
"""

from __future__ import annotations

from typing import Final

from linli.plugin import Context, Duplicate, decision_facts, ledger, publish, rows
from linli_organisations.api import lift_bar
from linli_venture.grants import allocations
from linli_venture.grants.events import GrantReinstated
from linli_venture.grants.refunding import require_none_waiting, undone
from linli_venture.grants.states import GRANT, REFUND
from linli_venture.grants.tables import Grant, Refund, TerminationObjection
from linli_venture.grants.terms import GrantState, RefundKind, RefundState
from linli_venture.money.errors import PoolClosed
from linli_venture.money.tables import Pool
from linli_venture.money.terms import PoolState
from linli_venture.proposals.errors import FundedTwice

REFUNDS_MAX: Final = 1_000


async def reinstate(ctx: Context, grant: Grant, objection: TerminationObjection) -> Grant:
    """Put a terminated grant where it stood; `objection` is the one that was upheld, and says why.

    The sources that the money came from must have it: what was awarded to others meanwhile stays theirs.
    Raises: RefundsOpen, PoolClosed, SourceSpent, FundedTwice, OwnWork.
    """
    await require_none_waiting(ctx, grant)
    state = GRANT.apply(grant.state, f"reinstate_{stood(grant)}", await decision_facts(ctx, grant))
    pool = await rows.get(ctx, Pool, grant.pool_id, lock=True)
    if pool.state != PoolState.OPEN:
        raise PoolClosed()
    repaid = await _put_back(ctx, grant, objection)
    if grant.bar_id is not None:
        await lift_bar(ctx, grant.bar_id, reason=objection.decision_reason)
    try:
        changed = await rows.update(
            ctx,
            grant,
            action="reinstate",
            state=state,
            reinstated=grant.reinstated + 1,
            released_fen=0,
            settled_fen=0,
            recovery_fen=0,
            refunded_fen=grant.refunded_fen - repaid,
            ended_by=None,
            ended_on=None,
            end_reason="",
            end_rule="",
            object_until=None,
            bar_id=None,
        )
    except Duplicate as error:
        raise FundedTwice() from error
    event = GrantReinstated(grant_id=grant.id, organisation_id=grant.organisation_id, state=state)
    await publish(ctx, event)
    return changed


def stood(grant: Grant) -> GrantState:
    """Where a terminated grant stood before."""
    days = {
        GrantState.FINAL: grant.finished_on,
        GrantState.SUSPENDED: grant.suspended_on,
        GrantState.ACTIVE: grant.started_on,
        GrantState.SIGNED: grant.signed_on,
    }
    return next(state for state, day in days.items() if day is not None)


async def _put_back(ctx: Context, grant: Grant, objection: TerminationObjection) -> int:
    """Undo in the ledger what the termination did; gives what was recovered and is paid back, in fen.

    The sources' accounts come before the one of what was settled, as where a grant ends: nobody waits in a circle.
    """
    why = str(objection.decision_reason)
    await ledger.reopen(ctx, grant.account_id)
    refunds = await rows.find_all(
        ctx,
        Refund,
        limit=REFUNDS_MAX,
        grant_id=grant.id,
        kind=RefundKind.RECOVERY,
        state=RefundState.CONFIRMED,
    )
    for refund in refunds:
        state = REFUND.apply(refund.state, "repay", await decision_facts(ctx, refund))
        await allocations.take_again(ctx, grant, refund.id, "refund_repaid", why)
        await undone(ctx, refund, "repay", state, why)
    await allocations.reserve_again(ctx, grant, objection.id, why)
    await allocations.unsettle(ctx, grant, objection.id, why)
    return sum(refund.amount_fen for refund in refunds)
