"""Checking a file: read it, stage its rows, ask the kind about each, and undo whatever that wrote."""

from __future__ import annotations

import json
import tempfile
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, suppress
from pathlib import Path
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.errors import LinliError
from linli.tenancy.wording import tenant_catalogue
from linli.transfer import files
from linli.transfer.acting import acting_for
from linli.transfer.blocks import (
    PROBLEMS_KEPT_MAX,
    Told,
    all_blocks,
    forget_problems,
    keep_problems,
    keep_told,
    stage,
    unstage,
)
from linli.transfer.conversion import Converter
from linli.transfer.errors import FileGone, NoRows
from linli.transfer.formats import Format
from linli.transfer.headers import Header, find_header
from linli.transfer.imports import kind_for
from linli.transfer.kinds import ImportKind
from linli.transfer.leftovers import PREFIX
from linli.transfer.sheet_reading import read_blocks
from linli.transfer.steps import allow_long_work, come_to, is_refusal, open_import, reason_of
from linli.transfer.tables import DataImport, StoredFile
from linli.transfer.telling import Progress, Tally, tell
from linli.transfer.wording import Words


class _Undo(Exception):
    """Ends a savepoint of which nothing is to stay."""


async def check(ctx: Context, import_id: UUID) -> str | None:
    """Check a file that is `checking`, in one transaction, so that a second attempt begins anew.

    Gives the job that must follow. Raises: AtWork, and what else is worth another attempt.
    """
    found = await open_import(ctx, import_id, "checking")
    if found is None or found.ending:
        return None
    await allow_long_work(ctx)
    try:
        async with ctx.db.savepoint():
            acting = await acting_for(ctx, found, reason=reason_of(found))
            kind = kind_for(acting, found.kind)
            acting.require(kind.permission)
            columns = await _check(acting, found, Words(kind, await tenant_catalogue(ctx)))
    except LinliError as error:
        if not is_refusal(error):
            raise
        return await come_to(ctx, found.id, "failed", error=error)
    return await come_to(ctx, found.id, "checked" if columns else "cancelled", columns=columns)


async def _check(ctx: Context, found: DataImport, words: Words) -> dict[str, object]:
    """What is found out about the import, as columns; nothing when it was cancelled."""
    header, count, total = await (_staged(ctx, found) if found.dropped_columns else _stage(ctx, found, words))
    progress, tally = Progress(ctx, found.id, total), Tally()
    told = await _foretell(ctx, found.id, words.kind, Converter(words, header.places), count, progress)
    if told is None:
        return {}
    area = (found.area_id, found.area_path)
    async for block in all_blocks(ctx, found.id, count):
        block.told = told[block.place]
        tally.add(block.told)
        await keep_told(ctx, found.id, block)
        room = PROBLEMS_KEPT_MAX - tally.problems
        tally.problems += await keep_problems(ctx, area=area, import_id=found.id, block=block, room=room)
    return {
        "headers": list(header.cells),
        "places": dict(header.places),
        "dropped_columns": list(header.dropped_columns),
        "ignored_columns": list(header.ignored_columns),
        "rows_total": total,
        "rows_done": total,
        "blocks_total": count,
        **tally.columns(),
    }


async def _foretell(
    ctx: Context, import_id: UUID, kind: ImportKind, converter: Converter, count: int, progress: Progress
) -> list[list[Told]] | None:
    """What the kind answers for all rows, one block after the other as in a run; None when it was cancelled.

    Whatever it writes is undone at the end only, so that the answers to later rows are as true as those to the first.
    """
    told: list[list[Told]] = []
    done = 0
    async with _undone(ctx):
        async for block in all_blocks(ctx, import_id, count):
            if await progress.cancelled():
                return None
            told.append(await tell(ctx, kind.check or kind.apply, converter, block))
            done += len(block.rows)
            await progress.at(done)
    return told


async def _stage(ctx: Context, found: DataImport, words: Words) -> tuple[Header, int, int]:
    """Keep the file's rows below its header; gives the header, and how many blocks and rows there are.

    Raises: UnusableFile, FileGone.
    """
    await unstage(ctx, found.id)
    stored = await rows.get(ctx, StoredFile, found.file_id)
    rows_max = ctx.setting("transfer.import_rows_max")
    assert isinstance(rows_max, int)
    header: Header | None = None
    place = total = 0
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder:
        path = Path(folder) / "content"
        await files.write_to(ctx, stored.id, path)
        async with aclosing(read_blocks(path, Format(stored.format), rows_max=rows_max)) as blocks:
            async for block in blocks:
                if header is None:
                    header, used = find_header(words, block)
                    block = block[used:]
                block = [header.kept(row) for row in block]
                if block:
                    await stage(ctx, found.id, place, block)
                    place, total = place + 1, total + len(block)
    if header is None or not total:
        raise NoRows()
    if header.dropped:  # nothing of them stays, so neither does the file
        await files.forget_content(ctx, stored.id)
    return header, place, total


async def _staged(ctx: Context, found: DataImport) -> tuple[Header, int, int]:
    """As `_stage`, for a file that was checked before and had columns that are never kept: its rows are still there.

    Raises: FileGone.
    """
    stored = await rows.get(ctx, StoredFile, found.file_id)
    if stored.removed_at:
        raise FileGone()
    await forget_problems(ctx, found.id)
    header = Header(
        number=0,
        cells=tuple(json.loads(found.headers)),
        places=json.loads(found.places),
        dropped_columns=tuple(found.dropped_columns),
        ignored_columns=tuple(found.ignored_columns),
    )
    return header, found.blocks_total, found.rows_total


@asynccontextmanager
async def _undone(ctx: Context) -> AsyncIterator[None]:
    with suppress(_Undo):
        async with ctx.db.savepoint():
            yield
            raise _Undo
