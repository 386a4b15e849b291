"""Objections, as all areas have them: raised in time, decided by somebody without a part in it, or taken back.

A table of objections has the columns `state`, `reason`, `raised_by`, `raised_at`, `decided_by`, `decided_at` and
`decision_reason`, and an index that lets one wait at a time. Whoever calls has checked the actor's right.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from linli.plugin import AreaTable, Context, Duplicate, Facts, Guard, StateMachine, Transition, checks, rows
from linli_venture.errors import ObjectionExists

Row = TypeVar("Row", bound=AreaTable)


class ObjectionState(StrEnum):
    """Where an objection stands."""

    RAISED = "raised"
    UPHELD = "upheld"
    DISMISSED = "dismissed"
    WITHDRAWN = "withdrawn"


def objection_machine(name: str, *, guard: Guard | None = None, not_by: tuple[str, ...] = ()) -> StateMachine:
    """The states of objections; `guard` and `not_by` say who does not decide them."""
    raised = ObjectionState.RAISED
    return StateMachine(
        name,
        raised,
        transitions=[
            Transition("uphold", raised, ObjectionState.UPHELD, guard=guard, not_by=not_by),
            Transition("dismiss", raised, ObjectionState.DISMISSED, guard=guard, not_by=not_by),
            Transition("withdraw", raised, ObjectionState.WITHDRAWN),
        ],
        final=(ObjectionState.UPHELD, ObjectionState.DISMISSED, ObjectionState.WITHDRAWN),
    )


async def raised(ctx: Context, table: type[Row], *, reason: str, **values: object) -> Row:
    """Put an objection down, with the columns that say what it is about. Raises: Required, TooLong, ObjectionExists."""
    said = checks.line(reason, "reason", checks.REASON_MAX)
    try:
        return await rows.insert(
            ctx,
            table,
            action="object",
            reason=said,
            raised_by=ctx.actor.id,
            raised_at=ctx.now(),
            **values,
        )
    except Duplicate as error:
        raise ObjectionExists() from error


async def decided(
    ctx: Context,
    objection: Row,
    machine: StateMachine,
    facts: Facts,
    *,
    upheld: bool,
    reason: str,
    expected_version: int | None,
) -> Row:
    """Uphold or dismiss an objection, with a reason.

    Raises: UndefinedTransition, Required, TooLong, StaleVersion; as the machine's limits.
    """
    row: Any = objection
    action = "uphold" if upheld else "dismiss"
    state = machine.apply(row.state, action, facts)
    said = checks.line(reason, "reason", checks.REASON_MAX)
    return await rows.update(
        ctx,
        objection,
        action=action,
        expected_version=expected_version,
        state=state,
        decided_by=ctx.actor.id,
        decided_at=ctx.now(),
        decision_reason=said,
    )


async def withdrawn(ctx: Context, objection: Row, machine: StateMachine, expected_version: int | None) -> Row:
    """Take an objection back. Raises: UndefinedTransition, StaleVersion."""
    row: Any = objection
    state = machine.apply(row.state, "withdraw", Facts(actor_id=ctx.actor.id, subject=objection))
    return await rows.update(
        ctx, objection, action="withdraw", expected_version=expected_version, state=state
    )
