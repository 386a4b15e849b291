"""Background work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job
from linli_organisations import gradings


async def expire_gradings(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """End the grades whose last day has passed. What is left of a great many is done the next day."""
    await gradings.expire_due(ctx)


EXPIRE_GRADINGS: Final = Job(
    "organisations.expire_gradings", expire_gradings, schedule="10 1 * * *", timeout_s=300
)
