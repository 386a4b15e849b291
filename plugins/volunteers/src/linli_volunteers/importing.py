"""The list of residents by area, which a statistics office sends as a spreadsheet."""

from __future__ import annotations

from typing import Final

from linli.plugin import (
    ColumnType,
    Context,
    ImportColumn,
    ImportedRow,
    ImportKind,
    RowResult,
    area_meant,
    row_by_row,
)
from linli_volunteers import figures

_SAME_DAY: Final = """
select residents, source from volunteers_population
where tenant_id = $1 and area_id = $2 and as_of = $3 order by id desc limit 1"""


async def record(ctx: Context, row: ImportedRow) -> RowResult:
    """Record how many residents an area had on a day, unless the last record of that day says the same.

    Raises: as `figures.record_population`, and for an area that is not known.
    """
    area_id = await area_meant(ctx, row, "area")
    residents, as_of, source = row.whole("residents"), row.day("as_of"), row.text("source")
    assert residents is not None
    assert as_of is not None
    known = await ctx.db.fetchrow(_SAME_DAY, ctx.tenant_id, area_id, as_of)
    if known is not None and (known["residents"], known["source"]) == (residents, source):
        return RowResult.UNCHANGED
    await figures.record_population(ctx, area_id=area_id, residents=residents, as_of=as_of, source=source)
    return RowResult.CREATED if known is None else RowResult.UPDATED


POPULATION: Final = ImportKind(
    name="volunteers.population",
    permission=figures.WRITE,
    columns=(
        ImportColumn("area", required=True, example="520113001000"),
        ImportColumn("residents", type=ColumnType.INTEGER, required=True, example="7300"),
        ImportColumn("as_of", type=ColumnType.DATE, required=True, example="2025-12-31"),
        ImportColumn("source", required=True, example="区统计局年报"),
    ),
    keys=(("area", "as_of"),),
    apply=row_by_row(record),
)
