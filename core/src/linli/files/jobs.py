"""Clearing the store of contents that belong to no file: removed ones, and what a crash left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from linli.context import Context
from linli.files.keeping import store_of
from linli.jobs import Job

GRACE: Final = timedelta(hours=24)
REMOVED_MAX: Final = 1_000
_BATCH: Final = 500
_SEEN_MAX: Final = 5_000_000
_NEEDED: Final = """
select distinct address from files_file where tenant_id = $1 and address = any($2) and removed_at is null"""


async def collect_orphans(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Remove contents that were put more than a day ago and that no file needs; at most 1,000 in a run."""
    before, batch, removed, seen = ctx.now() - GRACE, list[str](), 0, 0
    async for content in store_of(ctx).contents(ctx.tenant_id):
        seen += 1
        if content.put_at < before:
            batch.append(content.key)
        if len(batch) >= _BATCH:
            removed += await _remove(ctx, batch, REMOVED_MAX - removed)
            batch.clear()
        if removed >= REMOVED_MAX or seen >= _SEEN_MAX:
            break
    await _remove(ctx, batch, REMOVED_MAX - removed)


async def _remove(ctx: Context, keys: Sequence[str], at_most: int) -> int:
    """Remove those that no file needs; a file that is being attached is waited for. Gives how many."""
    needed = await _needed(ctx, keys)
    unneeded = [key for key in keys if _address(key) not in needed][:at_most]
    for key in unneeded:
        await ctx.db.take_turns(f"files/{_address(key)}")
        if not await _needed(ctx, [key]):
            await store_of(ctx).delete(key)
    return len(unneeded)


async def _needed(ctx: Context, keys: Sequence[str]) -> set[str]:
    found = await ctx.db.fetch(_NEEDED, ctx.tenant_id, [_address(key) for key in keys])
    return {row["address"] for row in found}


def _address(key: str) -> str:
    return key.rpartition("/")[2]


JOBS: Final = (Job("files.collect_orphans", collect_orphans, schedule="11 4 * * *", timeout_s=900),)
