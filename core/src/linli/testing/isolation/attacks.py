"""What a tenant may try on a table with plain SQL, as the API role: every try must come to nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final
from uuid import UUID

import asyncpg

from linli.db.database import Database
from linli.db.failures import BrokenReference, Duplicate
from linli.db.unit_of_work import UnitOfWork
from linli.errors import LinliError
from linli.ids import new_id
from linli.testing.isolation.shape import Table
from linli.testing.isolation.values import Row

if TYPE_CHECKING:
    from linli.testing.isolation.pair import Pair

REFUSED: Final = "42501"  # insufficient_privilege: no such right, or against the policy


class _Undo(Exception):
    """Ends a transaction that must leave nothing behind."""


@asynccontextmanager
async def undone(database: Database, tenant_id: UUID) -> AsyncIterator[UnitOfWork]:
    """A unit of work of a tenant that is always rolled back."""
    with suppress(_Undo):
        async with database.unit_of_work(tenant_id) as db:
            yield db
            raise _Undo


async def attempt(db: UnitOfWork, sql: str, *args: object) -> str:
    """What a statement comes to: PostgreSQL's tag, or what refused it; the transaction goes on."""
    try:
        async with db.savepoint():
            return await db.execute(sql, *args)
    except asyncpg.PostgresError as error:
        return str(error.sqlstate)
    except LinliError as error:
        return str(error)


async def attack_table(pair: Pair, table: Table) -> list[str]:
    """What tenant B can see, infer or change of tenant A in this table; nothing when all is well."""
    found: list[str] = []
    async with undone(pair.database, pair.b.tenant.id) as db:
        found += await _look(db, pair, table)
        found += await _change(db, pair, table)
        found += await _refer(db, pair, table)
    async with undone(pair.database, new_id()) as db:
        found += await _meet(db, pair, table)
    with suppress(_Undo):
        async with pair.database.owner() as db:
            found += await _hold(db, pair, table)
            raise _Undo
    return found


async def _look(db: UnitOfWork, pair: Pair, table: Table) -> list[str]:
    """B reads without naming a tenant, by A's tenant id, and by A's keys."""
    found = []
    tenants = {row["tenant_id"] for row in await db.fetch(f"select tenant_id from {table.name}")}
    if tenants != {pair.b.tenant.id}:
        found.append(f"a careless select gives rows of {tenants}")
    if await db.fetchval(f"select count(*) from {table.name} where tenant_id = $1", pair.a.tenant.id):
        found.append("rows are counted by the other's tenant id")
    for row in pair.a.rows[table.name].values():
        for column in table.key:
            if await db.fetchval(f"select count(*) from {table.name} where {column} = $1", row[column]):
                found.append(f"a row is found by the other's {column}")
    return found


async def _change(db: UnitOfWork, pair: Pair, table: Table) -> list[str]:
    """B inserts, updates and deletes rows of A, and gives its own rows to A."""
    found = []
    row = pair.a.rows[table.name][1]
    column = table.columns[-1].name
    tries = {
        "insert for the other": (await _insert(db, table, {**row, **_fresh(table)}), (REFUSED,)),
        "update of all the other's rows": (
            await attempt(
                db, f"update {table.name} set {column} = {column} where tenant_id = $1", pair.a.tenant.id
            ),
            (REFUSED, "UPDATE 0"),
        ),
        "delete of all the other's rows": (
            await attempt(db, f"delete from {table.name} where tenant_id = $1", pair.a.tenant.id),
            (REFUSED, "DELETE 0"),
        ),
        "gift of a row to the other": (
            await attempt(db, f"update {table.name} set tenant_id = $1", pair.a.tenant.id),
            (REFUSED,),
        ),
        "lock of the other's rows": (
            await attempt(
                db, f"select 1 from {table.name} where tenant_id = $1 for update", pair.a.tenant.id
            ),
            (REFUSED, "SELECT 0"),
        ),
        "truncate": (await attempt(db, f"truncate {table.name}"), (REFUSED,)),
        "copy into": (await attempt(db, f"copy {table.name} to '/dev/null'"), (REFUSED,)),
    }
    found += [f"{name}: {outcome}" for name, (outcome, allowed) in tries.items() if outcome not in allowed]
    for key in table.key:
        outcome = await attempt(db, f"delete from {table.name} where {key} = $1", row[key])
        if outcome not in (REFUSED, "DELETE 0"):
            found.append(f"delete by the other's {key}: {outcome}")
    return found


async def _refer(db: UnitOfWork, pair: Pair, table: Table) -> list[str]:
    """B refers to a row of A, and to one that does not exist: the two must be refused alike."""
    found = []
    own = pair.b.rows[table.name][1]
    for reference in table.references:
        target = pair.a.rows[reference.target][1]
        foreign = target.get("id", target["tenant_id"])
        answers = [
            (await _insert(db, table, {**own, **_fresh(table), reference.column: wanted}))
            + " / "
            + await _point(db, table, reference.column, wanted, {key: own[key] for key in table.key})
            for wanted in (foreign, new_id())
        ]
        if answers[0] != answers[1]:
            found.append(
                f"{reference.column}: the other's row gives {answers[0]}, a missing one {answers[1]}"
            )
        if "INSERT" in answers[0] or "UPDATE 1" in answers[0]:
            found.append(f"{reference.column} accepts the other's row")
    return found


async def _hold(db: UnitOfWork, pair: Pair, table: Table) -> list[str]:
    """The foreign keys themselves, shown to the owner, whom no right, policy or check stops."""
    found = []
    await db.execute("select app.bind($1)", pair.b.tenant.id)
    for check in table.checks:
        await db.execute(f"alter table {table.name} drop constraint {check.name}")
    for reference in table.references:
        if reference.target == "tenancy_tenant":  # the catalogue's own tree; see `catalogue.KNOWN`
            continue
        foreign = pair.a.rows[reference.target][1]["id"]
        own = {column: pair.b.rows[table.name][1][column] for column in table.key}
        outcome = await _point(db, table, reference.column, foreign, own)
        if outcome != f"{BrokenReference.code}(constraint={reference.name!r})":
            found.append(f"{reference.column}: {reference.name} lets the other's row pass: {outcome}")
    return found


async def _point(db: UnitOfWork, table: Table, column: str, wanted: object, key: Mapping[str, object]) -> str:
    """Let one row of the bound tenant refer to `wanted`."""
    where = " and ".join(["tenant_id = $2", *(f"{name} = ${i}" for i, name in enumerate(key, start=3))])
    sql = f"update {table.name} set {column} = $1 where {where}"
    tenant_id = await db.fetchval("select app.tenant()")
    return await attempt(db, sql, wanted, tenant_id, *key.values())


async def _meet(db: UnitOfWork, pair: Pair, table: Table) -> list[str]:
    """A tenant without rows writes copies of A's: no unique key may tell that A has them."""
    found = []
    for row in pair.a.rows[table.name].values():
        copy = {**row, "tenant_id": db.tenant_id}
        plain = await _insert(db, table, copy)
        silent = await _insert(db, table, copy, "on conflict do nothing")
        if plain.startswith(Duplicate.code):
            found.append(f"a copy of the other's row meets it: {plain}")
        if silent == "INSERT 0 0" and not plain.startswith("INSERT"):
            found.append("`on conflict do nothing` tells that the other has the row")
        if not (plain.startswith(("INSERT", BrokenReference.code)) or plain == REFUSED):
            found.append(f"a copy of the other's row is refused: {plain}")
    return found


def _fresh(table: Table) -> dict[str, object]:
    return {"id": new_id()} if "id" in table.key else {}


async def _insert(db: UnitOfWork, table: Table, row: Row, suffix: str = "") -> str:
    names = ", ".join(row)
    places = ", ".join(f"${i}" for i in range(1, len(row) + 1))
    return await attempt(db, f"insert into {table.name} ({names}) values ({places}) {suffix}", *row.values())
