"""The log of deliveries: its figures, and trying those again that were given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.errors import UnknownValue
from linli.notifications.errors import DeliveryNotDead
from linli.notifications.tables import Delivery

READ: Final = "notifications.delivery.read"
RETRY: Final = "notifications.delivery.retry"
DAYS_MAX: Final = 366
FIGURES_MAX: Final = 1_000
_FIGURES: Final = """
select type, channel, status, count(*) as deliveries, sum(attempts) as attempts from notifications_delivery
where tenant_id = $1 and created_at >= $2 group by type, channel, status order by type, channel, status limit $3"""


@dataclass(frozen=True, slots=True)
class Figure:
    """How many deliveries of a type by a channel stand where, and how many attempts they took together."""

    type: str
    channel: str
    status: str
    deliveries: int
    attempts: int


async def figures(ctx: Context, *, days: int = 30) -> Sequence[Figure]:
    """The deliveries of the last days (at most 366), counted; at most 1,000 lines.

    Raises: PermissionDenied, UnknownValue.
    """
    ctx.require(READ, WHOLE_TENANT)
    if not 1 <= days <= DAYS_MAX:
        raise UnknownValue(path=("days",), value=str(days)[:20], allowed=f"1-{DAYS_MAX}")
    since = ctx.now() - timedelta(days=days)
    return [Figure(**row) for row in await ctx.db.fetch(_FIGURES, ctx.tenant_id, since, FIGURES_MAX)]


async def retry(ctx: Context, delivery_id: UUID) -> Delivery:
    """Put a dead delivery up for another full round of attempts.

    Raises: PermissionDenied, NotFound, DeliveryNotDead.
    """
    ctx.require(RETRY, WHOLE_TENANT)
    delivery = await rows.get(ctx, Delivery, delivery_id, lock=True)
    if delivery.status != "dead":
        raise DeliveryNotDead(status=delivery.status)
    return await rows.update(
        ctx, delivery, action="retry", status="pending", attempts=0, due_at=ctx.now(), finished_at=None
    )
