"""The accounts of pools: what came in from which source or pool, what is reserved, was paid, and is left; public."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.plugin import Context
from linli_venture.money.terms import SourceKind

POOLS_MAX: Final = 100
SOURCES_MAX: Final = 5_000

_POOLS: Final = """
select id, title, year, state from venture_pool
where tenant_id = $1 and ($2::int is null or year = $2) and area_path ^@ any($3::text[])
order by year desc, title, id limit $4"""
_SOURCES: Final = """
select s.id, s.pool_id, s.kind, s.name, s.category, -i.available as received_fen, f.reserved as reserved_fen,
    f.available as left_fen,
    (select coalesce(sum(amount_fen), 0)::bigint from venture_carry_over
        where tenant_id = $1 and to_source_id = s.id and state = 'posted') as carried_in_fen,
    (select coalesce(sum(amount_fen), 0)::bigint from venture_carry_over
        where tenant_id = $1 and from_source_id = s.id and state = 'posted') as carried_out_fen
from venture_source s
join ledger_account i on i.tenant_id = $1 and i.id = s.given_account_id
join ledger_account f on f.tenant_id = $1 and f.id = s.fund_account_id
where s.tenant_id = $1 and s.pool_id = any($2) order by s.kind, s.name limit $3"""


@dataclass(frozen=True, slots=True)
class SourceAccount:
    """What came in for a source, and where it is now, in fen.

    What came in and was carried in is what was paid, is reserved, is left and was carried over into another pool.
    """

    source_id: UUID
    kind: SourceKind
    name: str
    category: str
    received_fen: int
    carried_in_fen: int
    carried_out_fen: int
    reserved_fen: int
    left_fen: int

    @property
    def paid_fen(self) -> int:
        """What organisations were paid of it and did not give back."""
        had = self.received_fen + self.carried_in_fen - self.carried_out_fen
        return had - self.reserved_fen - self.left_fen


@dataclass(frozen=True, slots=True)
class PoolAccount:
    """The sources of a pool; its amounts are the sums of theirs."""

    pool_id: UUID
    title: str
    year: int
    state: str
    sources: Sequence[SourceAccount]

    @property
    def received_fen(self) -> int:
        """What came in."""
        return sum(one.received_fen for one in self.sources)

    @property
    def carried_in_fen(self) -> int:
        """What was carried over from closed pools."""
        return sum(one.carried_in_fen for one in self.sources)

    @property
    def carried_out_fen(self) -> int:
        """What was carried over into other pools."""
        return sum(one.carried_out_fen for one in self.sources)

    @property
    def reserved_fen(self) -> int:
        """What grants hold and were not paid."""
        return sum(one.reserved_fen for one in self.sources)

    @property
    def paid_fen(self) -> int:
        """What organisations were paid and did not give back."""
        return sum(one.paid_fen for one in self.sources)

    @property
    def left_fen(self) -> int:
        """What can still be awarded."""
        return sum(one.left_fen for one in self.sources)


async def accounts(
    ctx: Context, *, year: int | None = None, scopes: Sequence[str] = ("",)
) -> Sequence[PoolAccount]:
    """The accounts of the pools of a year, or of the latest 100, that lie below one of these paths.

    Whoever calls has checked that the actor may know; the public may know all.
    """
    pools = await ctx.db.fetch(_POOLS, ctx.tenant_id, year, list(scopes), POOLS_MAX)
    ids = [row["id"] for row in pools]
    by_pool: dict[UUID, list[SourceAccount]] = {pool_id: [] for pool_id in ids}
    for row in await ctx.db.fetch(_SOURCES, ctx.tenant_id, ids, SOURCES_MAX):
        account = SourceAccount(
            row["id"],
            SourceKind(row["kind"]),
            row["name"],
            row["category"],
            row["received_fen"],
            row["carried_in_fen"],
            row["carried_out_fen"],
            row["reserved_fen"],
            row["left_fen"],
        )
        by_pool[row["pool_id"]].append(account)
    return [
        PoolAccount(row["id"], row["title"], row["year"], row["state"], by_pool[row["id"]]) for row in pools
    ]
