"""A resident without points gets the same service as one who has many: points open and close nothing."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import linli
import linli_graphql
import linli_volunteers
from linli import ledger
from linli_graphql.ids import from_global_id, to_global_id
from linli_points import accounts
from linli_volunteers import activities

DOCUMENT = "mutation($i: {kind}!) {{ {name}(input: $i) {{ {gives} {{ state }} problems {{ code }} }} }}"
REGISTER = DOCUMENT.format(kind="RegisterVolunteerInput", name="registerVolunteer", gives="volunteer")
ENROL = DOCUMENT.format(kind="EnrolVolunteerInput", name="enrolVolunteer", gives="volunteerEnrolment")
CLAIM = DOCUMENT.format(kind="ClaimVolunteerHoursInput", name="claimVolunteerHours", gives="volunteerHours")


async def served(desk: Any, person: UUID) -> str:
    """All that a resident is answered who takes part in an activity, without the ids."""
    permissions = ["volunteers.activity.read", "volunteers.own.take_part"]
    resident = replace(desk.bench.actor(permissions), person_id=person)
    starts_at = desk.clock.now() - timedelta(hours=5)
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}
    async with desk.context() as ctx:
        made = await activities.create(ctx, area_id=desk.area.id, title="演示活动", places=5, **times)
        await activities.open_for_enrolment(ctx, made.id)
    taking = {"activityId": to_global_id("VolunteerActivity", made.id)}
    answers = [await desk.ask(REGISTER, resident, i={"personId": to_global_id("Person", person)})]
    answers.append(await desk.ask(ENROL, resident, i=taking))
    async with desk.context() as ctx:
        await activities.start(ctx, made.id)
    hours = {"fromAt": starts_at.isoformat(), "toAt": (starts_at + timedelta(hours=1)).isoformat()}
    answers.append(await desk.ask(CLAIM, resident, i={**taking, **hours}))
    assert not any(payload["problems"] for answer in answers for payload in answer.values()), answers
    return re.sub(r"_[0-9a-f-]{36}", "_", json.dumps(answers, ensure_ascii=False, sort_keys=True))


async def test_a_resident_without_points_is_served_like_one_with_many(desk: Any) -> None:
    rich, poor, stranger = [await desk.person(name) for name in ("演示甲", "演示乙", "演示丙")]
    participant = await desk.participant(rich)
    await desk.participant(poor)  # the third takes no part at all
    async with desk.context() as ctx:
        sql = "select account_id from points_participant where tenant_id = $1 and id = $2"
        account_id = await ctx.db.fetchval(sql, ctx.tenant_id, from_global_id(participant)[1])
        lines = [ledger.Line(await accounts.issuance(ctx), -1_000), ledger.Line(account_id, 1_000)]
        await ledger.post(ctx, ledger.Purpose("test.given", "rich"), lines)
    answers = [await served(desk, person) for person in (rich, poor, stranger)]
    assert answers[0] == answers[1] == answers[2]


def test_nothing_outside_the_plugin_asks_for_points() -> None:
    for package in (linli, linli_graphql, linli_volunteers):
        for path in Path(package.__path__[0]).rglob("*.py"):
            text = path.read_text(encoding="utf-8")
            assert "linli_points" not in text, path
            assert not re.search(r"\bpoints_(participant|claim|rule|reward|redemption)\b", text), path
