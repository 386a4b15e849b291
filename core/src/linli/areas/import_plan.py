"""Deciding about the rows of a file: which are good, in which order, and what is wrong with the others.

Memory counts here: a country has 665,000 rows, so that rows are columns of plain arrays and not objects.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from linli.areas.errors import UnknownLevel, WrongParentLevel
from linli.areas.levels import Level, check_place
from linli.areas.names import _CODE, NAME_MAX, fault_in_name
from linli.areas.paths import DEPTH_MAX

BAD_ROWS_KEPT: Final = 10_000
NONE: Final = -1
TOP: Final = -2
OUTSIDE: Final = -3

NEW, KNOWN, BAD = 0, 1, 2


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was not loaded: its line in the file, a stable reason, and the values of its message."""

    line: int
    reason: str
    details: Mapping[str, object] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The key of the reason's text in the catalogues, below `problems`."""
        return f"areas.import.{self.reason}"


@dataclass(frozen=True, slots=True)
class Outside:
    """An area of the database below which rows of the file may stand."""

    level: str
    depth: int


class Rows:
    """The readable rows of one file, by number in the order of the file, and the faults found so far."""

    def __init__(self, levels: Mapping[str, Level]) -> None:
        self.levels = levels
        self.lines = array("i")
        self.codes: list[str] = []
        self.names: list[str] = []
        self.level_of: list[str] = []
        self.parent_codes: list[str] = []
        self.states = bytearray()
        self.by_code: dict[str, int] = {}
        self.bad: list[BadRow] = []
        self.bad_count = 0

    def __len__(self) -> int:
        return len(self.codes)

    def add(self, line: int, values: list[str] | str) -> None:
        """Take one line, or note what is wrong with it."""
        if isinstance(values, str):
            self.refuse(line, values)
            return
        code, name, level, parent = values
        above = self.by_code.get(parent)
        # Most rows are plainly good, and there are many; the others are looked at one fault after the other.
        plain = code not in self.by_code and _CODE.fullmatch(code) and name.isalnum() and name.isprintable()
        if not (plain and above is not None and len(name) <= NAME_MAX and level in self.levels):
            fault = self._fault(code, name, level, parent)
            if fault is not None:
                self.refuse(line, fault[0], **fault[1])
                return
        self.by_code[code] = len(self.codes)
        self.lines.append(line)
        self.codes.append(code)
        self.names.append(name)
        self.level_of.append(self.levels[level].key)
        self.parent_codes.append(parent if above is None else self.codes[above])
        self.states.append(NEW)

    def refuse(self, line: int, reason: str, **details: object) -> None:
        """Note a bad row; the first ten thousand are kept and the rest are counted."""
        self.bad_count += 1
        if len(self.bad) < BAD_ROWS_KEPT:
            self.bad.append(BadRow(line, reason, details))

    def refuse_row(self, number: int, reason: str, **details: object) -> None:
        """Note that a row that was taken is bad after all."""
        self.states[number] = BAD
        self.refuse(self.lines[number], reason, area_code=self.codes[number], **details)

    def _fault(self, code: str, name: str, level: str, parent: str) -> tuple[str, dict[str, object]] | None:
        for column, value in (("code", code), ("name", name), ("level", level)):
            if not value:
                return "required", {"column": column}
        if not _CODE.fullmatch(code):
            return "invalid_code", {"value": code[:40]}
        if parent and not _CODE.fullmatch(parent):
            return "invalid_code", {"value": parent[:40]}
        if fault := fault_in_name(name):
            return fault, {"column": "name", "limit": NAME_MAX, "area_code": code}
        if level not in self.levels:
            return "unknown_level", {"level": level[:40], "area_code": code}
        if code == parent:
            return "self_parent", {"area_code": code}
        if code in self.by_code:
            return "duplicate_code", {"area_code": code, "first_line": self.lines[self.by_code[code]]}
        return None


class Order:
    """The new rows in the order of their paths, parents first, and how many stand below each."""

    def __init__(self, rows: Rows, outside: Mapping[str, Outside]) -> None:
        self._rows = rows
        self._outside = outside
        count = len(rows)
        self.parents = array("i", [NONE]) * count
        self._first = array("i", [NONE]) * count
        self._next = array("i", [NONE]) * count
        self.sizes = array("i", [0]) * count
        self.sequence = array("i")
        self._link()
        self._walk()
        self._refuse_unreached()
        for number in reversed(self.sequence):
            if self.parents[number] >= 0:
                self.sizes[self.parents[number]] += self.sizes[number] + 1

    def children(self, number: int) -> Iterator[int]:
        """The rows below a row, in the order of the file, also bad ones."""
        child = self._first[number]
        while child != NONE:
            yield child
            child = self._next[child]

    def _link(self) -> None:
        """Chain the children of each row, from the last to the first so that the order of the file stays."""
        rows = self._rows
        self._starts: list[int] = []
        for number in range(len(rows) - 1, -1, -1):
            if rows.states[number] != NEW:
                continue
            code = rows.parent_codes[number]
            parent = rows.by_code.get(code, NONE)
            if not code:
                self.parents[number] = TOP
            elif parent != NONE and rows.states[parent] != KNOWN:
                self.parents[number] = parent
                self._next[number] = self._first[parent]
                self._first[parent] = number
                continue
            elif code in self._outside:
                self.parents[number] = OUTSIDE
            else:
                rows.refuse_row(number, "missing_parent", parent_code=code)
                continue
            self._starts.append(number)

    def _walk(self) -> None:
        rows = self._rows
        stack = [(number, *self._above(number)) for number in self._starts]
        while stack:
            number, above, depth = stack.pop()
            level = rows.level_of[number]
            try:
                check_place(rows.levels, level, above)
            except (WrongParentLevel, UnknownLevel):
                rows.refuse_row(number, "wrong_parent_level", level=level, parent_level=above or "")
                continue
            if depth >= DEPTH_MAX:
                rows.refuse_row(number, "too_deep", limit=DEPTH_MAX)
                continue
            self.sequence.append(number)
            if self._first[number] != NONE:
                stack.extend((child, level, depth + 1) for child in reversed([*self.children(number)]))

    def _above(self, number: int) -> tuple[str | None, int]:
        if self.parents[number] == TOP:
            return None, 0
        parent = self._outside[self._rows.parent_codes[number]]
        return parent.level, parent.depth

    def _refuse_unreached(self) -> None:
        """What no walk reached hangs below a bad row, or goes round in a circle."""
        rows = self._rows
        reached = bytearray(len(rows))
        for number in self.sequence:
            reached[number] = 1
        left = [n for n in range(len(rows)) if rows.states[n] == NEW and not reached[n]]
        circles = self._circles(left)
        for number in left:
            reason = "cycle" if number in circles else "parent_refused"
            rows.refuse_row(number, reason, parent_code=rows.parent_codes[number])

    def _circles(self, left: list[int]) -> set[int]:
        seen: dict[int, int] = {}
        circles: set[int] = set()
        for start in left:
            number = start
            while number >= 0 and number not in seen:
                seen[number] = start
                number = self.parents[number]
            if number >= 0 and seen[number] == start and number not in circles:
                member = number
                while member not in circles:
                    circles.add(member)
                    member = self.parents[member]
        return circles
