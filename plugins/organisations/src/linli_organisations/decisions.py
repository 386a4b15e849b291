"""What the decisions of the register have in common: the facts they rest on, and what they leave behind."""

from __future__ import annotations

from datetime import timedelta

from linli.plugin import (
    AreaTable,
    Context,
    Facts,
    StateMachine,
    checks,
    decision_facts,
)
from linli_organisations import settings


async def facts(ctx: Context, row: AreaTable, machine: StateMachine, **values: object) -> Facts:
    """The facts for a transition of `row`: the actor, and which of the permissions they hold at its area."""
    wanted = {transition.permission for transition in machine.transitions} - {None}
    held = frozenset(name for name in wanted if name and ctx.can(name, row.area_path))
    return await decision_facts(ctx, row, permissions=held, today=ctx.today(), **values)


def favourable(ctx: Context, reason: str = "") -> dict[str, object]:
    """The columns of a decision that nobody need object to."""
    return {
        "decided_by": ctx.actor.id,
        "decided_on": ctx.today(),
        "reason": checks.optional_line(reason, "reason", checks.REASON_MAX),
        "rule": "",
        "object_until": None,
    }


def adverse(ctx: Context, reason: str) -> dict[str, object]:
    """The columns of a decision against somebody: with its reason, its rule, and the last day to object.

    Raises: Required, TooLong, UnprintableText.
    """
    return {
        "decided_by": ctx.actor.id,
        "decided_on": ctx.today(),
        "reason": checks.line(reason, "reason", checks.REASON_MAX),
        "rule": settings.text(ctx, "rule"),
        "object_until": ctx.today() + timedelta(days=settings.number(ctx, "objection_days")),
    }
