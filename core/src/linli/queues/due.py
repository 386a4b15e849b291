"""Which tenants have due work: one bounded question, asked by the kernel role over all tenants."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.db.unit_of_work import UnitOfWork
from linli.errors import NotFound
from linli.tenancy.catalogue import Tenant, TenantState

if TYPE_CHECKING:
    from linli.runtime import Runtime

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


class DueTenants:
    """The tenants that have due rows of a table; whether the database is a cluster is asked once.

    `moment` is the column that says when a row is due.
    """

    def __init__(self, runtime: Runtime, table: str, moment: str) -> None:
        self._runtime = runtime
        self._table = table
        self._moment = moment
        self._distributed: bool | None = None

    async def ids(self) -> list[UUID]:
        """Their ids, as `due_tenants`."""
        async with self._runtime.database.kernel(read_only=True) as db:
            if self._distributed is None:
                self._distributed = await is_distributed(db)
            now = self._runtime.clock.now()
            return await due_tenants(db, self._table, self._moment, now, distributed=self._distributed)


async def active_tenant(runtime: Runtime, tenant_id: UUID) -> Tenant | None:
    """The tenant, when its work is done now; None for one that is gone or not active, whose rows wait."""
    try:
        tenant = await runtime.catalogue.by_id(tenant_id)
    except NotFound:
        return None
    return tenant if tenant.state is TenantState.ACTIVE else None


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
