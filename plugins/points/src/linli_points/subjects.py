"""What the plugin keeps about a person: given out to them, and left without its texts at an erasure.

Points, days and decisions stay under an id that tells of nobody once the register's entry is erased, so that the books
and figures add up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final
from uuid import UUID

from linli.plugin import AreaTable, Context, Kept, SubjectData, rows, subject_table
from linli_points import tables

ROWS_MAX: Final = 100_000
NOTHING: Final = "—"

_BOOKS: Final = Kept(
    "points",
    "积分的数额、日期和裁定结果不含姓名，为账目完整而保留。",
    "Points, days and decisions stay, without a name, so that the books are whole.",
)
Erase = Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Kept]]]


def _blank(table: type[AreaTable], **values: object) -> Erase:
    """An erasure that sets columns of a person's rows to these values."""
    name = table._meta.tablename
    sql = f"select * from {name} where tenant_id = $1 and person_id = any($2) order by id limit $3 for update"

    async def erase(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
        for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids), ROWS_MAX):
            found = rows.from_record(table, row)
            changes: dict[str, Any] = {
                column: value for column, value in values.items() if getattr(found, column) != value
            }
            await rows.update(ctx, found, action="erase", **changes)
        return (_BOOKS,)

    return erase


def _kept(
    name: str, zh: str, en: str, table: type[AreaTable], without: Sequence[str], **blanked: object
) -> SubjectData:
    plain = subject_table(name, zh, en, table, without=without)
    return SubjectData(name, zh, en, plain.tables, plain.export, _blank(table, **blanked))


PERSONAL_DATA: Final = (
    _kept("points.participant", "积分参与", "Taking part", tables.Participant, (), nickname="", ranked=False),
    _kept(
        "points.claim",
        "积分申报",
        "Claims",
        tables.Claim,
        ("drafted_by", "submitted_by", "verified_by", "confirmed_by", "rejected_by"),
        note="",
    ),
    _kept("points.evidence", "佐证材料", "Evidence", tables.Evidence, (), reference=NOTHING),
    _kept(
        "points.objection",
        "异议",
        "Objections",
        tables.Objection,
        ("raised_by", "decided_by"),
        reason=NOTHING,
    ),
    _kept(
        "points.redemption", "积分兑换", "Redemptions", tables.Redemption, ("requested_by", "fulfilled_by")
    ),
    _kept(
        "points.transfer",
        "积分转移",
        "Transfers",
        tables.Transfer,
        ("to_participant_id", "offered_by", "accepted_by"),
    ),
)
