"""A list of newcomers, which a community keeps in a spreadsheet: people, dwellings and stays in one."""

from __future__ import annotations

from typing import Any, Final

from linli.plugin import (
    ColumnType,
    Context,
    ImportColumn,
    ImportedRow,
    ImportKind,
    Person,
    RowResult,
    area_meant,
    mask_id_number,
    mask_name,
    mask_phone,
    people,
    row_by_row,
    rows,
)
from linli_migrants import dwellings, stays
from linli_migrants.access import person_with
from linli_migrants.origins import origin_code
from linli_migrants.states import PRESENT
from linli_migrants.tables import Dwelling
from linli_migrants.terms import DwellingKind, StayReason

_PRESENT: Final = """
select id, dwelling_id, from_on, origin_code, reason from migrants_stay
where tenant_id = $1 and person_id = $2 and state = any($3::text[]) limit 1"""


async def stay(ctx: Context, row: ImportedRow) -> RowResult:
    """Enter the person, the dwelling and the stay of a row; a stay that is on file already is left alone.

    A person is found by the identity number, and must have the same name. Somebody who is on file elsewhere is
    refused: a move is entered as one. Raises: PersonUnclear, and what `stays.report` and `people.register` do.
    """
    area_id = await area_meant(ctx, row, "area")
    dwelling = await dwellings.at(ctx, area_id, row.text("address"), stays.WRITE)
    dwelling = await _described(ctx, dwelling, row)
    person, is_new = await _person(ctx, row, dwelling)
    begin = row.day("from_on")
    assert begin is not None
    known = await ctx.db.fetchrow(_PRESENT, ctx.tenant_id, person.id, [state.value for state in PRESENT])
    given = (dwelling.id, begin, origin_code(row.text("origin_code")), row.text("reason"))
    if known is not None and tuple(known)[1:] == given:
        return RowResult.UNCHANGED
    await stays.report(
        ctx,
        person_id=person.id,
        dwelling_id=dwelling.id,
        origin_code=row.text("origin_code"),
        origin_address=row.text("origin_address"),
        reason=row.text("reason"),
        from_on=begin,
    )
    return RowResult.CREATED if is_new else RowResult.UPDATED


async def _described(ctx: Context, dwelling: Dwelling, row: ImportedRow) -> Dwelling:
    """The dwelling with the grid, building and kind that the list names; what it leaves out stays."""
    given = {key: row.text(key) for key in ("grid", "building", "kind") if row.text(key)}
    changes: dict[str, Any] = {key: text for key, text in given.items() if getattr(dwelling, key) != text}
    if not changes:
        return dwelling
    return await rows.update(ctx, dwelling, **changes)


async def _person(ctx: Context, row: ImportedRow, dwelling: Dwelling) -> tuple[Person, bool]:
    """The person of a row and whether it was entered just now. Raises: PersonUnclear."""
    number = row.text("resident_id")
    known = await person_with(ctx, number, row.text("full_name"), path="resident_id")
    if known is not None:
        return known, False
    made = await people.register(
        ctx,
        area_id=dwelling.area_id,
        full_name=row.text("full_name"),
        id_number=number,
        phone=row.text("mobile") or None,
    )
    return made, True


STAYS: Final = ImportKind(
    name="migrants.stays",
    permission=stays.WRITE,
    columns=(
        ImportColumn("full_name", required=True, personal=True, mask=mask_name, example="示例·王小明"),
        ImportColumn(
            "resident_id", required=True, personal=True, mask=mask_id_number, example="11010519491231002X"
        ),
        ImportColumn("mobile", personal=True, mask=mask_phone, example="19900000001"),
        ImportColumn("area", required=True, example="621027101001"),
        ImportColumn("address", required=True, personal=True, example="示例路 1 号 101 室"),
        ImportColumn("grid", example="第一网格"),
        ImportColumn("building", example="1 号楼"),
        ImportColumn("kind", type=ColumnType.CHOICE, choices=tuple(DwellingKind), example="rented"),
        ImportColumn("origin_code", required=True, example="610121"),
        ImportColumn("origin_address", personal=True),
        ImportColumn(
            "reason", type=ColumnType.CHOICE, required=True, choices=tuple(StayReason), example="work"
        ),
        ImportColumn("from_on", type=ColumnType.DATE, required=True, example="2026-03-01"),
    ),
    keys=(("resident_id",),),
    apply=row_by_row(stay),
)
IMPORTS: Final = (STAYS,)
