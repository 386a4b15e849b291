"""Looking at a tenant's rows from inside and from outside: what there is, and that nobody else sees it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.db.database import Database
from linli.db.tables import table_name
from linli.db.unit_of_work import UnitOfWork
from linli.errors import Conflict
from linli.ids import new_id
from linli.registry import Composition


class ProbeFailed(Conflict):
    """Another tenant could see rows of this one (`tables`); it stays closed. Our own fault, or a plugin's."""

    code = "tenancy.probe_failed"


def tenant_tables(composition: Composition) -> list[str]:
    """The names of all tables that hold a tenant's rows: the kernel's and those of every healthy plugin."""
    return sorted({table_name(table) for tables in composition.tables.values() for table in tables})


async def row_counts(db: UnitOfWork, tenant_id: UUID, tables: Sequence[str]) -> dict[str, int]:
    """How many rows each table has of the tenant, as the bound tenant sees them."""
    selects = [f"select '{table}' as name, count(*) from {table} where tenant_id = $1" for table in tables]
    rows = await db.fetch(" union all ".join(selects), tenant_id) if selects else []
    return {row["name"]: row["count"] for row in rows}


async def probe_isolation(database: Database, tenant_id: UUID, tables: Sequence[str]) -> None:
    """Ask for the tenant's rows while another tenant is bound.

    Raises: ProbeFailed naming the tables in which any was seen.
    """
    asked = [*tables, "tenancy_tenant"]
    async with database.unit_of_work(new_id(), read_only=True) as db:
        seen = await row_counts(db, tenant_id, asked)
    leaking = [name for name, count in seen.items() if count]
    if leaking:
        raise ProbeFailed(tables=", ".join(leaking))
