"""Carrying out changes one by one: each is checked against the tree as the ones before have left it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from linli.areas.changes import Change, Create, Merge, Move, Rename, Retire, Split
from linli.areas.effects import Effects
from linli.areas.errors import (
    AreaNotFound,
    Cycle,
    DuplicateCode,
    HasChildren,
    HasRows,
    InvalidChange,
    NothingChanges,
    OverlappingValidity,
    TooDeep,
)
from linli.areas.levels import Level, check_place
from linli.areas.names import checked_code, checked_name
from linli.areas.paths import DEPTH_MAX, end_of
from linli.areas.steps import Steps
from linli.areas.tree import READ, Node, node_from
from linli.areas.versions import STARTS, below
from linli.context import Context


class Applier:
    """Carries out changes in the caller's transaction, under the tree's lock.

    `permission` is what the actor must hold at every place that a change names.
    """

    def __init__(self, steps: Steps, levels: dict[str, Level], permission: str) -> None:
        self._steps = steps
        self._ctx: Context = steps.ctx
        self._levels = levels
        self._permission = permission

    @property
    def effects(self) -> Effects:
        """What was done so far."""
        return self._steps.effects

    async def carry_out(self, change: Change) -> None:
        """Do one change. Raises: LinliError saying why it is refused; the caller undoes what was done."""
        match change:
            case Create():
                await self._create(change)
            case Rename():
                await self._rename(change)
            case Move():
                await self._move(await self._area(change.area), await self._parent(change.parent))
            case Split():
                await self._split(change)
            case Merge():
                await self._merge(change)
            case Retire():
                await self._retire(change)

    async def _create(self, change: Create) -> None:
        await self._make(change.code, change.name, change.level, await self._parent(change.parent))

    async def _make(self, code: str, name: str, level: str, parent: Node | None) -> Node:
        check_place(self._levels, level, parent.level if parent else None)
        if parent is not None:
            if parent.depth >= DEPTH_MAX:
                raise TooDeep(limit=DEPTH_MAX)
            if parent.valid_from > self._steps.on:
                raise OverlappingValidity(area_code=parent.code, valid_from=parent.valid_from.isoformat())
        await self._check_code_is_free(code)
        await self._steps.insert(code=checked_code(code), name=checked_name(name), level=level, parent=parent)
        return await self._area(code)

    async def _rename(self, change: Rename) -> None:
        node = await self._area(change.area)
        code, name = change.code or node.code, checked_name(change.name or node.name)
        if (code, name) == (node.code, node.name):
            raise NothingChanges(area_code=node.code)
        await self._check_starts(node)
        if code != node.code:
            await self._check_code_is_free(code)
        await self._steps.rename(node, code=checked_code(code), name=name)

    async def _move(self, node: Node, parent: Node | None) -> None:
        if node.parent_id == (parent.id if parent else None):
            raise NothingChanges(area_code=node.code)
        if parent is not None and parent.path.startswith(node.path):
            raise Cycle(area_code=node.code)
        check_place(self._levels, node.level, parent.level if parent else None)
        if parent is not None and parent.valid_from > self._steps.on:
            raise OverlappingValidity(area_code=parent.code, valid_from=parent.valid_from.isoformat())
        await self._check_starts(node, whole=True)
        deepest: int = await self._ctx.db.fetchval(
            "select max(depth) from areas_area where tenant_id = $1 and path >= $2 and path < $3",
            self._ctx.tenant_id,
            node.path,
            end_of(node.path),
        )
        if deepest - node.depth + (parent.depth if parent else 0) + 1 > DEPTH_MAX:
            raise TooDeep(limit=DEPTH_MAX)
        await self._steps.move(node, parent)

    async def _move_children(self, node: Node, children: Sequence[Node], heir: Node) -> None:
        """Move children of an area that ends to its heir, which does not lie below it."""
        if not children:
            return
        for child in children:
            check_place(self._levels, child.level, heir.level)
        if heir.valid_from > self._steps.on:
            raise OverlappingValidity(area_code=heir.code, valid_from=heir.valid_from.isoformat())
        row = await self._ctx.db.fetchrow(
            f'select max(depth) as deepest, (min(array[path, code, ({STARTS})::text] collate "C")'
            f" filter (where state = 'active' and {STARTS} > $4)) as late"
            f" from areas_area where tenant_id = $1 and {below('path', '$2', '$3')}",
            self._ctx.tenant_id,
            node.path,
            [child.path[len(node.path) : -1] for child in children],
            self._steps.on,
        )
        assert row is not None
        if row["late"]:
            raise OverlappingValidity(area_code=row["late"][1], valid_from=row["late"][2])
        if row["deepest"] - node.depth + heir.depth > DEPTH_MAX:
            raise TooDeep(limit=DEPTH_MAX)
        await self._steps.move_children(node, children, heir)

    async def _split(self, change: Split) -> None:
        node = await self._area(change.area)
        codes = [part.code for part in change.parts]
        taken = [code for part in change.parts for code in part.takes]
        if change.heir not in codes or len(set(codes)) != len(codes) or len(set(taken)) != len(taken):
            raise InvalidChange(reason="the heir must be a part; parts and taken children occur once")
        await self._check_ends(node)
        parent = await self._above(node)
        for part in change.parts:
            made = await self._make(part.code, part.name, node.level, parent)
            children = [await self._area(code) for code in part.takes]
            for child in children:
                if child.parent_id != node.id:
                    raise InvalidChange(reason=f"{child.code} is not right below {node.code}")
            await self._move_children(node, children, made)
        await self._end(node, await self._area(change.heir))
        for code in codes:
            await self._steps.succeed(node, await self._area(code), "split")

    async def _merge(self, change: Merge) -> None:
        if change.into in change.areas or len(set(change.areas)) != len(change.areas):
            raise InvalidChange(reason="an area cannot be merged twice, or into itself")
        for code in change.areas:
            node, into = await self._area(code), await self._area(change.into)
            if node.level != into.level:
                raise InvalidChange(reason=f"{code} and {change.into} are not of the same level")
            if into.path.startswith(node.path):
                raise Cycle(area_code=code)
            await self._check_ends(node)
            await self._end(node, into)
            await self._steps.succeed(await self._by_id(node.id), await self._by_id(into.id), "merge")

    async def _retire(self, change: Retire) -> None:
        node = await self._area(change.area)
        await self._check_ends(node)
        if change.successor is not None:
            successor = await self._area(change.successor)
            if successor.path.startswith(node.path):
                raise Cycle(area_code=node.code)
            await self._end(node, successor)
            await self._steps.succeed(await self._by_id(node.id), await self._by_id(successor.id), "retire")
            return
        if node.descendants:
            raise HasChildren(area_code=node.code, count=node.descendants)
        if rows := await self._steps.rows_in(node):
            raise HasRows(area_code=node.code, count=rows)
        await self._steps.retire(node)

    async def _end(self, node: Node, heir: Node) -> None:
        """Children, rows and counts go to the heir; then the area ends."""
        await self._move_children(node, await self._children(node), heir)
        await self._steps.hand_over(await self._by_id(node.id), await self._by_id(heir.id))
        await self._steps.retire(await self._by_id(node.id))

    async def _area(self, code: str) -> Node:
        """The active area with this code, where the actor holds the permission."""
        row = await self._ctx.db.fetchrow(
            "select * from areas_area where tenant_id = $1 and code = $2 and state = 'active'",
            self._ctx.tenant_id,
            code,
        )
        if row is None or not self._ctx.can(READ, row["path"]):
            raise AreaNotFound(area_code=code)
        self._ctx.require(self._permission, row["path"])
        return node_from(row)

    async def _parent(self, code: str | None) -> Node | None:
        if code is not None:
            return await self._area(code)
        self._ctx.require(self._permission, "")
        return None

    async def _by_id(self, area_id: UUID) -> Node:
        row = await self._ctx.db.fetchrow(
            "select * from areas_area where tenant_id = $1 and id = $2", self._ctx.tenant_id, area_id
        )
        if row is None:
            raise AreaNotFound()
        return node_from(row)

    async def _above(self, node: Node) -> Node | None:
        if node.parent_id is None:
            self._ctx.require(self._permission, "")
            return None
        parent = await self._by_id(node.parent_id)
        self._ctx.require(self._permission, parent.path)
        return parent

    async def _children(self, node: Node) -> list[Node]:
        rows = await self._ctx.db.fetch(
            "select * from areas_area where tenant_id = $1 and parent_id = $2 and state = 'active'"
            " order by path",
            self._ctx.tenant_id,
            node.id,
        )
        return [node_from(row) for row in rows]

    async def _check_code_is_free(self, code: str) -> None:
        taken = await self._ctx.db.fetchval(
            "select 1 from areas_area where tenant_id = $1 and code = $2 and state = 'active'",
            self._ctx.tenant_id,
            code,
        )
        if taken:
            raise DuplicateCode(area_code=code)

    async def _check_starts(self, node: Node, *, whole: bool = False) -> None:
        """No version that the change closes may start after it."""
        row = await self._ctx.db.fetchrow(
            f"select code, {STARTS} as valid_from from areas_area"
            " where tenant_id = $1 and path >= $2 and path < $3"
            f" and state = 'active' and {STARTS} > $4 order by path limit 1",
            self._ctx.tenant_id,
            node.path,
            end_of(node.path) if whole else node.path + "!",
            self._steps.on,
        )
        if row is not None:
            raise OverlappingValidity(area_code=row["code"], valid_from=row["valid_from"].isoformat())

    async def _check_ends(self, node: Node) -> None:
        """An area ends after the day on which its present version began: no version is empty."""
        row = await self._ctx.db.fetchrow(
            f"select code, {STARTS} as valid_from from areas_area"
            f" where tenant_id = $1 and id = $2 and {STARTS} >= $3",
            self._ctx.tenant_id,
            node.id,
            self._steps.on,
        )
        if row is not None:
            raise OverlappingValidity(area_code=row["code"], valid_from=row["valid_from"].isoformat())
