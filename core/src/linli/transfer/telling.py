"""Asking a kind about the rows of a block, and counting its answers."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db.failures import DatabaseBusy
from linli.transfer.blocks import Block, Told, told_of
from linli.transfer.conversion import Converter
from linli.transfer.kinds import Apply, ImportedRow, RowResult

_TELL_EVERY_S: Final = 1.0
_DONE: Final = {result: Told(result.value) for result in RowResult}
_PROGRESS: Final = (
    "update transfer_import set rows_done = $3, rows_total = $4 where tenant_id = $1 and id = $2"
)
_CANCEL_ASKED: Final = (
    "select cancel_asked_at is not null from transfer_import where tenant_id = $1 and id = $2"
)


@dataclass(slots=True)
class Tally:
    """How many rows had each result, and how many problems there are."""

    results: Counter[str] = field(default_factory=Counter)
    problems: int = 0
    rows: int = 0

    def add(self, told: Sequence[Told]) -> None:
        """Count the rows of a block."""
        self.results.update(one.result for one in told)
        self.rows += len(told)

    def columns(self) -> dict[str, int]:
        """The counts as columns of an import."""
        named = {f"{result.value}_count": self.results[result.value] for result in RowResult}
        return {**named, "problem_count": self.problems}


async def tell(
    ctx: Context, ask: Apply, converter: Converter, block: Block, *, foretold: Sequence[Told] = ()
) -> list[Told]:
    """What becomes of each row of a block; rows that are refused by themselves are not asked about."""
    told: list[Told | None] = []
    rows: list[ImportedRow] = []
    for i, row in enumerate(block.rows):
        if foretold and foretold[i].by_itself:
            told.append(foretold[i])
            continue
        read = converter.read(row)
        if isinstance(read, ImportedRow):
            rows.append(read)
            told.append(None)
        else:
            told.append(told_of(converter, row, read, by_itself=True))
    outcomes = iter(await ask(ctx, rows) if rows else ())
    found: list[Told] = []
    for row, known in zip(block.rows, told, strict=True):
        if known is not None:
            found.append(known)
            continue
        outcome = next(outcomes)  # a kind that answers for fewer rows than it was given is broken
        refused = outcome.result is RowResult.REFUSED
        found.append(
            told_of(converter, row, outcome.problems, by_itself=False) if refused else _DONE[outcome.result]
        )
    return found


class Progress:
    """Says how far a long transaction is, and hears of a wish to cancel it. What it says is not part of the work."""

    def __init__(self, ctx: Context, import_id: UUID, total: int) -> None:
        self._ctx = ctx
        self._import_id = import_id
        self._total = total
        self._due = 0.0

    async def at(self, rows_done: int) -> None:
        """Tell it, at most once a second."""
        if self._ctx.aside is None or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + _TELL_EVERY_S
        try:
            async with self._ctx.aside() as db:
                await db.execute(_PROGRESS, self._ctx.tenant_id, self._import_id, rows_done, self._total)
        except DatabaseBusy:
            return  # the work is not worth less because nobody hears of it

    async def cancelled(self) -> bool:
        """Whether somebody asked to cancel."""
        return bool(await self._ctx.db.fetchval(_CANCEL_ASKED, self._ctx.tenant_id, self._import_id))
