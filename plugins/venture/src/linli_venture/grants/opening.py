"""Opening a grant: the decision's amount is reserved on the money of the pool's sources, or nothing is awarded."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, Place, in_place, ledger, new_id, publish, rows
from linli_venture.calls.tables import Call
from linli_venture.grants.events import GrantAwarded
from linli_venture.grants.tables import Allocation, Grant
from linli_venture.money import accounts
from linli_venture.money.checked import amount
from linli_venture.money.errors import PoolExhausted
from linli_venture.money.pools import require_open
from linli_venture.money.tables import Pool
from linli_venture.proposals.eligibility import project_digest
from linli_venture.proposals.errors import FundedTwice
from linli_venture.proposals.tables import Proposal

_SOURCES: Final = """
select s.id, s.fund_account_id, a.available from venture_source s
join ledger_account a on a.tenant_id = $1 and a.id = s.fund_account_id
where s.tenant_id = $1 and s.pool_id = $2 and s.category = any($3::text[]) and a.available > 0
order by s.category = '', s.id limit 50"""
_FUNDED: Final = """
select 1 from venture_grant
where tenant_id = $1 and (project_digest = $2 or proposal_id = $3)
    and state not in ('declined', 'terminated') limit 1"""


async def award(ctx: Context, *, call: Call, proposal: Proposal, amount_fen: int, decision_id: UUID) -> Grant:
    """Make the grant of a decision, and reserve its amount: first what is restricted to its category, then the rest.

    Whoever calls has checked the actor's right to decide.
    Raises: AmountOutOfRange, PoolClosed, PoolExhausted, FundedTwice.
    """
    fen = amount(amount_fen, "amount_fen")
    pool = require_open(await in_place(ctx, Pool, call.pool_id, lock=True), "pool_id")
    key = project_digest(proposal.organisation_id, proposal.title)
    if await ctx.db.fetchval(_FUNDED, ctx.tenant_id, key, proposal.id):
        raise FundedTwice()
    shares = await _shares(ctx, pool, proposal.category, fen)
    grant_id, place = new_id(), Place(proposal.area_id, proposal.area_path)
    try:
        grant = await rows.insert(
            ctx,
            Grant,
            action="award",
            id=grant_id,
            area_id=place.area_id,
            area_path=place.area_path,
            call_id=call.id,
            pool_id=pool.id,
            proposal_id=proposal.id,
            decision_id=decision_id,
            organisation_id=proposal.organisation_id,
            title=proposal.title,
            category=proposal.category,
            project_digest=key,
            amount_fen=fen,
            own_fen=proposal.own_funds_fen,
            account_id=await accounts.grantee(ctx, grant_id, place),
            awarded_by=ctx.actor.id,
            awarded_at=ctx.now(),
        )
    except Duplicate as error:  # two calls, with a pool each, decided at the same moment
        raise FundedTwice() from error
    for number, (source_id, account_id, share) in enumerate(shares, start=1):
        await _reserve(ctx, grant, number, source_id, account_id, share)
    event = GrantAwarded(
        grant_id=grant.id,
        call_id=call.id,
        proposal_id=proposal.id,
        organisation_id=proposal.organisation_id,
        amount_fen=fen,
    )
    await publish(ctx, event)
    return grant


async def _shares(ctx: Context, pool: Pool, category: str, fen: int) -> Sequence[tuple[UUID, UUID, int]]:
    """Which source gives how much: its id, its account, and the amount. Raises: PoolExhausted."""
    found = await ctx.db.fetch(_SOURCES, ctx.tenant_id, pool.id, list({category, ""}))
    shares: list[tuple[UUID, UUID, int]] = []
    missing = fen
    for row in found:
        if missing:
            share = min(missing, row["available"])
            shares.append((row["id"], row["fund_account_id"], share))
            missing -= share
    if missing:
        raise PoolExhausted(path=("amount_fen",), left_fen=fen - missing)
    return shares


async def _reserve(
    ctx: Context, grant: Grant, number: int, source_id: UUID, account_id: UUID, share: int
) -> None:
    purpose = ledger.Purpose(
        kind="venture.grant_reserved",
        key=f"venture.grant:{grant.id}:reserved:{number}",
        source_table="venture_grant",
        source_id=grant.id,
    )
    held = await ledger.hold(ctx, account_id, share, purpose)
    await rows.insert(
        ctx,
        Allocation,
        action="reserve",
        area_id=grant.area_id,
        area_path=grant.area_path,
        grant_id=grant.id,
        source_id=source_id,
        hold_id=held.id,
        place=number,
        amount_fen=share,
    )
