"""Demo data: synthetic volunteers and activities, which say so in their names."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.plugin import Context, Person, Provisioner, ProvisionRequest, demo_id, demo_officer, people, rows
from linli_volunteers import activities, certificates, enrolments, hours, volunteers
from linli_volunteers.tables import Activity, Volunteer

NAMES: Final = (
    "演示志愿者甲",
    "演示志愿者乙",
    "演示志愿者丙",
    "演示志愿者丁",
    "演示志愿者戊",
    "演示志愿者己",
)
AHEAD: Final = (("演示:社区清洁日", 3), ("演示:老年人手机课堂", 10))

_FIRST_LEAF: Final = """
select id from areas_area
where tenant_id = $1 and state = 'active' and descendants = 0 order by path limit 1"""


async def demo(ctx: Context, request: ProvisionRequest) -> None:
    """Six volunteers, one settled activity with their posted hours, two activities that recruit.

    Changes nothing when the settled activity is there already.
    """
    settled_id = demo_id(ctx, "volunteers", "settled")
    if not request.demo or await rows.find(ctx, Activity, settled_id) is not None:
        return
    area_id: UUID | None = await ctx.db.fetchval(_FIRST_LEAF, ctx.tenant_id)
    made = [await _volunteer(ctx, area_id, number) for number in range(len(NAMES))]
    await _settled_activity(ctx, area_id, settled_id, made)
    for title, days in AHEAD:
        starts_at = ctx.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=days)
        activity = await activities.create(
            ctx,
            area_id=area_id,
            title=title,
            description="演示数据,并非真实活动。",
            starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=3),
            places=20,
        )
        await activities.open_for_enrolment(ctx, activity.id)
        await enrolments.enrol(ctx, activity_id=activity.id, volunteer_id=made[0].id)


async def _volunteer(ctx: Context, area_id: UUID | None, number: int) -> Volunteer:
    person_id = demo_id(ctx, "volunteers", f"person:{number}")
    if await rows.find(ctx, Person, person_id) is None:
        await people.register(
            ctx, area_id=area_id, full_name=NAMES[number], synthetic=True, person_id=person_id
        )
    known = await rows.find_by(ctx, Volunteer, person_id=person_id)
    return known or await volunteers.register(ctx, person_id=person_id)


async def _settled_activity(
    ctx: Context, area_id: UUID | None, activity_id: UUID, served: list[Volunteer]
) -> None:
    """One activity of last week from draft to settled; one made-up officer claims, another verifies."""
    claimant, checker = (
        demo_officer(ctx, "volunteers", "演示登记员"),
        demo_officer(ctx, "volunteers", "演示核实员"),
    )
    starts_at = ctx.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=7)
    ends_at = starts_at + timedelta(hours=4)
    await activities.create(
        ctx,
        activity_id=activity_id,
        area_id=area_id,
        title="演示:便民服务集市",
        description="演示数据,并非真实活动。",
        starts_at=starts_at,
        ends_at=ends_at,
        places=10,
    )
    await activities.open_for_enrolment(ctx, activity_id)
    for volunteer in served:
        await enrolments.enrol(ctx, activity_id=activity_id, volunteer_id=volunteer.id)
    await activities.start(ctx, activity_id)
    await activities.finish(ctx, activity_id)
    for volunteer in served:
        entry = await hours.claim(
            claimant, activity_id=activity_id, volunteer_id=volunteer.id, from_at=starts_at, to_at=ends_at
        )
        await hours.verify(checker, entry.id)
        await hours.post(checker, entry.id)
    await activities.settle(ctx, activity_id)
    await certificates.issue(ctx, volunteer_id=served[0].id)


PROVISIONERS: Final = (Provisioner("demo", demo),)
