"""Reading the tree, as it is or as it was: nodes, children, ancestors, subtrees.

Every statement is limited to the areas that the actor's grants of `areas.area.read` cover; an area outside of
them looks like one that does not exist. With `as_of` the answer comes from the dated versions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.areas.errors import AreaNotFound, InvalidPage
from linli.areas.locking import hold_tree
from linli.areas.paths import end_of, prefixes
from linli.areas.versions import STARTS
from linli.context import Context

READ: Final = "areas.area.read"
PAGE_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class Node:
    """An area now or at a date. `descendants` counts the active areas below it now; None for a date."""

    id: UUID
    code: str
    name: str
    level: str
    parent_id: UUID | None
    path: str
    depth: int
    state: str
    valid_from: date
    valid_to: date | None
    descendants: int | None
    version: int


@dataclass(frozen=True, slots=True)
class Page:
    """Some nodes in the order of their paths; `after` asks for the next page and is None on the last."""

    nodes: tuple[Node, ...]
    after: str | None


# The present versions of the active areas, and the closed versions of all: each version is in one of the two.
_AS_OF: Final = f"""
select tenant_id, id, code, name, level, parent_id, path, depth, 'active' as state, {STARTS} as valid_from,
    null::date as valid_to, null::int as descendants, version
from areas_area where tenant_id = $1 and state = 'active' and {STARTS} <= {{day}}
union all
select tenant_id, area_id as id, code, name, level, parent_id, path, depth, 'active', valid_from, valid_to,
    null, version
from areas_version where tenant_id = $1 and valid_from <= {{day}} and valid_to > {{day}}"""

_FEW: Final = 2_000
_CLOSED: Final = """(select count(*) from areas_version where tenant_id = $1 and path >= $2 and path < $3
    and valid_from <= $4 and valid_to > $4)"""
_SOME: Final = f"""
with few as materialized (
    select path from areas_area where tenant_id = $1 and state = 'active' and {STARTS} {{}} $4
    order by {STARTS} {{}} limit {_FEW + 1})
select (select count(*) from few) as looked_at, {_CLOSED} {{}}
    (select count(*) from few where path >= $2 and path < $3)"""
_COUNT_WITHOUT_LATE: Final = f"""{_SOME.format(">", "desc", "-")} + coalesce((
    select descendants + case state when 'active' then 1 else 0 end from areas_area
    where tenant_id = $1 and path = $2), 0) as count"""
_COUNT_EARLY: Final = f"""{_SOME.format("<=", "", "+")} as count"""


class _Query:
    """The statement's table, its conditions and arguments; tenant and scopes are always among them."""

    def __init__(self, ctx: Context, as_of: date | None, *, retired: bool = False) -> None:
        self.args: list[object] = [ctx.tenant_id]
        ctx.require(READ)
        scopes = ctx.scopes(READ)
        if as_of is None:
            self.conditions = ["t.tenant_id = $1"] if retired else ["t.tenant_id = $1", "t.state = 'active'"]
            self.source = "select t.* from areas_area t"
        else:
            self.conditions = ["t.tenant_id = $1"]
            self.source = f"select t.* from ({_AS_OF.format(day=self.add(as_of))}) t"
        if scopes != ("",):
            column = "t.path"
            if as_of is not None:
                # Grants are held at places as they are now: a street's officer sees that street's history.
                self.source += " join areas_area now on now.tenant_id = $1 and now.id = t.id"
                column = "now.path"
            given = self.add(list(scopes))
            self.conditions.append(
                f"exists (select 1 from unnest({given}::text[]) s (p)"
                f" where {column} >= s.p and {column} < s.p || '~')"
            )

    def add(self, argument: object) -> str:
        self.args.append(argument)
        return f"${len(self.args)}"

    def where(self, condition: str, *arguments: object) -> _Query:
        """Add a condition whose `{}` stand for the arguments."""
        self.conditions.append(condition.format(*(self.add(argument) for argument in arguments)))
        return self

    async def nodes(self, ctx: Context, tail: str = "") -> tuple[Node, ...]:
        sql = f"{self.source} where {' and '.join(self.conditions)} {tail}"
        return tuple(node_from(row) for row in await ctx.db.fetch(sql, *self.args))

    async def page(self, ctx: Context, first: int, after: str | None) -> Page:
        if not 1 <= first <= PAGE_MAX:
            raise InvalidPage(path=("first",), limit=PAGE_MAX)
        if after is not None:
            self.where("t.path > {}", after)
        nodes = await self.nodes(ctx, f"order by t.path limit {first + 1}")
        return Page(nodes[:first], nodes[first - 1].path if len(nodes) > first else None)


async def get(ctx: Context, area_id: UUID, *, as_of: date | None = None) -> Node:
    """The area with this id, retired ones included. Raises: AreaNotFound."""
    query = _Query(ctx, as_of, retired=True)
    nodes = await query.where("t.id = {}", area_id).nodes(ctx)
    if not nodes:
        raise AreaNotFound()
    return nodes[0]


async def get_by_code(ctx: Context, code: str, *, as_of: date | None = None) -> Node:
    """The area that has this code now, or had it at a date. Raises: AreaNotFound."""
    nodes = await _Query(ctx, as_of).where("t.code = {}", code).nodes(ctx)
    if not nodes:
        raise AreaNotFound(area_code=code[:40])
    return nodes[0]


async def tops(ctx: Context) -> tuple[Node, ...]:
    """The uppermost areas that the actor may see: the top of the tree, or the places of the grants."""
    scopes = ctx.scopes(READ)
    if scopes == ("",):
        return (await children(ctx, None, first=PAGE_MAX)).nodes
    return (
        await _Query(ctx, None).where("t.path = any({}::text[])", list(scopes)).nodes(ctx, "order by t.path")
    )


async def children(
    ctx: Context,
    area_id: UUID | None,
    *,
    first: int = 100,
    after: str | None = None,
    as_of: date | None = None,
) -> Page:
    """The areas right below an area (None: at the top). Raises: AreaNotFound, InvalidPage."""
    query = _Query(ctx, as_of)
    if area_id is None:
        return await query.where("t.parent_id is null").page(ctx, first, after)
    await get(ctx, area_id, as_of=as_of)
    return await query.where("t.parent_id = {}", area_id).page(ctx, first, after)


async def ancestors(ctx: Context, area_id: UUID, *, as_of: date | None = None) -> tuple[Node, ...]:
    """The areas above an area, from the top down, as far as the actor may see them. Raises: AreaNotFound."""
    node = await get(ctx, area_id, as_of=as_of)
    query = _Query(ctx, as_of, retired=True).where("t.path = any({}::text[])", prefixes(node.path))
    return await query.nodes(ctx, "order by t.depth")


async def subtree(
    ctx: Context,
    area_id: UUID,
    *,
    first: int = 100,
    after: str | None = None,
    level: str | None = None,
    as_of: date | None = None,
) -> Page:
    """An area and all below it, parents first. Raises: AreaNotFound, InvalidPage."""
    node = await get(ctx, area_id, as_of=as_of)
    query = _Query(ctx, as_of).where("t.path >= {} and t.path < {}", node.path, end_of(node.path))
    if level is not None:
        query.where("t.level = {}", level)
    return await query.page(ctx, first, after)


async def subtree_count(ctx: Context, area_id: UUID, *, as_of: date | None = None) -> int:
    """How many areas an area's subtree has, itself included. Raises: AreaNotFound."""
    node = await get(ctx, area_id, as_of=as_of)
    if as_of is None:
        return int(node.descendants or 0) + (1 if node.state == "active" else 0)
    # Few areas began after the date, or few before it: then these are read instead of the whole subtree.
    arguments = (ctx.tenant_id, node.path, end_of(node.path), as_of)
    for statement in (_COUNT_WITHOUT_LATE, _COUNT_EARLY):
        row = await ctx.db.fetchrow(statement, *arguments)
        assert row is not None
        if row["looked_at"] <= _FEW:
            return int(row["count"])
    return int(
        await ctx.db.fetchval(
            f"select count(*) from ({_AS_OF.format(day='$4')}) t"
            " where t.tenant_id = $1 and t.path >= $2 and t.path < $3",
            *arguments,
        )
    )


async def locate(ctx: Context, area_id: UUID) -> Node:
    """An active area for a row that is about to be written there; it stays until the transaction ends.

    Whoever stores an `area_path` reads it here: a move that happens at the same time would miss the new row.
    Asks for no permission: the caller does. Raises: AreaNotFound.
    """
    await hold_tree(ctx)
    row = await ctx.db.fetchrow(
        "select * from areas_area where tenant_id = $1 and id = $2 and state = 'active'",
        ctx.tenant_id,
        area_id,
    )
    if row is None:
        raise AreaNotFound()
    return node_from(row)


def node_from(row: Mapping[str, Any]) -> Node:
    """A node from a row that has its columns."""
    return Node(**{name: row[name] for name in Node.__slots__})
