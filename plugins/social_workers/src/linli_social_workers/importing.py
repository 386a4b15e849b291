"""The official list of exam results, as an examinations office sends it."""

from __future__ import annotations

from typing import Final

from linli.plugin import (
    ColumnType,
    Context,
    ImportColumn,
    ImportedRow,
    ImportKind,
    NotFound,
    Person,
    RowResult,
    checks,
    mask_id_number,
    mask_name,
    privacy,
    row_by_row,
    rows,
)
from linli_social_workers import exams
from linli_social_workers.tables import ExamResult
from linli_social_workers.terms import Level, Subject

_YES: Final = "yes"
_NO: Final = "no"


async def result(ctx: Context, row: ImportedRow) -> RowResult:
    """Enter one result; one that is known with the same score is left alone, another score is a correction.

    The person is found by the identity number and must have that name. Raises: NotFound, and what
    `exams.record_result` and `exams.correct_result` do.
    """
    person = await _person(ctx, row)
    level, subject, year = row.text("level"), row.text("subject"), row.whole("year")
    score, fraud = row.whole("score"), row.text("fraud") == _YES
    assert year is not None
    known = await rows.find_by(ctx, ExamResult, person_id=person.id, level=level, subject=subject, year=year)
    if known is None:
        await exams.record_result(
            ctx,
            person_id=person.id,
            level=level,
            subject=subject,
            year=year,
            score=score,
            place=row.text("place"),
            fraud=fraud,
        )
        return RowResult.CREATED
    if (known.score, known.fraud) == (score, fraud):
        return RowResult.UNCHANGED
    reason = ctx.plugins.texts.translate("social_workers.reasons.list", ctx.locale)
    await exams.correct_result(ctx, known.id, reason=reason, score=score, fraud=fraud)
    return RowResult.UPDATED


async def _person(ctx: Context, row: ImportedRow) -> Person:
    number = checks.id_number(ctx, row.text("resident_id"), "resident_id")
    assert number is not None
    found = [
        one
        for one in await privacy.find_equal(ctx, Person, "id_number", number)
        if one.state == "active"
        and one.full_name == row.text("full_name")
        and ctx.can(exams.WRITE, one.area_path)
    ]
    if len(found) != 1:
        raise NotFound(path=("resident_id",), kind="identity_person")
    return found[0]


RESULTS: Final = ImportKind(
    name="social_workers.results",
    permission=exams.WRITE,
    columns=(
        ImportColumn("full_name", required=True, personal=True, mask=mask_name, example="示例·王小明"),
        ImportColumn(
            "resident_id", required=True, personal=True, mask=mask_id_number, example="11010519491231002X"
        ),
        ImportColumn(
            "level", type=ColumnType.CHOICE, required=True, choices=tuple(Level), example="assistant"
        ),
        ImportColumn(
            "subject", type=ColumnType.CHOICE, required=True, choices=tuple(Subject), example="practice"
        ),
        ImportColumn("year", type=ColumnType.INTEGER, required=True, example="2025"),
        ImportColumn("score", type=ColumnType.INTEGER, example="68"),
        ImportColumn("place", example="420800"),
        ImportColumn("fraud", type=ColumnType.CHOICE, choices=(_YES, _NO), example=_NO),
    ),
    keys=(("resident_id", "level", "subject", "year"),),
    apply=row_by_row(result),
)
IMPORTS: Final = (RESULTS,)
