"""The lock of a tenant's tree: one change at a time, and no row written at a place that is about to move."""

from __future__ import annotations

from typing import Final

from linli.context import Context

_CLASS: Final = 0x61726561  # "area"
_FOLD_CLASS: Final = 0x666F6C64  # "fold"


async def lock_tree(ctx: Context) -> None:
    """Keep other changes of the tenant's tree, and every `hold_tree`, out until this transaction ends."""
    await ctx.db.fetchval("select pg_advisory_xact_lock($1::int, $2::int)", *tree_lock(ctx))


async def hold_tree(ctx: Context) -> None:
    """Keep the tenant's tree as it is until this transaction ends; many may hold it at once."""
    await ctx.db.fetchval("select pg_advisory_xact_lock_shared($1::int, $2::int)", *tree_lock(ctx))


def tree_lock(ctx: Context) -> tuple[int, int]:
    """The advisory lock that `hold_tree` takes, for a statement that takes it along with its work."""
    return _CLASS, _key(ctx)


def _key(ctx: Context) -> int:
    """The random end of the tenant's UUIDv7 as a signed number. A collision costs waiting, not safety."""
    return int.from_bytes(ctx.tenant_id.bytes[-4:], "big", signed=True)


async def try_fold(ctx: Context) -> bool:
    """Whether this transaction may fold counts: no other does, and the tree is not being changed."""
    key = _key(ctx)
    tree = await ctx.db.fetchval("select pg_try_advisory_xact_lock_shared($1::int, $2::int)", _CLASS, key)
    return bool(tree) and bool(
        await ctx.db.fetchval("select pg_try_advisory_xact_lock($1::int, $2::int)", _FOLD_CLASS, key)
    )
