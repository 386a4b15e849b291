"""Volunteers are told what became of their hours, once for each."""

from __future__ import annotations

from typing import Any


async def test_a_volunteer_is_told_of_posted_and_of_reversed_hours(world: Any, story: Any, api: Any) -> None:
    hours = await story.posted()
    person_id = await world.value(
        "select person_id from volunteers_hours where tenant_id = $1 and id = $2", hours
    )
    document = "{ notifications(orderBy: SENT_AT_ASC) { nodes { type title body } } unreadNotifications }"
    resident = world.resident(person_id)
    first = await api.execute(world.tenant, resident, document)
    minutes = await world.value(
        "select minutes from volunteers_hours where tenant_id = $1 and id = $2", hours
    )
    assert first["notifications"]["nodes"] == [
        {
            "type": "volunteers.hours_posted",
            "title": "服务时长已入账",
            "body": f"您在“社区清洁日”的服务时长 {minutes} 分钟已入账。",
        }
    ]
    await story.act("reverseVolunteerHours", id=hours, reason="登记有误")
    then = await api.execute(world.tenant, resident, document)
    assert [one["type"] for one in then["notifications"]["nodes"]] == [
        "volunteers.hours_posted",
        "volunteers.hours_reversed",
    ]
    assert "登记有误" not in str(then.data)  # an officer's words stand in no message
    assert then["unreadNotifications"] == 2
