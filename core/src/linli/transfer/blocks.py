"""The staged rows of an import: some hundred at a time, compressed, with what became of each."""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import msgspec

from linli.context import Context
from linli.db.encryption import open_content, seal_content
from linli.errors import LinliError
from linli.ids import new_id
from linli.transfer.conversion import Converter
from linli.transfer.kinds import RowResult
from linli.transfer.sheet_reading import RawRow
from linli.transfer.tables import ImportBlock

PROBLEMS_KEPT_MAX: Final = 10_000
PROBLEMS_PER_ROW_MAX: Final = 20
_LEVEL: Final = 1  # repeated names and digits shrink to a quarter already
_INSERT: Final = """
insert into transfer_block (tenant_id, id, import_id, place, rows_count, cells) values ($1, $2, $3, $4, $5, $6)"""
_READ: Final = """
select id, place, cells, outcomes from transfer_block where tenant_id = $1 and import_id = $2 and place = $3"""
_KEEP: Final = """
update transfer_block set outcomes = $4, version = version + 1, updated_at = $5
where tenant_id = $1 and import_id = $2 and place = $3"""
_UNSTAGE: Final = "delete from transfer_block where tenant_id = $1 and import_id = $2"
_FORGET_PROBLEMS: Final = "delete from transfer_problem where tenant_id = $1 and import_id = $2"
_PROBLEMS: Final = """
insert into transfer_problem (tenant_id, id, area_id, area_path, import_id, row_number, column_key, value, code,
    details)
select $1, p.id, $2, $3, $4, p.row_number, p.column_key, p.value, p.code, p.details::jsonb
from unnest($5::uuid[], $6::int[], $7::text[], $8::text[], $9::text[], $10::text[])
    as p (id, row_number, column_key, value, code, details)"""


class Problem(msgspec.Struct, frozen=True, array_like=True):
    """Why a row is refused: the column's key or "", the value as it may be shown, code and details of the error."""

    column: str
    value: str
    code: str
    details: dict[str, Any]


class Told(msgspec.Struct, frozen=True, array_like=True):
    """What became of a row, or what the check foretells; "" when it was not reached.

    `by_itself` says that the file alone decides it, so that nothing can change it any more.
    """

    result: str
    problems: list[Problem] = []
    by_itself: bool = False


@dataclass(slots=True)
class Block:
    """Rows that are next to each other in the file, and what is told of each."""

    place: int
    rows: list[RawRow]
    told: list[Told] = field(default_factory=list)


async def stage(ctx: Context, import_id: UUID, place: int, rows: Sequence[RawRow]) -> None:
    """Keep rows as they were read."""
    block_id = new_id()
    content = zlib.compress(msgspec.json.encode(rows), _LEVEL)
    cells = await seal_content(ctx, ImportBlock, "cells", block_id, content)
    await ctx.db.execute(_INSERT, ctx.tenant_id, block_id, import_id, place, len(rows), cells)


async def unstage(ctx: Context, import_id: UUID) -> None:
    """Forget the staged rows and problems of an import."""
    await ctx.db.execute(_UNSTAGE, ctx.tenant_id, import_id)
    await forget_problems(ctx, import_id)


async def forget_problems(ctx: Context, import_id: UUID) -> None:
    """Forget the problems of an import."""
    await ctx.db.execute(_FORGET_PROBLEMS, ctx.tenant_id, import_id)


async def read_block(ctx: Context, import_id: UUID, place: int) -> Block | None:
    """One block; None after the last."""
    row = await ctx.db.fetchrow(_READ, ctx.tenant_id, import_id, place)
    if row is None:
        return None
    content = await open_content(ctx.db, ctx.tenant_id, ImportBlock, "cells", row["id"], row["cells"])
    cells: list[RawRow] = msgspec.json.decode(zlib.decompress(content), type=list[tuple[int, list[Any]]])
    told = msgspec.json.decode(zlib.decompress(row["outcomes"]), type=list[Told]) if row["outcomes"] else []
    return Block(row["place"], cells, told)


async def all_blocks(ctx: Context, import_id: UUID, count: int) -> AsyncIterator[Block]:
    """The blocks of an import in their order, one in memory at a time; those that are gone are left out."""
    for place in range(count):
        block = await read_block(ctx, import_id, place)
        if block is not None:
            yield block


async def keep_told(ctx: Context, import_id: UUID, block: Block) -> None:
    """Keep what is told of a block's rows."""
    outcomes = zlib.compress(msgspec.json.encode(block.told), _LEVEL)
    await ctx.db.execute(_KEEP, ctx.tenant_id, import_id, block.place, outcomes, ctx.now())


def told_of(converter: Converter, row: RawRow, problems: Sequence[LinliError], *, by_itself: bool) -> Told:
    """A refused row, with values masked: those of personal columns stand nowhere in clear."""
    found = []
    for error in problems[:PROBLEMS_PER_ROW_MAX]:
        key = str(error.path[0]) if error.path else ""
        shown = converter.shown(row, key)
        details = {name: shown if name == "value" else value for name, value in error.details.items()}
        found.append(Problem(key, shown, error.code, _plain(details)))
    return Told(RowResult.REFUSED, found, by_itself)


async def keep_problems(
    ctx: Context, *, area: tuple[UUID | None, str], import_id: UUID, block: Block, room: int
) -> int:
    """Store the problems of a block's rows, at most `room`; gives how many the rows have."""
    found = [
        (number, problem)
        for (number, _cells), told in zip(block.rows, block.told, strict=True)
        for problem in told.problems
    ]
    kept = found[: max(0, room)]
    if kept:
        await ctx.db.execute(
            _PROBLEMS,
            ctx.tenant_id,
            *area,
            import_id,
            [new_id() for _ in kept],
            [number for number, _problem in kept],
            [problem.column for _number, problem in kept],
            [problem.value for _number, problem in kept],
            [problem.code for _number, problem in kept],
            [msgspec.json.encode(problem.details).decode() for _number, problem in kept],
        )
    return len(found)


def _plain(details: Mapping[str, object]) -> dict[str, Any]:
    """Details as JSON holds them."""
    return {
        name: value if isinstance(value, str | int | float | bool | list | type(None)) else str(value)
        for name, value in details.items()
    }
