"""Moving a grant's money between the pool's sources and the organisation; called under the grant's lock.

Sources pay in the order in which they were reserved, restricted ones first, and get money back in the opposite order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.plugin import Context, ledger, rows
from linli_venture.grants.tables import Allocation, Grant
from linli_venture.money import accounts

_OF_GRANT: Final = """
select * from venture_allocation where tenant_id = $1 and grant_id = $2 order by place limit 50 for update"""
_REFUND: Final = "venture_refund"
_REFUNDED: Final = "grant_refunded"
_GIVEN_BACK: Final = """
select a.id, p.amount from ledger_posting p
join venture_source s on s.tenant_id = $1 and s.fund_account_id = p.account_id
join venture_allocation a on a.tenant_id = $1 and a.grant_id = $2 and a.source_id = s.id
where p.tenant_id = $1 and p.entry_id = $3 and p.amount > 0 order by a.place limit 50"""
_FUND: Final = "select fund_account_id from venture_source where tenant_id = $1 and id = $2"


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
            purpose = _purpose("grant_released", "venture_grant", grant.id, one.place, reason)
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
            fund_id: UUID = await ctx.db.fetchval(_FUND, ctx.tenant_id, one.source_id)
            lines.append(ledger.Line(fund_id, share))
            await rows.update(ctx, one, action="refund", refunded_fen=one.refunded_fen + share)
            left -= share
    assert left == 0, "refunded <= paid is checked before"
    await ledger.post(ctx, _purpose(_REFUNDED, _REFUND, refund_id, 0), lines)


async def take_again(ctx: Context, grant: Grant, refund_id: UUID, word: str, reason: str) -> None:
    """Put what an organisation had given back on its account again; `word` tells why in the entry.

    Raises: InsufficientBalance when it is not there any more.
    """
    entry = await rows.find_by(ctx, ledger.Entry, key=_purpose(_REFUNDED, _REFUND, refund_id, 0).key)
    assert entry is not None, "a refund that counts was posted"
    await ledger.reopen(ctx, grant.account_id)
    await ledger.reverse(ctx, entry.id, _purpose(word, _REFUND, refund_id, 0, reason))
    for row in await ctx.db.fetch(_GIVEN_BACK, ctx.tenant_id, grant.id, entry.id):
        one = await rows.get(ctx, Allocation, row["id"])
        await rows.update(ctx, one, action=word, refunded_fen=one.refunded_fen - row["amount"])


async def settle(ctx: Context, grant: Grant, fen: int, reason: str = "") -> None:
    """Take what was accounted for off the organisation's account."""
    if fen:
        lines = [ledger.Line(grant.account_id, -fen), ledger.Line(await accounts.settled(ctx), fen)]
        await ledger.post(ctx, _purpose("grant_settled", "venture_grant", grant.id, 0, reason), lines)


async def _of_grant(ctx: Context, grant: Grant) -> Sequence[Allocation]:
    found = await ctx.db.fetch(_OF_GRANT, ctx.tenant_id, grant.id)
    return [rows.from_record(Allocation, row) for row in found]


def _purpose(word: str, table: str, source_id: UUID, place: int, reason: str = "") -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"venture.{word}",
        key=f"{table.replace('_', '.', 1)}:{source_id}:{word}:{place}",
        reason=reason,
        source_table=table,
        source_id=source_id,
    )
