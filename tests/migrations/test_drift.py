"""The tables that the code declares are the tables that the migrations make."""

from __future__ import annotations

import pytest
from piccolo.columns import (
    JSON,
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Bytea,
    Column,
    Date,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)

from linli.db.database import Database
from linli.db.encryption import BlindIndex, EncryptedBytes, EncryptedText
from linli.db.migrations import KERNEL_MIGRATIONS, migrate, pending
from linli.registry import Composition
from linli.testing.pytest_plugin import SECRET_KEY

TYPES: dict[type[Column], str] = {
    Array: "ARRAY",
    BigInt: "bigint",
    BlindIndex: "bytea",
    Boolean: "boolean",
    Bytea: "bytea",
    Date: "date",
    EncryptedBytes: "bytea",
    EncryptedText: "bytea",
    Integer: "integer",
    JSON: "json",
    JSONB: "jsonb",
    SmallInt: "smallint",
    Text: "text",
    Timestamptz: "timestamp with time zone",
    UUID: "uuid",
    Varchar: "text",
}

COLUMNS = """
select table_name, column_name, data_type, is_nullable = 'YES' as nullable
from information_schema.columns where table_schema = 'public'"""
# The catalogue is read by one statement of the kernel's own, not through a table class.
WITHOUT_CLASS = {"tenancy_tenant", "graphql_idempotency"}


def declared(composition: Composition) -> dict[str, dict[str, tuple[str, bool]]]:
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    for tables in composition.tables.values():
        for table in tables:
            found[table._meta.tablename] = {
                column._meta.db_column_name: (TYPES[type(column)], column._meta.null)
                for column in table._meta.columns
            }
    return found


@pytest.fixture
async def stored(database: Database) -> dict[str, dict[str, tuple[str, bool]]]:
    found: dict[str, dict[str, tuple[str, bool]]] = {}
    async with database.owner() as db:
        for row in await db.fetch(COLUMNS):
            found.setdefault(row["table_name"], {})[row["column_name"]] = (row["data_type"], row["nullable"])
    return found


def test_every_declared_column_is_stored_with_its_type(
    composition: Composition, stored: dict[str, dict[str, tuple[str, bool]]]
) -> None:
    differences = [
        f"{table}.{name}: declared {facts}, stored {stored.get(table, {}).get(name)}"
        for table, columns in declared(composition).items()
        for name, facts in columns.items()
        if stored.get(table, {}).get(name) != facts
    ]
    assert differences == []


def test_every_stored_table_and_column_is_declared(
    composition: Composition, stored: dict[str, dict[str, tuple[str, bool]]]
) -> None:
    known = declared(composition)
    unknown = [
        f"{table}.{name}"
        for table, columns in stored.items()
        for name in columns
        if table not in WITHOUT_CLASS and name not in known.get(table, {})
    ]
    assert unknown == []


async def test_nothing_is_pending_and_a_second_run_changes_nothing(
    database: Database, composition: Composition
) -> None:
    sets = [*KERNEL_MIGRATIONS, *composition.migration_sets]
    async with database.owner() as db:
        assert await pending(db._connection, sets) == []
    assert await migrate(database.owner_url, sets, secret_key=SECRET_KEY) == 0
