"""Reading a file of areas: compression, encoding, columns, and the faults that a line has by itself."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from linli.areas.errors import UnreadableFile

COLUMNS: Final = ("code", "name", "level", "parent_code")
ROWS_MAX: Final = 2_000_000
LINE_BYTES_MAX: Final = 4_096
_SAMPLE_BYTES: Final = 262_144
_BLOCK_BYTES: Final = 262_144
_FILE_BYTES_MAX: Final = 1_000_000_000
_GZIP: Final = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One line. `fault` is "" or the reason for which the line cannot be used."""

    line: int
    code: str = ""
    name: str = ""
    level: str = ""
    parent_code: str = ""
    fault: str = ""


def read_rows(source: Path | bytes | BinaryIO) -> Iterator[tuple[int, list[str] | str]]:
    """The lines after the header: (line number, the four values in the order of `COLUMNS`, or a fault).

    Takes a path, the content, or an open binary file; plain or gzip; UTF-8 with or without a byte-order mark,
    or GB18030 (which includes GBK and GB2312). Blank lines are skipped. Raises: UnreadableFile.
    """
    with _opened(source) as stream:
        try:
            yield from _read(stream)
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(reason="damaged") from error


def _opened(source: Path | bytes | BinaryIO) -> io.BufferedReader[Any]:
    try:
        if isinstance(source, Path):
            raw: Any = source.open("rb")
        else:
            raw = io.BytesIO(source) if isinstance(source, bytes) else source
        buffered: io.BufferedReader[Any] = io.BufferedReader(raw, _SAMPLE_BYTES)
        if buffered.peek(2)[:2] == _GZIP:
            return io.BufferedReader(cast(Any, gzip.GzipFile(fileobj=buffered)), _SAMPLE_BYTES)
    except (OSError, EOFError, zlib.error) as error:
        raise UnreadableFile(reason="damaged") from error
    return buffered


def _read(stream: io.BufferedReader[Any]) -> Iterator[tuple[int, list[str] | str]]:
    encoding = _encoding(stream.peek(_SAMPLE_BYTES))
    places: list[int] | None = None
    line = width = 0
    for block in _blocks(stream):
        for values in _lines(block, encoding):
            line += 1
            if line > ROWS_MAX:
                raise UnreadableFile(reason="too_large")
            if places is None:
                places, width = _places(values), len(values)
            elif isinstance(values, str):
                yield line, values
            elif values and values != [""]:
                same = len(values) == width
                yield line, [values[place].strip() for place in places] if same else "wrong_field_count"
    if places is None:
        raise UnreadableFile(reason="empty")


def _blocks(stream: io.BufferedReader[Any]) -> Iterator[bytes]:
    """Whole lines; of one that is too long only its beginning, which is still too long."""
    size = 0
    while block := stream.read(_BLOCK_BYTES):
        rest = b"" if block.endswith(b"\n") else stream.readline(LINE_BYTES_MAX)
        yield block + rest
        size += len(block) + len(rest)
        while len(rest) == LINE_BYTES_MAX and not rest.endswith(b"\n") and size <= _FILE_BYTES_MAX:
            rest = stream.readline(LINE_BYTES_MAX)
            size += len(rest)
        if size > _FILE_BYTES_MAX:
            raise UnreadableFile(reason="too_large")


def _lines(block: bytes, encoding: str) -> Iterator[list[str] | str]:
    """The values of each line, or its fault. A block without quotes and faults is decoded at once."""
    lines = block.removesuffix(b"\n").split(b"\n")
    if b'"' not in block and max(map(len, lines)) < LINE_BYTES_MAX:
        try:
            text = block.decode(encoding)
        except UnicodeDecodeError:
            pass  # the lines are decoded one by one to find the broken one
        else:
            for line in text.removesuffix("\n").split("\n"):
                yield line.rstrip("\r").split(",")
            return
    for raw in lines:
        yield _values(raw, encoding)


def _values(raw: bytes, encoding: str) -> list[str] | str:
    if len(raw) >= LINE_BYTES_MAX:
        return "line_too_long"
    try:
        text = raw.decode(encoding).rstrip("\r\n")
    except UnicodeDecodeError:
        return "undecodable"
    if '"' not in text:
        return text.split(",")
    try:
        return next(csv.reader([text], strict=True))
    except csv.Error:
        return "broken_quotes"


def _places(header: list[str] | str) -> list[int]:
    if isinstance(header, str):
        raise UnreadableFile(reason="header")
    names = [name.strip().lstrip("\ufeff").lower() for name in header]
    if any(names.count(column) != 1 for column in COLUMNS):
        raise UnreadableFile(reason="columns", columns=", ".join(COLUMNS))
    return [names.index(column) for column in COLUMNS]


def _encoding(sample: bytes) -> str:
    """UTF-8, unless most lines that are not ASCII are not UTF-8: a single broken line decides nothing."""
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise UnreadableFile(reason="encoding")
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    lines = [line for line in sample[:_SAMPLE_BYTES].split(b"\n")[:-1] or [sample] if not line.isascii()]
    good = sum(1 for line in lines if _is_utf8(line))
    return "utf-8" if good * 2 >= len(lines) else "gb18030"


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
