"""Moving a grant's money between the pool's sources and the organisation; called under the grant's lock.

Sources pay in the order in which they were reserved, restricted ones first, and get money back in the opposite order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.plugin import Context, ledger, rows
from linli_venture.grants.errors import SourceSpent
from linli_venture.grants.tables import Allocation, Grant
from linli_venture.money import accounts

_OF_GRANT: Final = """
select * from venture_allocation where tenant_id = $1 and grant_id = $2 order by place limit 50 for update"""
_GRANT: Final = "venture_grant"
_REFUND: Final = "venture_refund"
_OBJECTION: Final = "venture_termination_objection"
_REFUNDED: Final = "grant_refunded"
_GIVEN_BACK: Final = """
select a.id, a.source_id, p.amount from ledger_posting p
join venture_source s on s.tenant_id = $1 and s.fund_account_id = p.account_id
join venture_allocation a on a.tenant_id = $1 and a.grant_id = $2 and a.source_id = s.id
where p.tenant_id = $1 and p.entry_id = $3 and p.amount > 0 order by a.place limit 50"""
_FUND: Final = """
select s.name, s.fund_account_id, f.available from venture_source s
join ledger_account f on f.tenant_id = $1 and f.id = s.fund_account_id
where s.tenant_id = $1 and s.id = $2"""


async def pay(ctx: Context, grant: Grant, payment_id: UUID, fen: int) -> None:
    """Commit so much of what is reserved for a grant; there must be as much left."""
    left = fen
    for one in await _of_grant(ctx, grant):
        share = min(left, one.amount_fen - one.paid_fen - one.released_fen)
        if share:
            purpose = _purpose("tranche_paid", "venture_payment", payment_id, one.place)
            await ledger.commit(ctx, one.hold_id, grant.account_id, purpose, amount=share)
            await rows.update(ctx, one, action="pay", paid_fen=one.paid_fen + share)
            left -= share
    assert left == 0, "paid <= grant is checked before"


async def release_all(ctx: Context, grant: Grant, reason: str = "") -> int:
    """Give back to the sources what is reserved for a grant and was not paid; gives how much, in fen."""
    total = 0
    for one in await _of_grant(ctx, grant):
        share = one.amount_fen - one.paid_fen - one.released_fen
        if share:
            purpose = _purpose("grant_released", _GRANT, grant.id, one.place, reason, _time(grant))
            await ledger.release(ctx, one.hold_id, purpose, amount=share)
            await rows.update(ctx, one, action="release", released_fen=one.released_fen + share)
            total += share
    return total


async def give_back(ctx: Context, grant: Grant, refund_id: UUID, fen: int) -> None:
    """Put what an organisation gave back where it came from."""
    left = fen
    lines = [ledger.Line(grant.account_id, -fen)]
    for one in reversed(await _of_grant(ctx, grant)):
        share = min(left, one.paid_fen - one.refunded_fen)
        if share:
            lines.append(ledger.Line(await _fund(ctx, one.source_id), share))
            await rows.update(ctx, one, action="refund", refunded_fen=one.refunded_fen + share)
            left -= share
    assert left == 0, "refunded <= paid is checked before"
    await ledger.post(ctx, _purpose(_REFUNDED, _REFUND, refund_id, 0), lines)


async def take_again(ctx: Context, grant: Grant, refund_id: UUID, word: str, reason: str) -> None:
    """Put what an organisation had given back on its account again; `word` tells why in the entry.

    Raises: SourceSpent.
    """
    entry = await rows.find_by(ctx, ledger.Entry, key=_purpose(_REFUNDED, _REFUND, refund_id, 0).key)
    assert entry is not None, "a refund that counts was posted"
    shares = await ctx.db.fetch(_GIVEN_BACK, ctx.tenant_id, grant.id, entry.id)
    for row in shares:
        await _fund(ctx, row["source_id"], row["amount"])
    await ledger.reopen(ctx, grant.account_id)
    await ledger.reverse(ctx, entry.id, _purpose(word, _REFUND, refund_id, 0, reason))
    for row in shares:
        one = await rows.get(ctx, Allocation, row["id"])
        await rows.update(ctx, one, action=word, refunded_fen=one.refunded_fen - row["amount"])


async def reserve_again(ctx: Context, grant: Grant, objection_id: UUID, reason: str) -> None:
    """Set aside again, on the sources it came from, what went back when a grant was terminated. Raises: SourceSpent."""
    for one in await _of_grant(ctx, grant):
        if one.released_fen:
            fund_id = await _fund(ctx, one.source_id, one.released_fen)
            purpose = _purpose("grant_reserved", _OBJECTION, objection_id, one.place, reason)
            made = await ledger.hold(ctx, fund_id, one.released_fen, purpose)
            await rows.update(ctx, one, action="reserve", hold_id=made.id, released_fen=0)


async def settle(ctx: Context, grant: Grant, fen: int, reason: str = "") -> None:
    """Take what was accounted for off the organisation's account."""
    if fen:
        lines = [ledger.Line(grant.account_id, -fen), ledger.Line(await accounts.settled(ctx), fen)]
        await ledger.post(ctx, _settlement(grant, reason), lines)


async def unsettle(ctx: Context, grant: Grant, objection_id: UUID, reason: str) -> None:
    """Put what was accounted for when a grant was terminated on the organisation's account again, which is open."""
    if grant.settled_fen:
        entry = await rows.find_by(ctx, ledger.Entry, key=_settlement(grant).key)
        assert entry is not None, "what counts as settled was posted"
        await ledger.reverse(ctx, entry.id, _purpose("grant_unsettled", _OBJECTION, objection_id, 0, reason))


async def _of_grant(ctx: Context, grant: Grant) -> Sequence[Allocation]:
    found = await ctx.db.fetch(_OF_GRANT, ctx.tenant_id, grant.id)
    return [rows.from_record(Allocation, row) for row in found]


async def _fund(ctx: Context, source_id: UUID, fen: int = 0) -> UUID:
    """The account with a source's money, of which so much must be available. Raises: SourceSpent."""
    row = await ctx.db.fetchrow(_FUND, ctx.tenant_id, source_id)
    assert row is not None
    if row["available"] < fen:
        raise SourceSpent(source=row["name"], missing_fen=fen - row["available"])
    return UUID(int=row["fund_account_id"].int)


def _settlement(grant: Grant, reason: str = "") -> ledger.Purpose:
    return _purpose("grant_settled", _GRANT, grant.id, 0, reason, _time(grant))


def _time(grant: Grant) -> str:
    """What tells the keys of a grant's endings apart, when one of them was undone."""
    return f":{grant.reinstated}" if grant.reinstated else ""


def _purpose(
    word: str, table: str, source_id: UUID, place: int, reason: str = "", time: str = ""
) -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"venture.{word}",
        key=f"{table.replace('_', '.', 1)}:{source_id}:{word}:{place}{time}",
        reason=reason,
        source_table=table,
        source_id=source_id,
    )
