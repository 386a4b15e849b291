"""The tables of tenants as PostgreSQL's catalogue tells of them, each after those that it refers to."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from linli.db.unit_of_work import UnitOfWork

_LITERAL: Final = re.compile(r"(?<!~ )'((?:[^']|'')*)'::text")
_NUMBER: Final = re.compile(r"(?<![\w'])(\d{1,6})(?![\w'])")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a row is written with."""

    name: str
    type: str
    nullable: bool


@dataclass(frozen=True, slots=True)
class Check:
    """A check constraint: its expression, the columns in it, and the texts and numbers that it names."""

    name: str
    expression: str
    columns: tuple[str, ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The texts written out in it, without patterns."""
        return tuple(text.replace("''", "'") for text in _LITERAL.findall(self.expression))

    @property
    def numbers(self) -> tuple[int, ...]:
        """The whole numbers written out in it."""
        return tuple(int(digits) for digits in _NUMBER.findall(self.expression))


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key: `(tenant_id, column)` refers to a row of `target`."""

    name: str
    column: str
    target: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of tenants. `key` are the columns of its primary key without `tenant_id`."""

    name: str
    columns: tuple[Column, ...]
    checks: tuple[Check, ...]
    references: tuple[Reference, ...]
    key: tuple[str, ...]

    def reference(self, column: str) -> Reference | None:
        """The foreign key of a column, if it has one."""
        return next((one for one in self.references if one.column == column), None)


async def read_tables(db: UnitOfWork) -> Mapping[str, Table]:
    """All tables in schema public by name, each after those that it must refer to."""
    columns: dict[str, list[Column]] = {}
    for row in await db.fetch(_COLUMNS):
        made = Column(row["name"], row["type"], row["nullable"])
        columns.setdefault(row["table_name"], []).append(made)
    checks: dict[str, list[Check]] = {}
    references: dict[str, list[Reference]] = {}
    for row in await db.fetch(_CONSTRAINTS):
        if row["kind"] == "c":
            check = Check(row["name"], row["expression"], tuple(row["columns"]))
            checks.setdefault(row["table_name"], []).append(check)
        elif row["columns"][-1] != "tenant_id":
            reference = Reference(row["name"], row["columns"][-1], row["target"])
            references.setdefault(row["table_name"], []).append(reference)
    keys = {row["table_name"]: tuple(row["columns"][1:]) for row in await db.fetch(_KEYS)}
    made_tables = [
        Table(
            name,
            tuple(found),
            tuple(checks.get(name, ())),
            tuple(references.get(name, ())),
            keys.get(name, ()),
        )
        for name, found in columns.items()
    ]
    return {table.name: table for table in _ordered(made_tables)}


def _ordered(tables: Sequence[Table]) -> list[Table]:
    """Tables after those that their references need; a circle is broken at references that may be null."""
    placed: list[Table] = []
    names: set[str] = set()
    rest = list(tables)
    while rest:
        ready = [table for table in rest if _needs(table, strict=True) <= names]
        ready = ready or [table for table in rest if _needs(table, strict=False) <= names][:1]
        if not ready:
            raise ValueError(f"tables that need each other: {[table.name for table in rest]}")
        placed += ready
        names |= {table.name for table in ready}
        rest = [table for table in rest if table.name not in names]
    return placed


def _needs(table: Table, *, strict: bool) -> set[str]:
    nullable = {column.name for column in table.columns if column.nullable}
    wanted = (one for one in table.references if strict or one.column not in nullable)
    return {one.target for one in wanted if one.target != table.name}


_COLUMNS: Final = """
select c.relname as table_name, a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as nullable
from pg_class c join pg_attribute a on a.attrelid = c.oid
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
and a.attgenerated = '' and a.attidentity = '' order by c.relname, a.attnum"""

_CONSTRAINTS: Final = """
select t.relname as table_name, c.conname as name, c.contype::text as kind,
    pg_get_expr(c.conbin, c.conrelid) as expression, coalesce(f.relname, '') as target,
    array(select a.attname::text from unnest(c.conkey) with ordinality k(number, place)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.place) as columns
from pg_constraint c join pg_class t on t.oid = c.conrelid left join pg_class f on f.oid = c.confrelid
where t.relnamespace = 'public'::regnamespace and c.contype in ('c', 'f') order by t.relname, c.conname"""

_KEYS: Final = """
select t.relname as table_name, array(select a.attname::text from unnest(c.conkey) with ordinality k(number, place)
    join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.number order by k.place) as columns
from pg_constraint c join pg_class t on t.oid = c.conrelid
where t.relnamespace = 'public'::regnamespace and c.contype = 'p'"""
