"""Which tenants have due work: one bounded question, asked by the kernel role over all tenants."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from linli.db.unit_of_work import UnitOfWork

TENANTS_MAX: Final = 10_000
FIRST: Final = UUID(int=0)

# Hops from tenant to tenant on the partial index (tenant_id, moment), so that the cost grows with the
# number of tenants that have pending rows (about 10 µs each), not with the number of rows.
_HOPS = """
with recursive hop (tenant_id, due_at) as (
    (select tenant_id, {moment} from {table} where status = 'pending' and tenant_id > $1
     order by tenant_id, {moment} limit 1)
    union all
    select n.tenant_id, n.due_at from hop h cross join lateral (
        select d.tenant_id, d.{moment} as due_at from {table} d
        where d.status = 'pending' and d.tenant_id > h.tenant_id order by d.tenant_id, d.{moment} limit 1) n
)
select tenant_id from (select tenant_id, due_at from hop limit $3) known where due_at <= $2"""

# Citus refuses a recursive query over many shards; grouping by the distribution column is pushed down to
# them.
_GROUPS = """
select tenant_id from {table} where status = 'pending' and tenant_id > $1 and {moment} <= $2
group by tenant_id order by tenant_id limit $3"""


async def is_distributed(db: UnitOfWork) -> bool:
    """Whether the database is a Citus cluster."""
    return await db.fetchval("select 1 from pg_extension where extname = 'citus'") is not None


async def due_tenants(
    db: UnitOfWork, table: str, moment: str, now: datetime, *, after: UUID = FIRST, distributed: bool = False
) -> list[UUID]:
    """The tenants that have pending rows of `table` whose `moment` has come, in the order of their ids.

    Looks at up to 10,000 tenants whose ids come after `after`. `db` is a transaction of the kernel role.
    """
    sql = (_GROUPS if distributed else _HOPS).format(table=table, moment=moment)
    return [row["tenant_id"] for row in await db.fetch(sql, after, now, TENANTS_MAX)]
