"""Telling all processes that a tenant's facts changed, so that they read them anew at once.

Without Redis the news arrives late, not never: what a process has cached of a tenant is good for
`linli.tenancy.catalogue.CACHE_TTL_S`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Final
from uuid import UUID

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from linli.tenancy.catalogue import Catalogue

if TYPE_CHECKING:
    from linli.context import Context

CHANNEL: Final = "linli:tenancy:changed"
_RETRY_S: Final = 2.0
_POLL_S: Final = 5.0
_log = structlog.get_logger("linli.tenancy")

Announce = Callable[[UUID], Awaitable[None]]
"""Tells of a change of one tenant; never raises because of a missing Redis."""


def announcer(catalogue: Catalogue, redis: Redis | None) -> Announce:
    """The announcement of this process: forgets at home, and tells the others when Redis answers."""

    async def announce(tenant_id: UUID) -> None:
        catalogue.forget(tenant_id)
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


async def listen(catalogue: Catalogue, redis: Redis) -> None:
    """Forget tenants of whose change another process tells; runs until it is cancelled.

    When the connection was lost everything is forgotten, because news may have been missed.
    """
    while True:
        try:
            async with redis.pubsub() as channel:
                await channel.subscribe(CHANNEL)
                catalogue.forget()
                while True:
                    message = await channel.get_message(ignore_subscribe_messages=True, timeout=_POLL_S)
                    if message is not None:
                        _forget(catalogue, message["data"])
        except (RedisError, OSError, TimeoutError):
            await asyncio.sleep(_RETRY_S)


def _forget(catalogue: Catalogue, data: object) -> None:
    text = data.decode(errors="replace") if isinstance(data, bytes) else str(data)
    try:
        catalogue.forget(UUID(text))
    except ValueError:
        catalogue.forget()
