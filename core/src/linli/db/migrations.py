"""The migration runner: one advisory lock, a lock time-out, the bookkeeping row in the migration's own transaction."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import ModuleType

import asyncpg

from linli.db.ddl import Migration
from linli.db.roles import RuntimeRoles, create_roles, quoted
from linli.errors import Conflict

_LOCK_KEY = 0x6C696E6C69  # "linli"
_BOOTSTRAP = (
    "create schema if not exists app",
    "create or replace function app.tenant() returns uuid language sql stable parallel safe"
    " as $$ select nullif(current_setting('app.tenant_id', true), '')::uuid $$",
    """create or replace function app.bind(tenant uuid) returns uuid language plpgsql volatile as $$
    begin
        if app.tenant() <> tenant then
            raise exception 'another tenant is bound to this transaction' using errcode = '42501';
        end if;
        execute format('set local app.tenant_id = %L', tenant);
        return tenant;
    end $$""",
    "create table if not exists app.migration (app text not null, name text not null,"
    " applied_at timestamptz not null default now(), primary key (app, name))",
)


class ServerTooOld(Conflict):
    """The PostgreSQL server is older than 15 (`version`)."""

    code = "db.server_too_old"


class MigrationFailed(Conflict):
    """A statement of a migration failed, and the migration is undone (`app`, `name`, `reason`, `statement`)."""

    code = "db.migration_failed"


@dataclass(frozen=True, slots=True)
class MigrationSet:
    """The migrations of one part of the kernel or of one plugin.

    `app` names them in the bookkeeping table, `package` is the dotted name of the `migrations` package, `prefix`
    is what all its tables' names start with.
    """

    app: str
    package: str
    prefix: str


KERNEL_MIGRATIONS: tuple[MigrationSet, ...] = tuple(
    MigrationSet(app=part, package=f"linli.{part}.migrations", prefix=f"{part}_")
    for part in (
        "tenancy",
        "areas",
        "identity",
        "audit",
        "events",
        "jobs",
        "ledger",
        "transfer",
        "privacy",
        "handover",
        "documents",
        "files",
        "notifications",
    )
)


def steps(migrations: MigrationSet) -> Iterator[tuple[str, ModuleType]]:
    """The modules of a set in the order of their numbers; nothing for a set without a package."""
    try:
        package = importlib.import_module(migrations.package)
    except ModuleNotFoundError as error:
        if error.name == migrations.package:
            return
        raise
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    for name in names:
        if name.startswith("m"):
            yield name, importlib.import_module(f"{migrations.package}.{name}")


async def migrate(
    url: str,
    sets: Sequence[MigrationSet],
    *,
    secret_key: str,
    progress: Callable[[str], None] = lambda _line: None,
) -> int:
    """Bring the database up to date; gives the number of migrations that were applied.

    `url` is the owner's. Safe to run from several processes at once: the second waits (at most 5 minutes).
    """
    connection = await asyncpg.connect(url)
    try:
        major = connection.get_server_version().major
        if major < 15:
            raise ServerTooOld(version=major)
        await connection.execute("set lock_timeout = '5min'")
        await connection.execute("select pg_advisory_lock($1)", _LOCK_KEY)
        await connection.execute("set lock_timeout = '10s'")
        return await _migrate_locked(connection, sets, secret_key, progress)
    finally:
        await connection.close()


async def _migrate_locked(
    connection: asyncpg.Connection[asyncpg.Record],
    sets: Sequence[MigrationSet],
    secret_key: str,
    progress: Callable[[str], None],
) -> int:
    database = await connection.fetchval("select current_database()")
    roles = RuntimeRoles.of(database, secret_key)
    async with connection.transaction():
        for statement in _BOOTSTRAP:
            await connection.execute(statement)
        await create_roles(connection, database, roles)
    done = {
        (row["app"], row["name"]) for row in await connection.fetch("select app, name from app.migration")
    }
    count = 0
    for migrations in sets:
        for name, module in steps(migrations):
            if (migrations.app, name) in done:
                continue
            progress(f"migrating {migrations.app} {name}")
            collected = Migration(
                api=quoted(roles.api), kernel=quoted(roles.kernel), prefix=migrations.prefix
            )
            module.upgrade(collected)
            async with connection.transaction():
                for statement in collected.statements:
                    await _run(connection, migrations.app, name, statement)
                await connection.execute(
                    "insert into app.migration (app, name) values ($1, $2)", migrations.app, name
                )
            count += 1
    return count


async def _run(connection: asyncpg.Connection[asyncpg.Record], app: str, name: str, statement: str) -> None:
    try:
        await connection.execute(statement)
    except asyncpg.PostgresError as error:
        shown = " ".join(statement.split())[:200]
        raise MigrationFailed(app=app, name=name, reason=str(error), statement=shown) from error


async def pending(
    connection: asyncpg.Connection[asyncpg.Record], sets: Sequence[MigrationSet]
) -> list[tuple[str, str]]:
    """The migrations that are not applied yet, as (app, name)."""
    done = {
        (row["app"], row["name"]) for row in await connection.fetch("select app, name from app.migration")
    }
    wanted = [(migrations.app, name) for migrations in sets for name, _module in steps(migrations)]
    return [step for step in wanted if step not in done]
