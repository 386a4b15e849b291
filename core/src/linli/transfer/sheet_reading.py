"""Reading a file of rows: by a process of its own, a block at a time."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec

from linli.transfer.errors import (
    Damaged,
    NotAnObject,
    NotOfFormat,
    OldExcel,
    TooDemanding,
    TooManyColumns,
    TooManyRows,
    UnknownEncoding,
    UnusableFile,
)
from linli.transfer.formats import Format

READING_S_MAX: Final = 120.0
_LINE_BYTES_MAX: Final = 16 * 1024 * 1024
# What a Python needs to find itself and its libraries, and nothing that is ours.
_ENVIRONMENT: Final = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
_FAULTS: Final[dict[str, type[UnusableFile]]] = {
    "damaged": Damaged,
    "not_an_object": NotAnObject,
    "not_of_format": NotOfFormat,
    "old_excel": OldExcel,
    "too_demanding": TooDemanding,
    "too_many_columns": TooManyColumns,
    "too_many_rows": TooManyRows,
    "unknown_encoding": UnknownEncoding,
}

Cell = str | int | float | bool | None | list[str]
"""A cell as it was read; a day is `["d", "2026-05-06"]`."""

RawRow = tuple[int, list[Cell]]
"""A row's number in the file, and its cells; empty ones at its end are left out."""


_ANSWER: Final = msgspec.json.Decoder(list[tuple[int, list[Any]]] | dict[str, Any])


async def read_blocks(
    path: Path, file_format: Format, *, rows_max: int
) -> AsyncGenerator[list[RawRow], None]:
    """The rows of the first sheet that hold something, up to 500 at a time; one that reads like a header is among them.

    Memory is bounded on both sides, time to two minutes. Raises: UnusableFile.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",
        "-m",
        "linli.transfer.sheet_process",
        file_format.value,
        str(path),
        str(rows_max),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        limit=_LINE_BYTES_MAX,
    )
    assert process.stdout is not None
    try:
        while True:
            answer = await _line(process.stdout)
            if isinstance(answer, dict):
                _raise_fault(answer, file_format)
                return
            yield answer
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


async def _line(output: asyncio.StreamReader) -> Any:
    """The next block, or the ending. A process that is gone without one died of its bounds."""
    try:
        async with asyncio.timeout(READING_S_MAX):
            line = await output.readline()
        return _ANSWER.decode(line) if line else {"fault": "too_demanding"}
    except (TimeoutError, ValueError, msgspec.DecodeError):
        return {"fault": "too_demanding"}


def _raise_fault(ending: dict[str, Any], file_format: Format) -> None:
    fault = ending.pop("fault", None)
    if fault is None:
        return
    kind = _FAULTS.get(fault, Damaged)
    raise kind(**({"format": file_format.value} if kind is NotOfFormat else ending))
