"""Loading a tree from a file: bad rows are named, good ones loaded, and repeating it changes nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import BinaryIO, Final
from uuid import UUID

from linli.areas.errors import RowsRefused, UnreadableFile
from linli.areas.import_plan import KNOWN, NEW, BadRow, Order, Outside, Rows
from linli.areas.import_source import read_rows
from linli.areas.import_writing import Anchor, Writer, write_renames
from linli.areas.levels import levels
from linli.areas.locking import lock_tree
from linli.audit.record import Change, record
from linli.context import Context
from linli.errors import FutureDate

IMPORT: Final = "areas.import"
_LOOK_UP_ROWS: Final = 10_000
_PROGRESS_ROWS: Final = 20_000
_ANALYZE_ROWS_MIN: Final = 20_000
_PROGRESS_EVERY_S: Final = 2.0

Progress = Callable[[str, int, int], None]
"""Told the stage (`read`, `compare`, `check`, `write`, `analyze`), the rows done, and the rows in all.

All is 0 while it is not known. `analyze` is told every other second of its one statement, without rows.
"""


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `bad` holds the first ten thousand bad rows by line; `bad_count` counts all."""

    created: int
    renamed: int
    unchanged: int
    bad_count: int
    bad: tuple[BadRow, ...] = field(default_factory=tuple)

    @property
    def loaded(self) -> int:
        """The good rows."""
        return self.created + self.renamed + self.unchanged


async def import_areas(
    ctx: Context,
    source: Path | bytes | BinaryIO,
    *,
    valid_from: date | None = None,
    strict: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Load `code,name,level,parent_code` rows into the tenant's tree, in the caller's transaction.

    An area that exists with another name is renamed as of `valid_from` (today by default); one that exists at
    another place is a bad row, because a move is a change set. With `strict`, one bad row refuses all.

    Raises: FutureDate, UnreadableFile, RowsRefused (carries the report as `report`).
    """
    ctx.require(IMPORT, "")
    on = valid_from or ctx.today()
    if on > ctx.today():
        raise FutureDate(path=("valid_from",))
    tell = progress or (lambda _stage, _done, _total: None)
    await lock_tree(ctx)
    rows = await _read(ctx, source, tell)
    renames = await _compare(ctx, rows, on, tell)
    anchors = await _anchors(ctx, rows)
    tell("check", 0, len(rows))
    order = Order(rows, {code: Outside(a.level, a.depth) for code, a in anchors.items()})
    report = _report(rows, len(order.sequence), len(renames))
    if strict and report.bad_count:
        raise RowsRefused(report)
    rows.by_code.clear()  # a country's takes 40 MB, and nothing below looks a code up
    await write_renames(ctx, [(area_id, rows.names[number]) for number, area_id in renames], on=on)
    await Writer(ctx, rows, order, anchors, on).write(lambda done: tell("write", done, len(order.sequence)))
    await _audit(ctx, report, on)
    if report.created >= _ANALYZE_ROWS_MIN:
        # Without statistics the first queries would scan the table until autovacuum comes by.
        await _analyze(ctx, tell)
    return report


async def _analyze(ctx: Context, tell: Progress) -> None:
    """Gather statistics, and show that it goes on; the transaction's time-out bounds it."""
    running = asyncio.create_task(ctx.db.execute("select app.analyze_areas()"))
    try:
        while not running.done():
            tell("analyze", 0, 0)
            await asyncio.wait({running}, timeout=_PROGRESS_EVERY_S)
    finally:
        running.cancel()  # does nothing when it is done
        await asyncio.wait({running})
    running.result()


async def _read(ctx: Context, source: Path | bytes | BinaryIO, tell: Progress) -> Rows:
    known = {level.key: level for level in await levels(ctx)}
    rows = Rows(known)
    if not known:
        raise UnreadableFile(reason="no_levels")
    for count, (line, values) in enumerate(read_rows(source), start=1):
        rows.add(line, values)
        if count % _PROGRESS_ROWS == 0:
            tell("read", count, 0)
            await asyncio.sleep(0)
    tell("read", len(rows) + rows.bad_count, len(rows) + rows.bad_count)
    return rows


async def _compare(ctx: Context, rows: Rows, on: date, tell: Progress) -> list[tuple[int, UUID]]:
    """Mark the rows that exist already; gives those whose name is new, with the area's id."""
    renames: list[tuple[int, UUID]] = []
    if not await ctx.db.fetchval(
        "select exists (select 1 from areas_area where tenant_id = $1)", ctx.tenant_id
    ):
        return renames
    for start in range(0, len(rows), _LOOK_UP_ROWS):
        found = await ctx.db.fetch(
            "select a.id, a.code, a.name, a.level, coalesce(p.code, '') as parent_code,"
            " coalesce(a.renewed_on, a.valid_from) as valid_from"
            " from areas_area a left join areas_area p on p.tenant_id = $1 and p.id = a.parent_id"
            " where a.tenant_id = $1 and a.code = any($2::text[]) and a.state = 'active'",
            ctx.tenant_id,
            rows.codes[start : start + _LOOK_UP_ROWS],
        )
        for area in found:
            number = rows.by_code[area["code"]]
            rows.states[number] = KNOWN
            if (area["level"], area["parent_code"]) != (rows.level_of[number], rows.parent_codes[number]):
                rows.refuse_row(number, "elsewhere", level=area["level"], parent_code=area["parent_code"])
            elif area["name"] != rows.names[number] and area["valid_from"] > on:
                rows.refuse_row(number, "overlapping_validity", valid_from=area["valid_from"].isoformat())
            elif area["name"] != rows.names[number]:
                renames.append((number, area["id"]))
        tell("compare", min(start + _LOOK_UP_ROWS, len(rows)), len(rows))
    return renames


async def _anchors(ctx: Context, rows: Rows) -> dict[str, Anchor]:
    """The areas of the database below which new rows of the file may stand, by code."""
    wanted = sorted(
        {
            code
            for number, code in enumerate(rows.parent_codes)
            if code and rows.states[number] == NEW and _outside(rows, code)
        }
    )
    anchors: dict[str, Anchor] = {}
    for start in range(0, len(wanted), _LOOK_UP_ROWS):
        found = await ctx.db.fetch(
            "select id, code, level, path, depth, children_made from areas_area"
            " where tenant_id = $1 and code = any($2::text[]) and state = 'active'",
            ctx.tenant_id,
            wanted[start : start + _LOOK_UP_ROWS],
        )
        for a in found:
            anchors[a["code"]] = Anchor(a["id"], a["level"], a["path"], a["depth"], a["children_made"])
    return anchors


def _outside(rows: Rows, code: str) -> bool:
    number = rows.by_code.get(code)
    return number is None or rows.states[number] != NEW


def _report(rows: Rows, created: int, renamed: int) -> ImportReport:
    known = sum(1 for state in rows.states if state == KNOWN)
    bad = tuple(sorted(rows.bad, key=lambda row: row.line))
    return ImportReport(created, renamed, known - renamed, rows.bad_count, bad)


async def _audit(ctx: Context, report: ImportReport, on: date) -> None:
    summary = {
        "created": report.created,
        "renamed": report.renamed,
        "unchanged": report.unchanged,
        "bad": report.bad_count,
        "valid_from": on.isoformat(),
        "bad_rows": [{"line": row.line, "reason": row.reason} for row in report.bad[:100]],
    }
    await record(ctx, Change("areas.import", "areas_area", None, before=None, after=summary))
