"""What a running process holds: settings, pools, catalogue, composition. Opened once, passed as a value."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Set
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from linli.background import beside
from linli.boards import Boards
from linli.clock import Clock, SystemClock
from linli.context import SYSTEM, Actor, Context
from linli.counterparts import Counterparts
from linli.db.database import AfterWrites, Database
from linli.db.encryption import Vault, load_master_keys
from linli.db.unit_of_work import Touched, UnitOfWork
from linli.errors import Unavailable
from linli.files.opening import open_store
from linli.freshness import Freshness
from linli.identity.principals import PrincipalCache, decide_rights
from linli.privacy.starting import verify_master_keys
from linli.registry import Composition, installed_composition
from linli.settings import InvalidSetting, Settings
from linli.tenancy.catalogue import Catalogue, Tenant
from linli.tenancy.invalidation import announcer, listen

MAIN: Final = "main"
REDIS_TIMEOUT_S: Final = 0.5
_WATCH_EVERY_S: Final = 2.0

_log = structlog.get_logger("linli.runtime")


class PlacementUnknown(Unavailable):
    """The tenant lies in a database that this process does not know (`placement`)."""

    code = "tenancy.placement_unknown"


@dataclass(slots=True)
class RedisHealth:
    """Whether Redis answered last time; a caller that finds it away goes on without it at once.

    Says once in the log that Redis went, and once that it came back.
    """

    available: bool = True

    def lost(self, error: BaseException) -> None:
        """Note that Redis did not answer; the watch finds out when it does again."""
        if self.available:
            self.available = False
            _log.warning("redis.lost", reason=type(error).__name__, meaning="limits hold per process")

    def answered(self) -> None:
        """Note that Redis answers."""
        if not self.available:
            self.available = True
            _log.info("redis.back")


@dataclass(slots=True)
class Runtime:
    """What every interface, job and command of a process works with.

    `redis` is None when none is configured. When it is configured and away, its calls raise `RedisError`
    within `REDIS_TIMEOUT_S`: callers ask `redis_health.available` first, tell `redis_health.lost(error)`,
    and go on. `database` is the one that this process serves; `placements` are the others that it knows, by the name
    that stands in the catalogue.
    """

    settings: Settings
    database: Database
    catalogue: Catalogue
    composition: Composition
    redis: Redis | None = None
    clock: Clock = field(default_factory=SystemClock)
    redis_health: RedisHealth = field(default_factory=RedisHealth)
    principals: PrincipalCache = field(default_factory=PrincipalCache)
    placements: Mapping[str, Database] = field(default_factory=dict)

    @property
    def boards(self) -> Boards:
        """The rankings that are kept in this process's Redis; none without one."""
        return Boards(self.redis, self.redis_health)

    @property
    def counterparts(self) -> Counterparts:
        """The places that may be offered a hand-over."""
        return Counterparts(self.catalogue)

    def context(
        self,
        tenant: Tenant,
        actor: Actor,
        db: UnitOfWork,
        *,
        locale: str,
        request_id: str = "",
        origin: str = "",
    ) -> Context:
        """What an actor does in a tenant, in the transaction `db`, with what this process has for it."""
        return Context(
            tenant=tenant,
            actor=actor,
            db=db,
            plugins=self.composition.plugin_set(tenant.plugins),
            clock=self.clock,
            locale=locale,
            request_id=request_id,
            origin=origin,
            boards=self.boards,
            counterparts=self.counterparts,
        )

    def system_context(self, tenant: Tenant, db: UnitOfWork, *, database: Database | None = None) -> Context:
        """What the system does for a tenant outside any request: `db` is a transaction of `database`.

        That is the database of this process where none is given.
        """
        context = self.context(tenant, SYSTEM, db, locale=tenant.locale, origin="worker")
        context.aside = partial((database or self.database).unit_of_work, tenant.id)
        return context

    def database_of(self, tenant: Tenant) -> Database:
        """The database that a tenant's rows lie in. Raises: PlacementUnknown."""
        found = self.placements.get(tenant.placement)
        if found is None and tenant.placement == MAIN:
            return self.database
        if found is None:
            raise PlacementUnknown(placement=tenant.placement)
        return found


@asynccontextmanager
async def open_runtime(
    settings: Settings, *, composition: Composition | None = None, clock: Clock | None = None
) -> AsyncIterator[Runtime]:
    """Open the pools of a process and close them at the end; `composition` is what is installed by default.

    Redis may be absent, go and come back at any time: it is watched, and reconnected without a restart.

    Raises:
        InvalidSetting: no database is named.
        BadMasterKeys, MasterKeyMissing, MasterKeyWrong: the master keys are not those of the database.
    """
    if settings.database_url is None:
        raise InvalidSetting(name="DATABASE_URL", reason="the address of a PostgreSQL database")
    vault = Vault(load_master_keys(settings))
    database = Database(
        settings.database_url,
        secret_key=settings.secret_key,
        pool_size_max=settings.pool_size_max,
        vault=vault,
        store=open_store(settings),
    )
    async with database, _redis(settings.redis_url) as (redis, health):
        await verify_master_keys(database)
        freshness = Freshness(answering=redis is not None)
        catalogue, principals = Catalogue(database, freshness), PrincipalCache(freshness)
        database.after_writes = _teller(principals, vault, redis)
        async with AsyncExitStack() as stack:
            if redis is not None:
                await stack.enter_async_context(beside(_watch(redis, health, freshness), "redis watch"))
                await stack.enter_async_context(
                    beside(listen((catalogue, principals, vault), redis, freshness), "tenant changes")
                )
            yield Runtime(
                settings=settings,
                database=database,
                catalogue=catalogue,
                composition=composition or installed_composition(),
                redis=redis,
                clock=clock or SystemClock(),
                redis_health=health,
                principals=principals,
            )


@asynccontextmanager
async def _redis(url: str | None) -> AsyncIterator[tuple[Redis | None, RedisHealth]]:
    health = RedisHealth()
    if url is None:
        _log.warning("redis.absent", meaning="limits hold per process; live updates are polled")
        yield None, health
        return
    # One immediate retry reconnects a connection that the server closed; more would only make callers wait.
    redis = Redis.from_url(
        url,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 1),
        max_connections=64,
    )
    try:
        yield redis, health
    finally:
        await redis.aclose()


def _teller(principals: PrincipalCache, vault: Vault, redis: Redis | None) -> AfterWrites:
    """Tells all processes of writes that decide rights, and of keys that were replaced or destroyed."""
    announce = announcer(principals, redis)

    async def tell(tenant_id: UUID, touched: Set[Touched]) -> None:
        keys = any(one.table == "privacy_data_key" for one in touched)
        if keys:
            vault.forget(tenant_id)
        if keys or decide_rights(touched):
            await announce(tenant_id)

    return tell


async def _watch(redis: Redis, health: RedisHealth, freshness: Freshness) -> None:
    while True:
        try:
            await redis.ping()
        except (RedisError, OSError, TimeoutError) as error:
            health.lost(error)
        else:
            health.answered()
        freshness.answering = health.available
        await asyncio.sleep(_WATCH_EVERY_S)
