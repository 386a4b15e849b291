"""The list of organisations in incubation, which most districts keep as a spreadsheet."""

from __future__ import annotations

from typing import Final

from linli.plugin import (
    ColumnType,
    Context,
    ImportColumn,
    ImportedRow,
    ImportKind,
    Organisation,
    RowResult,
    row_by_row,
    rows,
)
from linli_venture.incubation import incubating
from linli_venture.incubation.errors import UnknownOrganisation
from linli_venture.incubation.states import IncubationState
from linli_venture.incubation.tables import Incubation


async def record(ctx: Context, row: ImportedRow) -> RowResult:
    """Take the organisation of a row in, unless it is in incubation since that day already.

    Raises: UnknownOrganisation; as `incubating.start`.
    """
    day = row.day("started_on")
    assert day is not None
    organisation = await rows.find_by(ctx, Organisation, uscc=row.text("organisation").upper())
    if organisation is None or not ctx.can("identity.organisation.read", organisation.area_path):
        raise UnknownOrganisation(path=("organisation",))
    known = await rows.find_by(
        ctx, Incubation, organisation_id=organisation.id, state=IncubationState.INCUBATING.value
    )
    if known is not None and known.started_on == day:
        return RowResult.UNCHANGED
    await incubating.start(ctx, organisation_id=organisation.id, support=row.text("support"), started_on=day)
    return RowResult.CREATED


INCUBATIONS: Final = ImportKind(
    name="venture.incubations",
    permission=incubating.WRITE,
    columns=(
        ImportColumn("organisation", required=True, example="52420800MJ0000001X"),
        ImportColumn("support", required=True, example="场地、财务托管"),
        ImportColumn("started_on", type=ColumnType.DATE, required=True, example="2026-03-01"),
    ),
    keys=(("organisation",),),
    apply=row_by_row(record),
)
