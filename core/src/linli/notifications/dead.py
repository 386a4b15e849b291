"""Trying deliveries again that were given up."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.notifications.errors import DeliveryNotDead
from linli.notifications.tables import Delivery

RETRY: Final = "notifications.delivery.retry"


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
