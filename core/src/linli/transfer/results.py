"""The result of an import as a file: the rows as they came, with what became of each and why."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.i18n import Catalogue
from linli.tenancy.wording import tenant_catalogue
from linli.transfer import files
from linli.transfer.blocks import Block, Problem, Told, all_blocks
from linli.transfer.conversion import text_of
from linli.transfer.formats import Format
from linli.transfer.imports import kind_for
from linli.transfer.leftovers import PREFIX
from linli.transfer.sheet_reading import Cell
from linli.transfer.steps import allow_long_work, move_on, open_import
from linli.transfer.tables import DataImport, StoredFile
from linli.transfer.wording import Words
from linli.transfer.writing import ListWriter, OutCell, list_writer

_RESULT: Final = "transfer.result"
_KEYS: Final = ("result", "problems")


async def write_result(ctx: Context, import_id: UUID) -> str | None:
    """Write the file of an import whose step has ended, and move the import on. Raises: AtWork."""
    found = await rows.find(ctx, DataImport, import_id)
    found = await open_import(ctx, import_id, found.state) if found is not None else None
    if found is None or not found.ending:
        return None
    await allow_long_work(ctx)
    texts = await tenant_catalogue(ctx)
    stored = await rows.get(ctx, StoredFile, found.file_id)
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "result"
        await _write(ctx, found, Format(stored.format), path, texts)
        with path.open("rb") as content:
            result = await files.store(
                ctx,
                content,
                purpose="result",
                name=_name(stored, texts, found.locale),
                file_format=Format(stored.format),
            )
    fresh = await rows.get(ctx, DataImport, import_id, lock=True)
    await move_on(ctx, fresh, fresh.ending, result_file_id=result.id, has_result=True)
    return None


async def _write(ctx: Context, found: DataImport, file_format: Format, path: Path, texts: Catalogue) -> None:
    words = Words(kind_for(ctx, found.kind), texts)
    own = json.loads(found.headers)
    headers = [*own, *(texts.translate(f"{_RESULT}.{key}", found.locale) for key in _KEYS)]
    reader = _Reader(words, texts, found.locale)
    async with list_writer(path, file_format, headers, keys=[*own, *_KEYS]) as writer:
        async for block in all_blocks(ctx, found.id, found.blocks_total):
            reached = found.ending == "checked" or block.place < found.blocks_done
            _write_block(writer, block, reader, width=len(own), reached=reached)


def _write_block(writer: ListWriter, block: Block, reader: _Reader, *, width: int, reached: bool) -> None:
    for i, (_number, cells) in enumerate(block.rows):
        told = block.told[i] if i < len(block.told) else Told("")
        if not reached and not told.by_itself:
            told = Told("")
        own = [_cell(cell) for cell in cells[:width]]
        writer.row([*own, *[None] * (width - len(own)), reader.result(told), reader.problems(told.problems)])


class _Reader:
    """Says in one language what became of a row."""

    def __init__(self, words: Words, texts: Catalogue, locale: str) -> None:
        self._texts = texts
        self._locale = locale
        self._headers = {column.key: words.header(column, locale) for column in words.kind.columns}
        self._results: dict[str, str] = {}

    def result(self, told: Told) -> str:
        """The word for a result."""
        key = told.result or "not_done"
        if key not in self._results:
            self._results[key] = self._texts.translate(f"{_RESULT}.{key}", self._locale)
        return self._results[key]

    def problems(self, problems: Sequence[Problem]) -> str:
        """Why a row is refused, a sentence for each reason."""
        return "\n".join(self._problem(one) for one in problems)

    def _problem(self, problem: Problem) -> str:
        message = self._texts.translate(f"problems.{problem.code}", self._locale, **problem.details)
        header = self._headers.get(problem.column)
        return f"{header}: {message}" if header else message


def _cell(cell: Cell) -> OutCell:
    """A cell as it came; a day is written as one again."""
    return date.fromisoformat(text_of(cell)) if isinstance(cell, list) else cell


def _name(stored: StoredFile, texts: Catalogue, locale: str) -> str:
    stem, _dot, ending = stored.name.rpartition(".")
    return f"{stem}-{texts.translate(f'{_RESULT}.file', locale)}.{ending}"
