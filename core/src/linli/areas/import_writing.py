"""Writing the rows that an import decided upon, in batches that are prepared while the last one runs."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Final
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as WireUUID
from uuid_utils import uuid7

from linli.areas.import_plan import TOP, Order, Rows
from linli.areas.names import derived
from linli.areas.paths import child_path, depth_of, number_of, prefixes
from linli.areas.versions import keep
from linli.context import Context

BATCH_ROWS: Final = 5_000
_YIELD_ROWS: Final = 20
# A batch is 2 MB and goes out in pieces, one a turn of the loop; the server starts when it has all of them.
_SENDING_S: Final = 0.005
_NAMES_KEPT: Final = 5_000

_INSERT = """
insert into areas_area (tenant_id, id, code, name, name_pinyin, name_letters, name_initials, name_grams,
        level, parent_id, path, depth, state, valid_from, descendants, children_made)
    select $1, id, code, name, pinyin, letters, initials, string_to_array(grams, ' '), level,
        parent_id, path, depth, 'active', $2, descendants, made
    from unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
        $10::text[], $11::uuid[], $12::text[], $13::int[], $14::int[], $15::int[])
        as new (id, code, name, pinyin, letters, initials, grams, level, parent_id, path, depth,
            descendants, made)"""

_Columns = tuple[list[object], ...]


@dataclass(slots=True)
class Anchor:
    """An area of the database, as far as new areas below it need to know it."""

    id: UUID
    level: str
    path: str
    depth: int
    children_made: int


@dataclass(slots=True)
class _Open:
    """A row of the file that was given its path and whose children follow."""

    number: int
    id: UUID
    path: str
    children: int = 0


class Writer:
    """Gives the new rows ids and paths, in the order of their paths, and inserts them."""

    def __init__(
        self, ctx: Context, rows: Rows, order: Order, anchors: Mapping[str, Anchor], on: date
    ) -> None:
        self._ctx = ctx
        self._rows = rows
        self._order = order
        self._anchors = anchors
        self._on = on
        self._tops = 0
        self._below: Counter[str] = Counter()
        self._made = self._children_made()

    async def write(self, tell: Callable[[int], None]) -> None:
        """Insert all rows; one statement runs while the next is prepared, which uses two processors."""
        self._tops = await next_top(self._ctx)
        running: asyncio.Task[str] | None = None
        done = 0
        try:
            async for columns in self._batches():
                if running is not None:
                    await running
                    tell(done)
                running = asyncio.create_task(
                    self._ctx.db.execute(_INSERT, self._ctx.tenant_id, self._on, *columns)
                )
                await asyncio.wait({running}, timeout=_SENDING_S)
                done += len(columns[0])
            if running is not None:
                await running
        finally:
            if running is not None and not running.done():
                await asyncio.wait({running})
        tell(done)
        await self._count_above()

    async def _batches(self) -> AsyncIterator[_Columns]:
        placed = self._placed()
        batch: list[tuple[object, ...]] = []
        while part := list(islice(placed, _YIELD_ROWS)):
            await asyncio.sleep(0)  # sends what is left of the batch before
            batch += part
            if len(batch) >= BATCH_ROWS:
                yield _columns(batch)
                batch.clear()
        if batch:
            yield _columns(batch)

    def _placed(self) -> Iterator[tuple[object, ...]]:
        rows, order, tenant_id = self._rows, self._order, self._ctx.tenant_id
        stack: list[_Open] = []
        known: dict[str, tuple[str, str, str, str]] = {}
        for number in order.sequence:
            parent = order.parents[number]
            while stack and stack[-1].number != parent:
                stack.pop()
            parent_id, path = self._place(number, parent, stack)
            area = _Open(number, WireUUID(uuid7().bytes), path)  # new_id() takes a second more
            stack.append(area)
            name = rows.names[number]
            words = known.get(name)
            if words is None:
                if len(known) >= _NAMES_KEPT:
                    known.clear()
                words = known[name] = derived(tenant_id, name)
            yield (
                area.id, rows.codes[number], name, *words, rows.level_of[number], parent_id, path,
                depth_of(path), order.sizes[number], self._made[number],
            )  # fmt: skip

    def _place(self, number: int, parent: int, stack: list[_Open]) -> tuple[UUID | None, str]:
        if parent == TOP:
            self._tops += 1
            return None, child_path("", self._tops - 1)
        if parent >= 0:
            above = stack[-1]
            above.children += 1
            return above.id, child_path(above.path, above.children - 1)
        anchor = self._anchors[self._rows.parent_codes[number]]
        anchor.children_made += 1
        for path in (*prefixes(anchor.path), anchor.path):
            self._below[path] += self._order.sizes[number] + 1
        return anchor.id, child_path(anchor.path, anchor.children_made - 1)

    def _children_made(self) -> list[int]:
        made = [0] * len(self._rows)
        for number in self._order.sequence:
            if self._order.parents[number] >= 0:
                made[self._order.parents[number]] += 1
        return made

    async def _count_above(self) -> None:
        """Tell the areas that were there before of what now stands below them."""
        await self._ctx.db.execute(
            "update areas_area a set descendants = a.descendants + n.count from unnest($2::text[], $3::int[])"
            " as n (path, count) where a.tenant_id = $1 and a.path = n.path",
            self._ctx.tenant_id,
            list(self._below),
            list(self._below.values()),
        )
        await self._ctx.db.execute(
            "update areas_area a set children_made = n.count"
            " from unnest($2::uuid[], $3::int[]) as n (id, count) where a.tenant_id = $1 and a.id = n.id",
            self._ctx.tenant_id,
            [anchor.id for anchor in self._anchors.values()],
            [anchor.children_made for anchor in self._anchors.values()],
        )


def _columns(rows: Sequence[tuple[object, ...]]) -> _Columns:
    return tuple(list(column) for column in zip(*rows, strict=True))


async def next_top(ctx: Context) -> int:
    """The number of the next area at the top of the tree."""
    last = await ctx.db.fetchval(
        "select max(path) from areas_area where tenant_id = $1 and parent_id is null", ctx.tenant_id
    )
    return 0 if last is None else number_of(last.rstrip(".")) + 1


async def write_renames(ctx: Context, renames: Sequence[tuple[UUID, str]], *, on: date) -> None:
    """Give areas new names as of `on`."""
    for start in range(0, len(renames), BATCH_ROWS):
        batch = renames[start : start + BATCH_ROWS]
        words = [derived(ctx.tenant_id, name) for _id, name in batch]
        await keep(ctx, [area_id for area_id, _name in batch], on=on)
        await ctx.db.execute(
            "update areas_area a set name = n.name, name_pinyin = n.pinyin, name_letters = n.letters,"
            " name_initials = n.initials, name_grams = string_to_array(n.grams, ' '),"
            " renewed_on = $8, version = a.version + 1, updated_at = now()"
            " from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])"
            " as n (id, name, pinyin, letters, initials, grams) where a.tenant_id = $1 and a.id = n.id",
            ctx.tenant_id,
            [area_id for area_id, _name in batch],
            [name for _id, name in batch],
            *(list(column) for column in zip(*words, strict=True)),
            on,
        )
