"""Telling all processes that a tenant's facts changed, so that they read them anew at once.

Without Redis the news arrives late, not never: see `linli.freshness`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from linli.freshness import Freshness

if TYPE_CHECKING:
    from linli.context import Context

CHANNEL: Final = "linli:tenancy:changed"
_RETRY_S: Final = 2.0
_POLL_S: Final = 5.0
_log = structlog.get_logger("linli.tenancy")

Announce = Callable[[UUID], Awaitable[None]]
"""Tells of a change of one tenant; never raises because of a missing Redis."""


def announcer(remembers: Remembers, redis: Redis | None) -> Announce:
    """The announcement of this process: forgets at home, and tells the others when Redis answers."""

    async def announce(tenant_id: UUID) -> None:
        remembers.forget(tenant_id)
        if redis is not None:
            try:
                await redis.publish(CHANNEL, str(tenant_id))
            except (RedisError, OSError, TimeoutError) as error:
                _log.info("tenancy.not_announced", reason=type(error).__name__)

    return announce


def announce_after_commit(ctx: Context, announce: Announce | None) -> None:
    """Announce the context's tenant once its transaction is committed."""
    if announce is not None:
        ctx.db.after_commit(partial(announce, ctx.tenant_id))


class Remembers(Protocol):
    """What has facts of tenants in memory."""

    def forget(self, tenant_id: UUID | None = None) -> None:
        """Drop what is remembered of one tenant, or of all."""
        ...


async def listen(caches: Sequence[Remembers], redis: Redis, freshness: Freshness) -> None:
    """Forget tenants of whose change another process tells; runs until it is cancelled.

    When the connection was lost everything is forgotten, because news may have been missed.
    """
    while True:
        try:
            async with redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                _forget(caches, None)
                freshness.subscribed = True
                while True:
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=_POLL_S)
                    if message is not None:
                        _forget(caches, _tenant_in(message["data"]))
        except (RedisError, OSError, TimeoutError):
            freshness.subscribed = False
            await asyncio.sleep(_RETRY_S)


def _forget(caches: Sequence[Remembers], tenant_id: UUID | None) -> None:
    for cache in caches:
        cache.forget(tenant_id)


def _tenant_in(data: object) -> UUID | None:
    """The tenant of a message; None, which stands for all, when it cannot be read."""
    text = data.decode(errors="replace") if isinstance(data, bytes) else str(data)
    try:
        return UUID(text)
    except ValueError:
        return None
