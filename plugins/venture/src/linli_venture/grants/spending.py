"""Expenditures: entered by one person under a line with a receipt, verified by another; a line has its limit."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, checks, decision_facts, folded, rows
from linli_venture.grants.access import REPORT, VERIFY, belonging, decided, grant_for, part_for, require_state
from linli_venture.grants.errors import (
    AlreadyAudited,
    LineExceeded,
    ReceiptFileMissing,
    ReceiptUsed,
    SpentOutside,
)
from linli_venture.grants.evidence import RECEIPT, has_file
from linli_venture.grants.reading import spent_by_line
from linli_venture.grants.states import EXPENDITURE
from linli_venture.grants.tables import Audit, Expenditure, Grant, GrantLine
from linli_venture.grants.terms import ExpenditureState, GrantState, PaidFrom
from linli_venture.money.checked import amount

TOLERANCE_SETTING: Final = "venture.line_tolerance_percent"
ITEM_MAX: Final = 200
NUMBER_MAX: Final = 60
COUNTED: Final = (ExpenditureState.ENTERED, ExpenditureState.VERIFIED)


async def enter(
    ctx: Context,
    *,
    line_id: UUID,
    amount_fen: int,
    spent_on: date,
    item: str,
    receipt_number: str,
    paid_from: PaidFrom = PaidFrom.GRANT,
) -> Expenditure:
    """Enter what was spent under a line; of the grant at most a tenth (a setting) above it, until a change is approved.

    Own funds that were promised are shown in the same way, and have no limit. A receipt counts once, for either.
    Raises: NotFound, PermissionDenied, GrantNotActive, AlreadyAudited, UnknownValue, AmountOutOfRange, SpentOutside,
    Required, TooLong, LineExceeded, ReceiptUsed.
    """
    seen = await rows.get(ctx, GrantLine, line_id)
    grant = await grant_for(ctx, seen.grant_id, REPORT)
    await _require_open(ctx, grant)
    fen = amount(amount_fen, "amount_fen")
    if not grant.starts_on <= spent_on <= min(grant.ends_on, ctx.today()):
        raise SpentOutside(path=("spent_on",))
    line = await rows.get(ctx, GrantLine, line_id)
    source = PaidFrom(checks.one_of(paid_from, list(PaidFrom), "paid_from"))
    if source is PaidFrom.GRANT:
        spent = (await spent_by_line(ctx, grant.id, COUNTED)).get(line.id, 0)
        require_within(ctx, line, line.amount_fen, spent + fen, "amount_fen", more=fen)
    number = checks.line(receipt_number, "receipt_number", NUMBER_MAX)
    try:
        return await rows.insert(
            ctx,
            Expenditure,
            action="enter",
            **belonging(grant),
            line_id=line.id,
            amount_fen=fen,
            spent_on=spent_on,
            item=checks.line(item, "item", ITEM_MAX),
            paid_from=source.value,
            receipt_number=number,
            receipt_digest=receipt_digest(number),
            entered_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise ReceiptUsed(path=("receipt_number",)) from error


async def verify(ctx: Context, expenditure_id: UUID, *, expected_version: int | None = None) -> Expenditure:
    """It was spent as the attached receipt says; by somebody who did not enter it.

    Raises: NotFound, PermissionDenied, GrantNotActive, AlreadyAudited, UndefinedTransition, OwnWork,
    ReceiptFileMissing, StaleVersion.
    """
    expenditure, grant = await part_for(ctx, Expenditure, expenditure_id, VERIFY)
    await _require_open(ctx, grant)
    state = EXPENDITURE.apply(expenditure.state, "verify", await decision_facts(ctx, expenditure))
    if not await has_file(ctx, RECEIPT, expenditure.id):
        raise ReceiptFileMissing()
    if expenditure.paid_from == PaidFrom.OWN_FUNDS:
        shown = grant.own_shown_fen + expenditure.amount_fen
        await rows.update(ctx, grant, action="show", own_shown_fen=shown)
    return await decided(ctx, expenditure, "verify", state, "", expected_version)


async def reject(
    ctx: Context, expenditure_id: UUID, *, reason: str, expected_version: int | None = None
) -> Expenditure:
    """It does not count, says somebody who did not enter it; its receipt and its line are free again.

    Raises: NotFound, PermissionDenied, GrantNotActive, AlreadyAudited, Required, TooLong, UndefinedTransition, OwnWork,
    StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    expenditure, grant = await part_for(ctx, Expenditure, expenditure_id, VERIFY)
    await _require_open(ctx, grant)
    state = EXPENDITURE.apply(expenditure.state, "reject", await decision_facts(ctx, expenditure))
    return await decided(ctx, expenditure, "reject", state, why, expected_version)


def tolerance_percent(ctx: Context) -> int:
    """By how many per cent a line may be exceeded without a change, from 0 to 100."""
    return min(100, max(0, int(str(ctx.setting(TOLERANCE_SETTING)))))


def receipt_digest(number: str) -> str:
    """What tells receipts apart: the number without its spaces, whatever its width and case."""
    return hashlib.sha256(folded(number).encode()).hexdigest()


def require_within(
    ctx: Context, line: GrantLine, line_fen: int, spent_fen: int, path: str, *, more: int = 0
) -> None:
    """Go on only when what is spent under a line of `line_fen` is within its limit; `more` is what is new of it.

    Raises: LineExceeded.
    """
    percent = tolerance_percent(ctx)
    limit = line_fen * (100 + percent) // 100
    if spent_fen > limit:
        left = max(0, limit - (spent_fen - more))
        raise LineExceeded(path=(path,), line=line.name, percent=percent, left_fen=left)


async def _require_open(ctx: Context, grant: Grant) -> None:
    require_state(grant, (GrantState.ACTIVE, GrantState.SUSPENDED, GrantState.FINAL))
    if await rows.find_by(ctx, Audit, grant_id=grant.id) is not None:
        raise AlreadyAudited()
