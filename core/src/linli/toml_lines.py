"""On which line of a TOML file a key stands, so that a complaint can name it.

`tomllib` gives values without places. This reads the same text once more, only for places; it is run on texts
that `tomllib` has accepted, and is content with an approximate answer for what no profile contains.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"^\s*\[\[?\s*({_KEY})\s*\]\]?\s*(?:#.*)?$")
_ENTRY = re.compile(rf"^\s*({_KEY})\s*=")
_TOKEN = re.compile(r'"""|\'\'\'|"(?:[^"\\]|\\.)*"|\'[^\']*\'|[][{}#]')


@dataclass(slots=True)
class TomlLines:
    """The line of every key, and of every quoted text within a key's value. Lines count from 1."""

    keys: dict[tuple[str, ...], int] = field(default_factory=dict)
    texts: dict[tuple[tuple[str, ...], str], int] = field(default_factory=dict)

    def of(self, path: Sequence[str], text: str | None = None) -> int:
        """The line of a text in a key's value, else of the key, else of the next table around it, else 1."""
        place = tuple(path)
        while place:
            if text is not None and (place, text) in self.texts:
                return self.texts[place, text]
            if place in self.keys:
                return self.keys[place]
            place = place[:-1]
        return 1


def find_lines(content: str) -> TomlLines:
    """Give the lines of all keys of a TOML text."""
    lines = TomlLines()
    table: tuple[str, ...] = ()
    value = _Value()
    for number, line in enumerate(content.splitlines(), start=1):
        if value.is_open:
            value.read(line, number, lines)
        elif header := _HEADER.match(line):
            table = _parts(header[1])
            _remember(lines, table, number)
        elif entry := _ENTRY.match(line):
            value = _Value((*table, *_parts(entry[1])))
            _remember(lines, value.path, number)
            value.read(line[entry.end() :], number, lines)
    return lines


class _Value:
    """A value that may go on over several lines: inside brackets or triple quotes."""

    def __init__(self, path: tuple[str, ...] = ()) -> None:
        self.path = path
        self._depth = 0
        self._quotes = ""

    @property
    def is_open(self) -> bool:
        return self._depth > 0 or bool(self._quotes)

    def read(self, text: str, number: int, lines: TomlLines) -> None:
        position = 0
        while True:
            if self._quotes:
                end = text.find(self._quotes, position)
                if end < 0:
                    return
                position, self._quotes = end + 3, ""
            token = _TOKEN.search(text, position)
            if token is None or token[0] == "#":
                return
            position = token.end()
            if token[0] in ('"""', "'''"):
                self._quotes = token[0]
            elif token[0] in "[]{}":
                self._depth += 1 if token[0] in "[{" else -1
            else:
                lines.texts.setdefault((self.path, token[0][1:-1]), number)


def _remember(lines: TomlLines, path: tuple[str, ...], number: int) -> None:
    for length in range(1, len(path) + 1):
        lines.keys.setdefault(path[:length], number)


def _parts(key: str) -> tuple[str, ...]:
    return tuple(part.strip("\"'") for part in re.findall(_PART, key))
