"""Standards: documents that a city hands down to its districts, version by version.

Rows never cross from one tenant to another; a standard is what a parent means its children to read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.tenancy.tables import Standard

_INHERITED: Final = "select * from app.inherited_standards($1, $2, $3)"


@dataclass(frozen=True, slots=True)
class InheritedStandard:
    """A version of a standard of the parent tenant; it holds from `valid_from` on, until a later one does."""

    id: UUID
    number: int
    valid_from: date
    content: Mapping[str, Any]


async def hand_down(
    ctx: Context, key: str, *, number: int, valid_from: date, content: Mapping[str, Any]
) -> None:
    """Let the tenant's children read a version of a standard; `key` begins with the plugin's name and a dot.

    Nothing personal may be in it. Raises: Duplicate for a number that was handed down before.
    """
    await rows.insert(
        ctx, Standard, action="hand_down", key=key, number=number, valid_from=valid_from, content=content
    )


async def inherited(ctx: Context, key: str, *, after: int = 0) -> list[InheritedStandard]:
    """The parent's versions of a standard with a number above `after`, in their order (at most 100).

    A tenant without a parent inherits nothing.
    """
    if ctx.tenant.parent_id is None:
        return []
    return [
        InheritedStandard(
            UUID(int=row["id"].int), row["number"], row["valid_from"], json.loads(row["content"])
        )
        for row in await ctx.db.fetch(_INHERITED, ctx.tenant_id, key, after)
    ]
