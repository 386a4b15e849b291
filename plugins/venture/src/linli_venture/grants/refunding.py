"""Refunds: what an organisation gives back is recorded by one person and confirmed by another, who posts it.

What was confirmed by mistake is reversed by a third person, for a reason: the opposite entry stands in the ledger.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, checks, decision_facts, ledger, rows
from linli_venture.grants import allocations
from linli_venture.grants.access import PAY, belonging, decided, grant_for, part_for, require_state
from linli_venture.grants.errors import BasisTwice, RefundsOpen, RefundTooHigh
from linli_venture.grants.paying import held
from linli_venture.grants.states import REFUND
from linli_venture.grants.tables import Audit, Grant, Refund
from linli_venture.grants.terms import GrantState, RefundKind
from linli_venture.money.checked import amount

BASIS_MAX: Final = 100
_OPEN: Final = (GrantState.ACTIVE, GrantState.SUSPENDED, GrantState.FINAL, GrantState.TERMINATED)

_WAITING: Final = """
select count(*) as count, coalesce(sum(amount_fen), 0)::bigint as fen from venture_refund
where tenant_id = $1 and grant_id = $2 and state = 'recorded'"""


async def take_back(
    ctx: Context,
    grant_id: UUID,
    *,
    amount_fen: int,
    received_on: date,
    basis: str,
    expected_version: int | None = None,
) -> Refund:
    """Record money that the organisation gave back: unspent, or recovered when the grant was terminated.

    Somebody else confirms it. What comes back is not paid out again; after the audit, it is at most what was not
    accepted, and together with what waits at most what is held.
    Raises: NotFound, PermissionDenied, GrantNotActive, AmountOutOfRange, RefundTooHigh, FutureDate, Required, TooLong,
    BasisTwice, StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, PAY)
    require_state(grant, _OPEN)
    ended = grant.state == GrantState.TERMINATED
    fen = amount(amount_fen, "amount_fen")
    audit = None if ended else await rows.find_by(ctx, Audit, grant_id=grant.id)
    high = max(0, held(grant) - (audit.accepted_fen if audit else 0) - await waiting_fen(ctx, grant))
    if fen > high:
        raise RefundTooHigh(path=("amount_fen",), high_fen=high)
    await rows.update(ctx, grant, expected_version=expected_version)
    try:
        return await rows.insert(
            ctx,
            Refund,
            action="record",
            **belonging(grant),
            state=REFUND.initial,
            kind=RefundKind.RECOVERY if ended else RefundKind.UNSPENT,
            amount_fen=fen,
            received_on=checks.not_future(ctx, received_on, "received_on"),
            basis=checks.line(basis, "basis", BASIS_MAX),
            recorded_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise BasisTwice(path=("basis",)) from error


async def confirm(ctx: Context, refund_id: UUID, *, expected_version: int | None = None) -> Refund:
    """The money came in, says somebody who did not record it: it goes where it came from.

    Raises: NotFound, PermissionDenied, GrantNotActive, UndefinedTransition, OwnWork, StaleVersion.
    """
    refund, grant = await part_for(ctx, Refund, refund_id, PAY)
    require_state(grant, _OPEN)
    state = REFUND.apply(refund.state, "confirm", await decision_facts(ctx, refund))
    await allocations.give_back(ctx, grant, refund.id, refund.amount_fen)
    changed = await rows.update(
        ctx, grant, action="refund", refunded_fen=grant.refunded_fen + refund.amount_fen
    )
    if grant.state == GrantState.TERMINATED and not held(changed):
        await ledger.close(ctx, grant.account_id)
    return await decided(ctx, refund, "confirm", state, "", expected_version)


async def reject(
    ctx: Context, refund_id: UUID, *, reason: str, expected_version: int | None = None
) -> Refund:
    """The money did not come in, says somebody who did not record it; its voucher is free again.

    Raises: NotFound, PermissionDenied, GrantNotActive, Required, TooLong, UndefinedTransition, OwnWork, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    refund, grant = await part_for(ctx, Refund, refund_id, PAY)
    require_state(grant, _OPEN)
    state = REFUND.apply(refund.state, "reject", await decision_facts(ctx, refund))
    return await decided(ctx, refund, "reject", state, why, expected_version)


async def reverse(
    ctx: Context, refund_id: UUID, *, reason: str, expected_version: int | None = None
) -> Refund:
    """Take back what was confirmed by mistake; by a third person, and only what is still in its sources.

    Raises: NotFound, PermissionDenied, GrantNotActive, Required, TooLong, UndefinedTransition, OwnWork, SourceSpent,
    StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    refund, grant = await part_for(ctx, Refund, refund_id, PAY)
    require_state(grant, _OPEN)
    state = REFUND.apply(refund.state, "reverse", await decision_facts(ctx, refund))
    await allocations.take_again(ctx, grant, refund.id, "refund_reversed", why)
    await rows.update(
        ctx, grant, action="reverse_refund", refunded_fen=grant.refunded_fen - refund.amount_fen
    )
    return await undone(ctx, refund, "reverse", state, why, expected_version)


async def undone(
    ctx: Context, refund: Refund, action: str, state: str, reason: str, expected_version: int | None = None
) -> Refund:
    """Note that a refund does not count any more, and why. Raises: StaleVersion."""
    return await rows.update(
        ctx,
        refund,
        action=action,
        expected_version=expected_version,
        state=state,
        undone_by=ctx.actor.id,
        undone_at=ctx.now(),
        undone_reason=reason,
    )


async def waiting_fen(ctx: Context, grant: Grant) -> int:
    """What was given back of a grant and waits to be confirmed, in fen."""
    _count, fen = await _waiting(ctx, grant)
    return fen


async def require_none_waiting(ctx: Context, grant: Grant) -> None:
    """Go on only when nothing that was given back waits to be confirmed. Raises: RefundsOpen."""
    count, _fen = await _waiting(ctx, grant)
    if count:
        raise RefundsOpen(count=count)


async def _waiting(ctx: Context, grant: Grant) -> tuple[int, int]:
    [row] = await ctx.db.fetch(_WAITING, ctx.tenant_id, grant.id)
    return row["count"], row["fen"]
