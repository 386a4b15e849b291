"""Whoever writes what a person chose, or where they are reached, does so one after another."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from linli.context import Context


async def take_turns(ctx: Context, person_ids: Iterable[UUID]) -> None:
    """Let one transaction at a time go on for each of these people; always in the same order, before other locks."""
    for person_id in sorted(set(person_ids)):
        await ctx.db.take_turns(f"notifications.own/{person_id}")
