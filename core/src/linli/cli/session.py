"""What a command works with: the settings, the servers that it finds or starts, and how refusals are said."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Final, NoReturn, TypeVar

import click

from linli.errors import LinliError, Unavailable

if TYPE_CHECKING:
    from linli.context import Context
    from linli.i18n import Catalogue
    from linli.runtime import Runtime
    from linli.settings import Settings
    from linli.tenancy.catalogue import Tenant

T = TypeVar("T")
_DATABASE: Final = "linli"
_CONNECT_TIMEOUT_S: Final = 3.0


class DatabaseUnreachable(Unavailable):
    """The database does not answer, or refuses us (`reason`)."""

    code: ClassVar[str] = "cli.database_unreachable"


class NotMigrated(Unavailable):
    """The database lacks migrations (`count`): `linli migrate` applies them."""

    code: ClassVar[str] = "cli.not_migrated"


def with_runtime(work: Callable[[Runtime], Awaitable[T]]) -> T:
    """Find or start the servers, do the work on an open runtime, and close everything again.

    A refusal is printed as one line with its code, and ends the command with exit code 1.
    """
    with told_refusals(), located_settings() as settings:
        return asyncio.run(_within(settings, work))


@contextmanager
def told_refusals() -> Iterator[None]:
    """Say what is refused in one line on standard error, and exit with 1."""
    _quiet_logs()
    from linli.embedded.errors import EmbeddedServerError

    try:
        yield
    except LinliError as error:
        refuse(error)
    except (EmbeddedServerError, OSError) as error:
        click.echo(f"linli: {error}", err=True)
        sys.exit(1)


def refuse(error: LinliError) -> NoReturn:
    """Print the error, or each fault of a broken profile, and exit with 1."""
    from linli.tenancy.faults import BrokenProfile

    if isinstance(error, BrokenProfile):
        for fault in error.faults:
            place = f"{fault.file}:{fault.line}" if fault.line else fault.file
            click.echo(f"{place}: {say(fault.code, **fault.details)} [{fault.code}]", err=True)
        sys.exit(1)
    click.echo(f"linli: {say(error.code, **error.details)} [{error.code}]", err=True)
    sys.exit(1)


def say(code: str, **details: object) -> str:
    """The sentence of a code, in the language of the terminal."""
    return _sentences().translate(f"problems.{code}", locale(), **details)


def locale() -> str:
    """The language of the terminal: Chinese where `LC_ALL`, `LC_MESSAGES` or `LANG` says so, else English."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            return "zh-CN" if value.lower().startswith("zh") else "en"
    return "en"


def words(zh: str, en: str) -> str:
    """One of two texts, by the language of the terminal."""
    return zh if locale() == "zh-CN" else en


@contextmanager
def located_settings() -> Iterator[Settings]:
    """The settings with the address of a database that answers.

    That is `DATABASE_URL`, or the one of a running `linli run`, or an embedded one that is started, migrated
    and stopped at the end.
    """
    from linli.run.runtime_file import read_runtime_file, secret_key_of
    from linli.settings import Settings

    settings = Settings.from_environment()
    running = read_runtime_file(settings.data_dir)
    if settings.database_url is None and running is not None and _answers(running.database_url):
        redis_url = settings.redis_url or running.redis_url or None
        yield replace(
            settings,
            database_url=running.database_url,
            redis_url=redis_url,
            secret_key=settings.secret_key or running.secret_key,
        )
        return
    if not settings.secret_key:
        settings.data_dir.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        settings = replace(settings, secret_key=secret_key_of(settings.data_dir))
    if settings.database_url is not None:
        yield settings
        return
    with _embedded(settings) as started:
        yield started


async def tenant_of(runtime: Runtime, slug: str) -> Tenant:
    """The tenant with this slug, read anew. Raises: NotFound."""
    runtime.catalogue.forget()
    return await runtime.catalogue.by_slug(slug)


async def tenants_of(runtime: Runtime, slug: str | None) -> Sequence[Tenant]:
    """The tenant with this slug, or all where none is given. Raises: NotFound."""
    return [await tenant_of(runtime, slug)] if slug is not None else await runtime.catalogue.all()


@asynccontextmanager
async def operator_context(
    runtime: Runtime, tenant: Tenant, *, read_only: bool = False
) -> AsyncIterator[Context]:
    """A context of the system in one transaction, put down to the operator at the terminal."""
    async with runtime.database.unit_of_work(tenant.id, read_only=read_only) as unit:
        ctx = runtime.system_context(tenant, unit)
        ctx.locale, ctx.origin = locale(), "cli"
        yield ctx


@asynccontextmanager
async def bulk_context(runtime: Runtime, tenant: Tenant) -> AsyncIterator[Context]:
    """A context for loads that take longer than a request may."""
    from linli.tenancy.provisioning import allow_long_work

    async with operator_context(runtime, tenant) as ctx:
        await allow_long_work(ctx.db)
        yield ctx


async def migrate_database(settings: Settings, progress: Callable[[str], None]) -> int:
    """Apply the migrations of the kernel and of every healthy plugin; gives their number."""
    from linli.db.migrations import KERNEL_MIGRATIONS, migrate
    from linli.registry import installed_composition

    sets = [*KERNEL_MIGRATIONS, *installed_composition().migration_sets]
    with _reachable():
        return await migrate(
            settings.database_url or "", sets, secret_key=settings.secret_key, progress=progress
        )


async def _within(settings: Settings, work: Callable[[Runtime], Awaitable[T]]) -> T:
    from linli.runtime import open_runtime

    await _require_migrated(settings)
    with _reachable():
        opening = open_runtime(settings)
        runtime = await opening.__aenter__()
    try:
        return await work(runtime)
    finally:
        await opening.__aexit__(None, None, None)


async def _require_migrated(settings: Settings) -> None:
    import asyncpg

    from linli.db.migrations import KERNEL_MIGRATIONS, pending
    from linli.registry import installed_composition

    sets = [*KERNEL_MIGRATIONS, *installed_composition().migration_sets]
    with _reachable():
        connection = await asyncpg.connect(settings.database_url, timeout=_CONNECT_TIMEOUT_S)
    try:
        missing = len(await pending(connection, sets))
    except (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError):
        missing = -1
    finally:
        await connection.close()
    if missing:
        raise NotMigrated(count=missing)


@contextmanager
def _embedded(settings: Settings) -> Iterator[Settings]:
    from linli.embedded import EmbeddedPostgres
    from linli.privacy.starting import prepare_master_keys

    server = EmbeddedPostgres(settings.data_dir / "postgres")
    server.start(progress)
    try:
        asyncio.run(server.ensure_database(_DATABASE))
        settings = replace(settings, database_url=server.url(_DATABASE))
        asyncio.run(migrate_database(settings, progress))
        asyncio.run(prepare_master_keys(settings, server.url(_DATABASE), progress))
        yield settings
    finally:
        server.stop()


def progress(line: str) -> None:
    """Say on standard error what is being done; standard output is for results."""
    click.echo(line, err=True)


def _answers(url: str) -> bool:
    import asyncpg

    async def connect() -> None:
        connection = await asyncpg.connect(url, timeout=_CONNECT_TIMEOUT_S)
        await connection.close()

    try:
        asyncio.run(connect())
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        return False
    return True


@contextmanager
def _reachable() -> Iterator[None]:
    import asyncpg

    try:
        yield
    except (OSError, TimeoutError, asyncpg.PostgresConnectionError, asyncpg.InterfaceError) as error:
        raise DatabaseUnreachable(reason=_first_line(error)) from error
    except (asyncpg.InvalidAuthorizationSpecificationError, asyncpg.InvalidCatalogNameError) as error:
        raise DatabaseUnreachable(reason=_first_line(error)) from error


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _sentences() -> Catalogue:
    from linli.i18n import Catalogue
    from linli.registry.kernel import kernel_version, load_kernel

    return Catalogue(load_kernel(kernel_version()).texts)


def _quiet_logs() -> None:
    """Standard output is for results: warnings of the parts go to standard error, news nowhere."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )
