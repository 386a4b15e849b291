"""Every pair of state and action of every state machine, through the services on real rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from linli.plugin import StateMachine
from linli_volunteers.states import ACTIVITY, CERTIFICATE, ENROLMENT, HOURS, VOLUNTEER

ALL = {
    "activity": (ACTIVITY, "volunteers_activity"),
    "volunteer": (VOLUNTEER, "volunteers_volunteer"),
    "enrolment": (ENROLMENT, "volunteers_enrolment"),
    "hours": (HOURS, "volunteers_hours"),
    "certificate": (CERTIFICATE, "volunteers_certificate"),
}
MUTATIONS = {
    ("activity", "open"): "openVolunteerActivity",
    ("activity", "start"): "startVolunteerActivity",
    ("activity", "finish"): "finishVolunteerActivity",
    ("activity", "settle"): "settleVolunteerActivity",
    ("activity", "cancel"): "cancelVolunteerActivity",
    ("volunteer", "withdraw"): "withdrawVolunteer",
    ("enrolment", "withdraw"): "withdrawVolunteerEnrolment",
    ("hours", "verify"): "verifyVolunteerHours",
    ("hours", "post"): "postVolunteerHours",
    ("hours", "reverse"): "reverseVolunteerHours",
    ("certificate", "revoke"): "revokeVolunteerCertificate",
}
# Coming back is not an action of its own: one registers or enrols again.
RETURNING = {"volunteer", "enrolment"}


def pairs(legal: bool) -> list[tuple[str, str, str]]:
    found = []
    for kind, (machine, _table) in ALL.items():
        for state, action in machine.legal() if legal else machine.illegal():
            if action != "return":
                found.append((kind, str(state), action))
    return found


def test_every_action_of_every_machine_can_be_asked_for() -> None:
    asked = {(kind, action) for kind, (machine, _table) in ALL.items() for action in machine.actions}
    assert asked - {(kind, "return") for kind in RETURNING} == set(MUTATIONS)


@pytest.mark.parametrize(("kind", "state", "action"), pairs(legal=True))
async def test_a_step_in_the_table_leads_where_it_says(
    quick: Any, kind: str, state: str, action: str
) -> None:
    row_id = await in_state(quick, kind, state)
    await take(quick, kind, action, row_id)
    assert await state_of(quick, kind, row_id) == machine_of(kind).transition(state, action).target


@pytest.mark.parametrize(("kind", "state", "action"), pairs(legal=False))
async def test_a_step_that_is_not_in_the_table_is_refused_and_changes_nothing(
    quick: Any, refused: Any, kind: str, state: str, action: str
) -> None:
    row_id = await in_state(quick, kind, state)
    with pytest.raises(refused) as caught:
        await take(quick, kind, action, row_id)
    assert caught.value.code == "workflow.undefined_transition"
    assert await state_of(quick, kind, row_id) == state


def machine_of(kind: str) -> StateMachine:
    return ALL[kind][0]


async def take(story: Any, kind: str, action: str, row_id: UUID) -> None:
    reason = {"reason": "试"} if action in ("cancel", "reverse", "revoke") else {}
    await story.act(MUTATIONS[kind, action], story.world.checker, id=row_id, **reason)


async def state_of(story: Any, kind: str, row_id: UUID) -> object:
    sql = f"select state from {ALL[kind][1]} where tenant_id = $1 and id = $2"
    return await story.world.value(sql, row_id)


async def in_state(story: Any, kind: str, state: str) -> UUID:
    """A row in the state, put there by hand, with what the database demands of such a row."""
    now = story.world.clock.now()
    row_id: UUID
    if kind == "activity":
        row_id = await story.activity()
    elif kind == "volunteer":
        row_id = await story.volunteer()
    elif kind == "enrolment":
        activity, volunteer = await story.recruiting(), await story.volunteer()
        row_id = await story.act("enrolVolunteer", activity_id=activity, volunteer_id=volunteer)
    elif kind == "hours":
        row_id = await story.claim(*await story.enrolled())
    else:
        entry = await story.posted()
        sql = "select volunteer_id from volunteers_hours where tenant_id = $1 and id = $2"
        volunteer = UUID(str(await story.world.value(sql, entry)))
        row_id = await story.act("issueVolunteerCertificate", volunteer_id=volunteer)
    verified = {"verified_by": story.world.checker.id, "verified_at": now}
    demanded: dict[tuple[str, str], dict[str, object]] = {
        ("activity", "cancelled"): {"cancel_reason": "试"},
        ("volunteer", "withdrawn"): {"withdrawn_on": now.date()},
        ("hours", "verified"): verified,
        ("hours", "posted"): {**verified, "posted_at": now},
        ("hours", "reversed"): {"reverse_reason": "试"},
        ("certificate", "revoked"): {"revoke_reason": "试"},
    }
    if state != machine_of(kind).initial:
        more = demanded.get((kind, state), {})
        await story.world.set_state(ALL[kind][1], row_id, state=state, **more)
    return row_id
