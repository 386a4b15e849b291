"""Changes of a contract: asked for by one person, approved by another, and only then in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Duplicate, NotFound, checks, decision_facts, insert_many, rows
from linli_venture.grants.access import REPORT, WRITE, belonging, decided, grant_for, part_for, require_state
from linli_venture.grants.errors import (
    AlreadyAudited,
    ChangePending,
    DatesOutOfOrder,
    LinesNotGrant,
    LineTwice,
    MilestoneDone,
    NothingChanged,
)
from linli_venture.grants.reading import lines_of, milestones_of, spent_by_line
from linli_venture.grants.spending import COUNTED, require_within
from linli_venture.grants.states import CHANGE, MILESTONE
from linli_venture.grants.tables import Audit, Change, ChangeItem, Grant, GrantLine, Milestone
from linli_venture.grants.terms import ChangeKind, GrantState
from linli_venture.money.checked import amount

_ITEMS: Final = """
select * from venture_change_item where tenant_id = $1 and change_id = $2 order by id limit 112"""
_OPEN: Final = (GrantState.ACTIVE, GrantState.SUSPENDED, GrantState.FINAL)


@dataclass(frozen=True, slots=True)
class LineChange:
    """The new amount of a line, in fen."""

    line_id: UUID
    amount_fen: int


@dataclass(frozen=True, slots=True)
class DayChange:
    """The new day on which a milestone is due."""

    milestone_id: UUID
    due_on: date


async def propose(
    ctx: Context,
    *,
    grant_id: UUID,
    reason: str,
    lines: Sequence[LineChange] = (),
    milestones: Sequence[DayChange] = (),
) -> Change:
    """Ask for other amounts of lines, of which the sum stays, or for other days of milestones; not for both at once.

    After the audit, amounts stay. Raises: NotFound, PermissionDenied, GrantNotActive, Required, TooLong,
    AmountOutOfRange, NothingChanged, LineTwice, LinesNotGrant, LineExceeded, AlreadyAudited, MilestoneDone,
    DatesOutOfOrder, ChangePending.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    grant = await grant_for(ctx, grant_id, REPORT)
    require_state(grant, _OPEN)
    await _require_known(ctx, grant, lines, milestones)
    if bool(lines) == bool(milestones):
        raise NothingChanged(path=("lines",))
    items = await _line_items(ctx, grant, lines) if lines else await _day_items(ctx, grant, milestones)
    try:
        change = await rows.insert(
            ctx,
            Change,
            action="propose",
            **belonging(grant),
            kind=ChangeKind.BUDGET if lines else ChangeKind.SCHEDULE,
            reason=why,
            proposed_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise ChangePending() from error
    own = {"change_id": change.id, "area_id": grant.area_id, "area_path": grant.area_path}
    await insert_many(ctx, ChangeItem, [{**own, **one} for one in items])
    return change


async def approve(ctx: Context, change_id: UUID, *, expected_version: int | None = None) -> Change:
    """Put a change in force; by somebody who did not ask for it. It is checked again as things stand now.

    Raises: NotFound, PermissionDenied, GrantNotActive, UndefinedTransition, OwnWork, LineExceeded, AlreadyAudited,
    MilestoneDone, DatesOutOfOrder, StaleVersion.
    """
    change, grant = await part_for(ctx, Change, change_id, WRITE)
    require_state(grant, _OPEN)
    state = CHANGE.apply(change.state, "approve", await decision_facts(ctx, change))
    found = await ctx.db.fetch(_ITEMS, ctx.tenant_id, change.id)
    if change.kind == ChangeKind.BUDGET:
        lines = [LineChange(row["line_id"], row["amount_fen"]) for row in found]
        await _line_items(ctx, grant, lines)
        for given in lines:
            line = await rows.get(ctx, GrantLine, given.line_id)
            await rows.update(ctx, line, action="change", amount_fen=given.amount_fen)
    else:
        days = [DayChange(row["milestone_id"], row["due_on"]) for row in found]
        await _day_items(ctx, grant, days)
        for day in days:
            milestone = await rows.get(ctx, Milestone, day.milestone_id)
            planned = MILESTONE.apply(milestone.state, "reschedule", await decision_facts(ctx, milestone))
            await rows.update(ctx, milestone, action="reschedule", state=planned, due_on=day.due_on)
    return await decided(ctx, change, "approve", state, "", expected_version)


async def reject(
    ctx: Context, change_id: UUID, *, reason: str, expected_version: int | None = None
) -> Change:
    """Leave the contract as it is; by somebody who did not ask for the change.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, OwnWork, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    change, _grant = await part_for(ctx, Change, change_id, WRITE)
    state = CHANGE.apply(change.state, "reject", await decision_facts(ctx, change))
    return await decided(ctx, change, "reject", state, why, expected_version)


async def withdraw(ctx: Context, change_id: UUID, *, expected_version: int | None = None) -> Change:
    """Take a request back. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    change, _grant = await part_for(ctx, Change, change_id, REPORT)
    state = CHANGE.apply(change.state, "withdraw", await decision_facts(ctx, change))
    return await decided(ctx, change, "withdraw", state, "", expected_version)


async def _require_known(
    ctx: Context, grant: Grant, lines: Sequence[LineChange], milestones: Sequence[DayChange]
) -> None:
    """Go on only with lines and milestones of the grant. Raises: NotFound."""
    if lines and not {one.line_id for one in lines} <= {one.id for one in await lines_of(ctx, grant.id)}:
        raise NotFound(path=("lines",), kind="venture_grant_line")
    known = {one.id for one in await milestones_of(ctx, grant.id)} if milestones else set()
    if not {one.milestone_id for one in milestones} <= known:
        raise NotFound(path=("milestones",), kind="venture_milestone")


async def _line_items(ctx: Context, grant: Grant, given: Sequence[LineChange]) -> list[dict[str, Any]]:
    if await rows.find_by(ctx, Audit, grant_id=grant.id) is not None:
        raise AlreadyAudited()
    known = {line.id: line for line in await lines_of(ctx, grant.id)}
    changes = _once(
        {one.line_id: amount(one.amount_fen, "lines", low=0) for one in given}, len(given), "lines"
    )
    changes = {line_id: fen for line_id, fen in changes.items() if fen != known[line_id].amount_fen}
    if not changes:
        raise NothingChanged(path=("lines",))
    total = sum(changes.get(line.id, line.amount_fen) for line in known.values())
    if total != grant.amount_fen:
        raise LinesNotGrant(path=("lines",), sum_fen=total, grant_fen=grant.amount_fen)
    spent = await spent_by_line(ctx, grant.id, COUNTED)
    for line_id, fen in changes.items():
        require_within(ctx, known[line_id], fen, spent.get(line_id, 0), "lines")
    return [
        {"line_id": line_id, "old_amount_fen": known[line_id].amount_fen, "amount_fen": fen}
        for line_id, fen in changes.items()
    ]


async def _day_items(ctx: Context, grant: Grant, given: Sequence[DayChange]) -> list[dict[str, Any]]:
    milestones = await milestones_of(ctx, grant.id)
    known = {one.id: one for one in milestones}
    changes = _once({one.milestone_id: one.due_on for one in given}, len(given), "milestones")
    if any(known[row_id].due_on == day for row_id, day in changes.items()):
        raise NothingChanged(path=("milestones",))
    for row_id in changes:
        if "reschedule" not in MILESTONE.actions_in(known[row_id].state):
            raise MilestoneDone(path=("milestones",), number=known[row_id].number)
    days = [changes.get(one.id, one.due_on) for one in milestones]
    if min(changes.values()) < ctx.today() or any(later < earlier for earlier, later in pairwise(days)):
        raise DatesOutOfOrder(path=("milestones",))
    return [
        {"milestone_id": row_id, "old_due_on": known[row_id].due_on, "due_on": day}
        for row_id, day in changes.items()
    ]


def _once(changes: dict[UUID, Any], count: int, path: str) -> dict[UUID, Any]:
    if len(changes) != count:
        raise LineTwice(path=(path,), name=path)
    return changes
