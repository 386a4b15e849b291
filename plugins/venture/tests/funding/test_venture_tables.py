"""Each state machine as a table: every action in every state, through the API."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import StateMachine
from linli_graphql.testing import Refused
from linli_venture.grants.changes import DayChange
from linli_venture.grants.states import CHANGE, EXPENDITURE, GRANT, MILESTONE, REFUND, TERMINATION_OBJECTION
from linli_venture.money.states import CARRY_OVER, POOL, RECEIPT

WHY = {"reason": "演示理由"}
_LIVE = "ended_on = null, signed_on = '2026-05-06'"
_ENDED = "ended_on = '2026-05-06', released_fen = amount_fen - paid_fen"
_NEW = "verified_at = null, submitted_at = null"
# What a row needs in a state, so that it may be put into it without going through the rules.
SET: dict[str, dict[str, str]] = {
    "venture_receipt": {"posted": "cancelled_at = null", "cancelled": "cancelled_at = now()"},
    "venture_carry_over": {"posted": "cancelled_at = null", "cancelled": "cancelled_at = now()"},
    "venture_grant": {
        "awarded": "ended_on = null, signed_on = null",
        **dict.fromkeys(("signed", "active", "suspended", "final"), _LIVE),
        "closed": f"{_ENDED}, settled_fen = paid_fen",
        "terminated": _ENDED,
        "declined": _ENDED,
    },
    "venture_milestone": {
        **dict.fromkeys(("planned", "returned", "overdue"), _NEW),
        "evidence": "submitted_at = now(), verified_at = null",
        **dict.fromkeys(("verified", "paid"), "submitted_at = now(), verified_at = now()"),
    },
    "venture_expenditure": {
        "entered": "decided_at = null",
        **dict.fromkeys(("verified", "rejected"), "decided_at = now()"),
    },
    "venture_termination_objection": {
        **dict.fromkeys(("raised", "withdrawn"), "decided_at = null"),
        **dict.fromkeys(("upheld", "dismissed"), "decided_at = now()"),
    },
    "venture_refund": {
        "recorded": "decided_at = null, undone_at = null",
        **dict.fromkeys(("confirmed", "rejected"), "decided_at = now(), undone_at = null"),
        **dict.fromkeys(("reversed", "repaid"), "decided_at = now(), undone_at = now()"),
    },
    "venture_change": {
        "proposed": "decided_at = null",
        **dict.fromkeys(("approved", "rejected", "withdrawn"), "decided_at = now()"),
    },
}


class Table:
    """A row that is put into each state in turn, and the actions that are tried on it."""

    def __init__(self, story: Any) -> None:
        self.story, self.world = story, story.world
        self.grant: UUID | None = None

    async def pool(self, _state: str) -> UUID:
        return UUID(str(await self.story.pool()))

    async def receipt(self, _state: str) -> UUID:
        return UUID(str(await self.story.receive(await self.story.source(await self.story.pool()), 10)))

    async def carry_over(self, _state: str) -> UUID:
        """What was carried over from a closed pool into an open one."""
        old = await self.story.pool(title="上年度资金")
        source = await self.story.source(old, 10)
        await self.story.act("closeVenturePool", id=old)
        given = {"source_id": source, "pool_id": await self.story.pool(), "basis": "演示决定", **WHY}
        return UUID(str(await self.story.act("carryOverVentureMoney", **given)))

    async def new_grant(self, state: str) -> UUID:
        """A grant whose contract waits to be signed; after that, one that can be closed."""
        if state == "awarded":
            return UUID(str(await self.story.prepared(await self.story.awarded())))
        self.grant = UUID(str(await self.story.finished(spent=75_000)))
        await self.story.spent(await self.story.line(self.grant, 2), 25_000)
        await self.story.audited(self.grant, 100_000)
        await self.story.paid(self.grant, 3)
        return self.grant

    async def milestone(self, _state: str) -> UUID:
        self.grant = await self.story.active()
        milestone = await self.story.milestone(self.grant, 1)
        await self.story.attach("venture.evidence", milestone)
        await self.world.value(
            "update venture_grant set verified_fen = 50000 where tenant_id = $1 and id = $2 returning 1",
            self.grant,
        )
        return UUID(str(milestone))

    async def expenditure(self, _state: str) -> UUID:
        self.grant = await self.story.active()
        made = await self.story.entered(await self.story.line(self.grant), 10)
        await self.story.attach("venture.receipt", made)
        return UUID(str(made))

    async def refund(self, state: str) -> UUID:
        """Money that was given back; where it is confirmed, it stands in the ledger."""
        self.grant = await self.story.active()
        await self.story.paid(self.grant, 1)
        if state == "confirmed":
            return UUID(str(await self.story.given_back(self.grant, 10)))
        given = {"amount_fen": 10, "received_on": self.world.clock.now().date(), "basis": "回单"}
        return UUID(str(await self.story.act("takeBackVentureMoney", id=self.grant, **given)))

    async def objection(self, _state: str) -> UUID:
        self.grant = await self.story.terminated(await self.story.active())
        self.own = await self.story.grantee(self.grant)
        made = await self.story.act("objectToVentureTermination", self.own, id=self.grant, **WHY)
        return UUID(str(made))

    async def change(self, _state: str) -> UUID:
        self.grant = await self.story.active()
        items = [DayChange(await self.story.milestone(self.grant, 2), self.story.milestones()[2].due_on)]
        return UUID(
            str(
                await self.story.act(
                    "proposeVentureChange", grant_id=self.grant, reason="延期", milestones=items
                )
            )
        )

    async def put(self, table: str, row_id: UUID, state: str) -> None:
        also = SET.get(table, {}).get(state, "")
        sql = f"update {table} set state = '{state}'{', ' + also if also else ''}"
        await self.world.value(f"{sql} where tenant_id = $1 and id = $2 returning 1", row_id)

    async def act(self, machine: str, action: str, row_id: UUID) -> None:
        world, act = self.world, self.story.act
        other = world.third
        if machine == "venture.grant" and action == "prepare":
            await self.story.prepared(row_id)
        elif machine == "venture.grant":
            what = "Contract" if action == "sign" else "Grant"
            values = WHY if action in ("decline", "suspend", "terminate") else {}
            rule = {"rule": "演示规则"} if action == "terminate" else {}
            await act(f"{action}Venture{what}", other, id=row_id, **values, **rule)
        elif machine == "venture.milestone" and action == "submit":
            await act("submitVentureMilestone", id=row_id, report="已完成")
        elif machine == "venture.termination_objection" and action == "withdraw":
            await act("withdrawVentureTerminationObjection", self.own, id=row_id)
        elif machine == "venture.termination_objection":
            upheld = {"upheld": action == "uphold"}
            await act("decideVentureTerminationObjection", other, id=row_id, **upheld, **WHY)
        elif machine == "venture.milestone" and action == "pay":
            await act("payVentureTranche", other, id=row_id)
        else:
            name = {
                "venture.pool": "Pool", "venture.receipt": "Receipt", "venture.milestone": "Milestone",
                "venture.expenditure": "Expenditure", "venture.change": "Change", "venture.refund": "Refund",
                "venture.carry_over": "CarryOver",
            }[machine]  # fmt: skip
            values = WHY if action in ("cancel", "return", "reject", "reverse") else {}
            await act(f"{action}Venture{name}", other, id=row_id, **values)


# Actions of the clock, of approved changes and of upheld objections, which no mutation takes.
BY_OTHERS = {
    ("venture.milestone", "lapse"),
    ("venture.milestone", "reschedule"),
    ("venture.refund", "repay"),
    *(("venture.grant", action) for action in GRANT.actions_in("terminated")),
}
UNDEFINED = {"workflow.undefined_transition"}
REFUSED = {"pay": {"venture.not_verified", *UNDEFINED}}
CASES = [
    (machine, table, maker, state)
    for machine, table, maker in (
        (POOL, "venture_pool", "pool"),
        (RECEIPT, "venture_receipt", "receipt"),
        (CARRY_OVER, "venture_carry_over", "carry_over"),
        (GRANT, "venture_grant", "new_grant"),
        (MILESTONE, "venture_milestone", "milestone"),
        (EXPENDITURE, "venture_expenditure", "expenditure"),
        (CHANGE, "venture_change", "change"),
        (REFUND, "venture_refund", "refund"),
        (TERMINATION_OBJECTION, "venture_termination_objection", "objection"),
    )
    for state in machine.states
]


@pytest.mark.parametrize(
    ("machine", "table", "maker", "state"), CASES, ids=[f"{m.name}-{s}" for m, _t, _k, s in CASES]
)
async def test_every_action_in_every_state(
    api_story: Any, machine: StateMachine, table: str, maker: str, state: str
) -> None:
    """A legal action leads where the table says, every other is refused and changes nothing."""
    rows = Table(api_story)
    row_id = await getattr(rows, maker)(state)
    legal = [one for one in machine.actions_in(state) if (machine.name, one) not in BY_OTHERS]
    for action in machine.actions:
        if action in legal or (machine.name, action) in BY_OTHERS:
            continue
        await rows.put(table, row_id, state)
        before = await rows.world.row(table, row_id)
        assert await code_of(rows.act(machine.name, action, row_id)) in REFUSED.get(action, UNDEFINED), action
        assert await rows.world.row(table, row_id) == before
    for action in sorted(legal, key=lambda one: machine.transition(state, one).target in machine.final):
        await rows.put(table, row_id, state)
        await rows.act(machine.name, action, row_id)
        assert (await rows.world.row(table, row_id))["state"] == machine.transition(state, action).target


async def code_of(step: Awaitable[object]) -> str:
    with pytest.raises(Refused) as caught:
        await step
    return caught.value.code
