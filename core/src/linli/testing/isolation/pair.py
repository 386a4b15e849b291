"""Two tenants with equal-looking rows in every table: same values, other ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.ids import new_id
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.isolation.shape import Table, read_tables
from linli.testing.isolation.values import NoRowFits, Row, row_for

VARIANTS: Final = (1, 2)


@dataclass(frozen=True, slots=True)
class Place:
    """An area of a seeded tenant, and the variant of the rows that lie in it."""

    variant: int
    id: UUID
    path: str


@dataclass(slots=True)
class Seeded:
    """A tenant with a row of each variant in every table: `rows[table][variant]`."""

    tenant: Tenant
    rows: dict[str, dict[int, Row]] = field(default_factory=dict)

    def place(self, variant: int) -> Place:
        """The area in which the rows of a variant lie."""
        row = self.rows["areas_area"][variant]
        return Place(variant, UUID(str(row["id"])), str(row["path"]))

    def id_in(self, table: str, variant: int = 1) -> UUID | None:
        """The id of a seeded row, or None for a table without such a row."""
        found = self.rows.get(table, {}).get(variant, {}).get("id")
        return found if isinstance(found, UUID) else None


@dataclass(slots=True)
class Pair:
    """Tenants `a` and `b`, the tables, and the database and plugins that hold them."""

    bench: Bench
    tables: Mapping[str, Table]
    a: Seeded
    b: Seeded

    @property
    def database(self) -> Database:
        """The database that holds the two."""
        return self.bench.database

    @property
    def composition(self) -> Composition:
        """All plugins; both tenants have them switched on."""
        return self.bench.composition

    async def fingerprint(self, seeded: Seeded) -> dict[str, str]:
        """A hash of all rows of a tenant, for each table; equal before and after when nothing was changed."""
        async with self.database.owner() as db:
            await db.execute("select app.bind($1)", seeded.tenant.id)
            return {
                name: await db.fetchval(
                    f"select md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from {name} t"
                    " where tenant_id = $1",
                    seeded.tenant.id,
                )
                for name in self.tables
            }

    async def attack(self, names: Sequence[str] | None = None) -> list[str]:
        """What tenant B can see, infer or change of tenant A in all tables, or those with these names."""
        from linli.testing.isolation.attacks import attack_table

        found: list[str] = []
        for name in self.tables if names is None else names:
            found += [f"{name}: {line}" for line in await attack_table(self, self.tables[name])]
        return found


async def make_pair(bench: Bench, *, values: Mapping[str, Mapping[str, object]] | None = None) -> Pair:
    """Make two tenants with all plugins switched on, and fill every table for both.

    `values` gives, by table and column, what the table's checks do not tell. Raises: NoRowFits.
    """
    async with bench.database.owner() as db:
        tables = await read_tables(db)
    seeded = [Seeded(await bench.tenant()) for _ in range(2)]
    for one in seeded:
        async with bench.database.owner() as db:
            await db.execute("select app.bind($1)", one.tenant.id)
            for table in tables.values():
                for variant in VARIANTS:
                    await _seed(db, table, one, variant, (values or {}).get(table.name, {}))
    return Pair(bench, tables, *seeded)


async def _seed(
    db: UnitOfWork, table: Table, seeded: Seeded, variant: int, values: Mapping[str, object]
) -> None:
    """Write one row; a second variant is left out where the table holds one row for each tenant."""
    if table.key == ():
        row = await db.fetchrow(f"select * from {table.name} where tenant_id = $1", seeded.tenant.id)
        if row is not None:
            seeded.rows[table.name] = {1: dict(row)}
            return
    given = {**_given(table, seeded, variant), **{name: [value] for name, value in values.items()}}
    row_values = await row_for(db, table, variant, given)
    names = ", ".join(row_values)
    places = ", ".join(f"${i}" for i in range(1, len(row_values) + 1))
    sql = f"insert into {table.name} ({names}) values ({places}) on conflict do nothing returning tenant_id"
    written = await db.fetchval(sql, *row_values.values())
    if not written and variant == 1:
        raise NoRowFits(f"{table.name}: the first row met another")
    if written:
        seeded.rows.setdefault(table.name, {})[variant] = row_values


def _given(table: Table, seeded: Seeded, variant: int) -> dict[str, list[object]]:
    """The tenant, a new id, the path of the area, and for references the rows of the same variant first."""
    given: dict[str, list[object]] = {"tenant_id": [seeded.tenant.id], "version": [1]}
    names = {column.name: column for column in table.columns}
    if "id" in names:
        given["id"] = [new_id()]
    for reference in table.references:
        targets = seeded.rows.get(reference.target, {}) if reference.target != table.name else {}
        in_order = sorted(targets, key=lambda one: (one != variant, one))
        found: list[object] = [targets[one]["id"] for one in in_order]
        given[reference.column] = [*found, None] if names[reference.column].nullable else found
    if "area_path" in names and "area_id" in names:
        given["area_path"] = [seeded.place(variant).path]
    return given
