"""Where a row lies, and whether the actor may see or change it there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from linli.areas.locking import hold_tree
from linli.context import WHOLE_TENANT, ActorKind, Context
from linli.db import rows
from linli.db.tables import AreaTable, table_name
from linli.errors import NotFound
from linli.identity.errors import AreaRetired

A = TypeVar("A", bound=AreaTable)

_AREA = "select path, state from areas_area where tenant_id = $1 and id = $2"


@dataclass(frozen=True, slots=True)
class Place:
    """An area's id and path; no id and the path "" mean the whole tenant."""

    area_id: UUID | None
    area_path: str


async def place_for(ctx: Context, area_id: UUID | None, permission: str) -> Place:
    """The place where something new is to be put by an actor who holds `permission` there.

    The tree is held until the transaction ends, so that the path stays right.
    Raises: NotFound, AreaRetired, PermissionDenied.
    """
    if area_id is None:
        ctx.require(permission, WHOLE_TENANT)
        return Place(None, WHOLE_TENANT)
    await hold_tree(ctx)
    row = await ctx.db.fetchrow(_AREA, ctx.tenant_id, area_id)
    if row is None:
        raise NotFound(path=("area_id",), kind="areas_area")
    ctx.require(permission, row["path"])
    if row["state"] != "active":
        raise AreaRetired(path=("area_id",))
    return Place(area_id, row["path"])


async def in_place(ctx: Context, table: type[A], row_id: UUID, *, lock: bool = False) -> A:
    """The row where it lies now; the tree is held until the transaction ends, so that its path stays right.

    With `lock`, the row is held against other writers too, in the order that cannot end in a deadlock: the tree first.
    No right is asked for, and a retired area is as good as another. Raises: NotFound.
    """
    await hold_tree(ctx)
    return await rows.get(ctx, table, row_id, lock=lock)


async def visible(ctx: Context, table: type[A], row_id: UUID, permission: str) -> A:
    """The row, held against other writers. Raises: NotFound, also where the actor holds no `permission`."""
    row = await rows.get(ctx, table, row_id, lock=True)
    if not ctx.can(permission, row.area_path):
        raise NotFound(kind=table_name(table))
    return row


def is_self(ctx: Context, person_id: UUID | None) -> bool:
    """Whether the actor is an account of this person."""
    return ctx.actor.kind is ActorKind.ACCOUNT and person_id is not None and ctx.actor.person_id == person_id


def own_or_visible(ctx: Context, row: A, permission: str) -> A:
    """A row with a `person_id`, when that is the actor, or the actor holds `permission` at its place.

    Raises: NotFound.
    """
    personal: Any = row
    if not is_self(ctx, personal.person_id) and not ctx.can(permission, row.area_path):
        raise NotFound(kind=table_name(type(row)))
    return row


def own_or(ctx: Context, own: str, permission: str, *, person_id: UUID | None, area_path: str) -> str:
    """Which permission an actor needs there in a person's case.

    For one's own that is `own`, where one holds it; otherwise it is `permission`.
    """
    return own if is_self(ctx, person_id) and ctx.can(own, area_path) else permission


async def changeable(ctx: Context, table: type[A], row_id: UUID, kind: str) -> A:
    """The row, held against other writers, when the actor may both read and write at its place.

    `kind` is the permissions' name without the verb, such as `identity.person`. A row that the actor may not
    even read is not found. Raises: NotFound, PermissionDenied.
    """
    row = await rows.get(ctx, table, row_id, lock=True)
    if not ctx.can(f"{kind}.write", row.area_path):
        if not ctx.can(f"{kind}.read", row.area_path):
            raise NotFound(kind=table_name(table))
        ctx.require(f"{kind}.write", row.area_path)
    return row
