"""Running a confirmed import: batch by batch, or all in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.errors import LinliError
from linli.tenancy.wording import tenant_catalogue
from linli.transfer.acting import acting_for
from linli.transfer.blocks import (
    PROBLEMS_KEPT_MAX,
    Block,
    Told,
    all_blocks,
    keep_problems,
    keep_told,
    read_block,
)
from linli.transfer.conversion import Converter
from linli.transfer.errors import FileGone, RowsRefused
from linli.transfer.imports import RUN_JOB, ImportMode, kind_for
from linli.transfer.kinds import ImportKind, RowResult
from linli.transfer.steps import allow_long_work, come_to, hold_kind, is_refusal, open_import, reason_of
from linli.transfer.tables import DataImport
from linli.transfer.telling import Progress, Tally, tell
from linli.transfer.wording import Words

_ADD: Final = """
update transfer_import set rows_done = rows_done + $3, blocks_done = blocks_done + 1,
    created_count = created_count + $4, updated_count = updated_count + $5, unchanged_count = unchanged_count + $6,
    refused_count = refused_count + $7, problem_count = problem_count + $8, version = version + 1, updated_at = $9
where tenant_id = $1 and id = $2"""


class _Undone(Exception):
    """Not all rows could be imported, or somebody cancelled: everything goes back."""


async def run(ctx: Context, import_id: UUID) -> str | None:
    """Do the next step of an import that is `running`; gives the job that must follow.

    Good rows: one batch, whose rows, outcomes and position are committed together, so that after whatever
    happens the next attempt goes on behind the last batch that is there. All or nothing: the whole file.

    Raises: AtWork, and what else is worth another attempt.
    """
    found = await open_import(ctx, import_id, "running")
    if found is None or found.ending:
        return None
    await hold_kind(ctx, found.kind)
    if found.cancel_asked_at:
        return await come_to(ctx, found.id, "cancelled")
    try:
        async with ctx.db.savepoint():
            acting = await acting_for(ctx, found, reason=reason_of(found))
            kind = kind_for(acting, found.kind)
            acting.require(kind.permission)
            words = Words(kind, await tenant_catalogue(ctx))
            converter = Converter(words, json.loads(found.places))
            if found.mode == ImportMode.ALL_OR_NOTHING:
                return await _run_all(acting, found, kind, converter)
            return await _run_block(acting, found, kind, converter)
    except LinliError as error:
        if not is_refusal(error):
            raise
        return await come_to(ctx, found.id, "failed", error=error)


async def _run_block(ctx: Context, found: DataImport, kind: ImportKind, converter: Converter) -> str | None:
    block = await read_block(ctx, found.id, found.blocks_done)
    if block is None:
        raise FileGone()
    block.told = await tell(ctx, kind.apply, converter, block, foretold=block.told)
    tally = Tally()
    tally.add(block.told)
    await keep_told(ctx, found.id, block)
    tally.problems = await _keep_problems(ctx, found, block, found.problem_count)
    counts = tally.columns()
    await ctx.db.execute(_ADD, ctx.tenant_id, found.id, len(block.rows), *counts.values(), ctx.now())
    if found.blocks_done + 1 < found.blocks_total:
        return RUN_JOB
    return await come_to(ctx, found.id, "done")


async def _run_all(ctx: Context, found: DataImport, kind: ImportKind, converter: Converter) -> str | None:
    await allow_long_work(ctx)
    progress, done, told = Progress(ctx, found.id, found.rows_total), 0, list[list[Told]]()
    cancelled = False
    try:
        async with ctx.db.savepoint():
            async for block in all_blocks(ctx, found.id, found.blocks_total):
                if cancelled := await progress.cancelled():
                    raise _Undone
                told.append(await tell(ctx, kind.apply, converter, block, foretold=block.told))
                done += len(block.rows)
                await progress.at(done)
            if done < found.rows_total:
                raise FileGone()
            if any(one.result == RowResult.REFUSED for block_told in told for one in block_told):
                raise _Undone
    except _Undone:
        told = [[_not_done(one) for one in block_told] for block_told in told]
    tally = await _keep_all(ctx, found, told)
    columns = {**tally.columns(), "rows_done": done, "blocks_done": len(told)}
    if cancelled:
        return await come_to(ctx, found.id, "cancelled", columns=columns)
    refused = tally.results[RowResult.REFUSED]
    error = RowsRefused(refused=refused) if refused else None
    return await come_to(ctx, found.id, "failed" if refused else "done", error=error, columns=columns)


async def _keep_all(ctx: Context, found: DataImport, told: Sequence[list[Told]]) -> Tally:
    tally = Tally()
    async for block in all_blocks(ctx, found.id, len(told)):
        block.told = told[block.place]
        tally.add(block.told)
        await keep_told(ctx, found.id, block)
        tally.problems += await _keep_problems(ctx, found, block, tally.problems)
    return tally


async def _keep_problems(ctx: Context, found: DataImport, block: Block, stored: int) -> int:
    area = (found.area_id, found.area_path)
    room = PROBLEMS_KEPT_MAX - stored
    return await keep_problems(ctx, area=area, import_id=found.id, block=block, room=room)


def _not_done(told: Told) -> Told:
    """What is told of a row of which nothing stays."""
    return told if told.result == RowResult.REFUSED else Told("")
