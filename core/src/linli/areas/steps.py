"""The single steps of which every change is made. They check nothing: `linli.areas.applying` does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from linli.areas import counters
from linli.areas.effects import Effects
from linli.areas.import_writing import next_top
from linli.areas.names import derived
from linli.areas.paths import child_path, end_of, prefixes
from linli.areas.tree import Node
from linli.areas.versions import below, keep, keep_children, keep_range
from linli.context import Context
from linli.ids import new_id

_NODE: Final = "update areas_area set version = version + 1, updated_at = now()"
# Below the child of $2 with the n-th segment of $3 becomes below the n-th path of $4.
_NEW_PATH: Final = (
    "($4::text[])[array_position($3::text[], split_part(substr({column}, length($2) + 1), '.', 1))]"
    " || substr({column}, length($2) + 2 + length(split_part(substr({column}, length($2) + 1), '.', 1)))"
)


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of one change set. `tables` are those with `area_id` and `area_path`."""

    ctx: Context
    on: date
    change_set_id: UUID | None
    tables: tuple[str, ...]
    effects: Effects

    async def insert(self, *, code: str, name: str, level: str, parent: Node | None) -> None:
        """Make an area below the parent, or at the top."""
        area_id = new_id()
        path = await self._new_path(parent)
        pinyin, letters, initials, grams = derived(self.ctx.tenant_id, name)
        await self.ctx.db.execute(
            "insert into areas_area (tenant_id, id, code, name, name_pinyin, name_letters, name_initials,"
            " name_grams, level, parent_id, path, depth, state, valid_from)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 'active', $13)",
            self.ctx.tenant_id,
            area_id,
            code,
            name,
            pinyin,
            letters,
            initials,
            grams.split(),
            level,
            parent.id if parent else None,
            path,
            path.count("."),
            self.on,
        )
        await self._count_below(path, 1)
        self.effects.created += 1

    async def rename(self, node: Node, *, code: str, name: str) -> None:
        """Give an area another name or code; the path stays."""
        pinyin, letters, initials, grams = derived(self.ctx.tenant_id, name)
        await keep(self.ctx, [node.id], on=self.on, change_set_id=self.change_set_id)
        await self.ctx.db.execute(
            f"{_NODE}, renewed_on = $9, code = $3, name = $4, name_pinyin = $5, name_letters = $6,"
            " name_initials = $7, name_grams = $8 where tenant_id = $1 and id = $2",
            self.ctx.tenant_id,
            node.id,
            code,
            name,
            pinyin,
            letters,
            initials,
            grams.split(),
            self.on,
        )
        self.effects.renamed += 1

    async def move(self, node: Node, parent: Node | None) -> None:
        """Put an area and all below it, retired ones too, under another parent; rows and counts follow."""
        path = await self._new_path(parent)
        totals = await self._totals(node)
        count = (node.descendants or 0) + 1
        await self._count_below(node.path, -count)
        await self._add_above(node.path, totals, -1)
        await keep_range(self.ctx, node.path, end_of(node.path), on=self.on, change_set_id=self.change_set_id)
        await self._repath(node, path, parent)
        await self._count_below(path, count)
        await self._add_above(path, totals, 1)
        for table in self.tables:
            tag = await self.ctx.db.execute(
                f"update {table} set area_path = $4 || substr(area_path, $5), updated_at = now()"
                " where tenant_id = $1 and area_path >= $2 and area_path < $3",
                self.ctx.tenant_id,
                node.path,
                end_of(node.path),
                path,
                len(node.path) + 1,
            )
            self.effects.rows[table] += _rows(tag)
        self.effects.moved += 1

    async def move_children(self, node: Node, children: Sequence[Node], heir: Node) -> None:
        """Put some children of one area, and all below them, below another: as many statements as for one.

        The heir does not lie below the area.
        """
        made = await self._new_numbers(heir, len(children))
        size = len(node.path)
        old = [child.path[size:-1] for child in children]
        new = [child_path(heir.path, made + number) for number in range(len(children))]
        totals = await self._totals(*children)
        count = sum((child.descendants or 0) + 1 for child in children)
        for above, sign in ((children[0].path, -1), (new[0], 1)):
            await self._count_below(above, sign * count)
            await self._add_above(above, totals, sign)
        await keep_children(self.ctx, node.path, old, on=self.on, change_set_id=self.change_set_id)
        places = (self.ctx.tenant_id, node.path, old, new)
        moved = await self.ctx.db.execute(
            f"{_NODE}, renewed_on = case when state = 'active' then $5 else renewed_on end,"
            f" path = {_NEW_PATH.format(column='path')}, depth = depth + $6,"
            " parent_id = case when parent_id = $7 then $8 else parent_id end"
            f" where tenant_id = $1 and {below('path', '$2', '$3')}",
            *places,
            self.on,
            heir.depth - node.depth,
            node.id,
            heir.id,
        )
        self.effects.repath(_rows(moved))
        for table in self.tables:
            tag = await self.ctx.db.execute(
                f"update {table} set area_path = {_NEW_PATH.format(column='area_path')}, updated_at = now()"
                f" where tenant_id = $1 and {below('area_path', '$2', '$3')}",
                *places,
            )
            self.effects.rows[table] += _rows(tag)
        self.effects.moved += len(children)

    async def hand_over(self, source: Node, target: Node) -> None:
        """Give the rows and counts that lie in an area itself to another."""
        for table in self.tables:
            tag = await self.ctx.db.execute(
                f"update {table} set area_id = $3, area_path = $4, updated_at = now()"
                " where tenant_id = $1 and area_id = $2",
                self.ctx.tenant_id,
                source.id,
                target.id,
                target.path,
            )
            self.effects.rows[table] += _rows(tag)
        own = await self.ctx.db.fetch(
            "select kind, own from areas_counter where tenant_id = $1 and area_id = $2 and own <> 0",
            self.ctx.tenant_id,
            source.id,
        )
        for node, sign in ((source, -1), (target, 1)):
            counts = {(node.path, row["kind"]): sign * row["own"] for row in own}
            await counters.add(self.ctx, counts, counts)
            await self._add_above(node.path, {row["kind"]: row["own"] for row in own}, sign)

    async def retire(self, node: Node) -> None:
        """End an area that has no children any more."""
        await keep(self.ctx, [node.id], on=self.on, change_set_id=self.change_set_id)
        await self.ctx.db.execute(
            f"{_NODE}, state = 'retired', valid_to = $3 where tenant_id = $1 and id = $2",
            self.ctx.tenant_id,
            node.id,
            self.on,
        )
        await self._count_below(node.path, -1)
        self.effects.retired += 1

    async def succeed(self, predecessor: Node, successor: Node, kind: str) -> None:
        """Record who took over from whom."""
        await self.ctx.db.execute(
            "insert into areas_succession (tenant_id, id, predecessor_id, successor_id, kind, effective_on,"
            " change_set_id) values ($1, $2, $3, $4, $5, $6, $7)",
            self.ctx.tenant_id,
            new_id(),
            predecessor.id,
            successor.id,
            kind,
            self.on,
            self.change_set_id,
        )

    async def rows_in(self, node: Node) -> int:
        """How many things lie in an area itself: rows of the tables, and whatever else was counted there."""
        count: int = await self.ctx.db.fetchval(
            "select coalesce(max(abs(own)), 0) from areas_counter where tenant_id = $1 and area_id = $2",
            self.ctx.tenant_id,
            node.id,
        )
        rows = 0
        for table in self.tables:
            rows += await self.ctx.db.fetchval(
                f"select count(*) from {table} where tenant_id = $1 and area_path = $2 and area_id = $3",
                self.ctx.tenant_id,
                node.path,
                node.id,
            )
        return max(count, rows)

    async def _repath(self, node: Node, path: str, parent: Node | None) -> None:
        tag = await self.ctx.db.execute(
            f"{_NODE}, renewed_on = case when state = 'active' then $9 else renewed_on end,"
            " path = $4 || substr(path, $5), depth = depth + $6,"
            " parent_id = case when id = $7 then $8 else parent_id end"
            " where tenant_id = $1 and path >= $2 and path < $3",
            self.ctx.tenant_id,
            node.path,
            end_of(node.path),
            path,
            len(node.path) + 1,
            path.count(".") - node.depth,
            node.id,
            parent.id if parent else None,
            self.on,
        )
        self.effects.repath(_rows(tag))

    async def _new_path(self, parent: Node | None) -> str:
        if parent is None:
            return child_path("", await next_top(self.ctx))
        return child_path(parent.path, await self._new_numbers(parent, 1))

    async def _new_numbers(self, parent: Node, count: int) -> int:
        """Give out so many numbers of children below an area; gives the first."""
        made: int = await self.ctx.db.fetchval(
            "update areas_area set children_made = children_made + $3 where tenant_id = $1 and id = $2"
            " returning children_made",
            self.ctx.tenant_id,
            parent.id,
            count,
        )
        return made - count

    async def _count_below(self, path: str, difference: int) -> None:
        """Change the number of active areas below each area above `path`."""
        await self.ctx.db.execute(
            "update areas_area set descendants = descendants + $3"
            " where tenant_id = $1 and path = any($2::text[])",
            self.ctx.tenant_id,
            prefixes(path),
            difference,
        )

    async def _totals(self, *nodes: Node) -> dict[str, int]:
        rows = await self.ctx.db.fetch(
            "select kind, sum(total)::bigint as total from areas_counter"
            " where tenant_id = $1 and area_id = any($2::uuid[]) group by kind having sum(total) <> 0",
            self.ctx.tenant_id,
            [node.id for node in nodes],
        )
        return {row["kind"]: row["total"] for row in rows}

    async def _add_above(self, path: str, totals: dict[str, int], sign: int) -> None:
        changes: Counter[tuple[str, str]] = Counter()
        for above in prefixes(path):
            for kind, total in totals.items():
                changes[above, kind] += sign * total
        await counters.add(self.ctx, {}, changes)


def _rows(tag: str) -> int:
    return int(tag.rpartition(" ")[2])
