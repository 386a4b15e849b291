"""The formats of lists, and what a file's name says of its content."""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from pathlib import PurePosixPath
from typing import Final

from linli.transfer.errors import UnknownFormat

FILE_BYTES_MAX: Final = 20 * 1024 * 1024
NAME_CHARACTERS_MAX: Final = 150


class Format(StrEnum):
    """The formats in which lists come in and go out."""

    XLSX = "xlsx"
    CSV = "csv"
    JSONL = "jsonl"


# The edge says the charset of texts; JSON is UTF-8 in any case.
MEDIA_TYPES: Final = {
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
    Format.JSONL: "application/jsonl",
}


def format_of(name: str) -> Format:
    """The format that a file's name ends in. Raises: UnknownFormat."""
    ending = name.rpartition(".")[2].lower()
    if "." not in name or ending not in set(Format):
        raise UnknownFormat(path=("name",), allowed=".xlsx, .csv, .jsonl")
    return Format(ending)


def plain_name(name: str) -> str:
    """A file's name without folders and control characters, at most 150 characters, its ending kept."""
    last = PurePosixPath(name.replace("\\", "/")).name
    shown = "".join(one for one in last if unicodedata.category(one) not in ("Cc", "Cs", "Cf")).strip()
    stem, dot, ending = shown.rpartition(".")
    return (
        f"{stem[: NAME_CHARACTERS_MAX - len(ending) - 1]}{dot}{ending}"
        if dot
        else shown[:NAME_CHARACTERS_MAX]
    )
