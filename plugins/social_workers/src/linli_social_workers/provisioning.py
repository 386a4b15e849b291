"""Demo data: synthetic social workers, which say so in their names, and the targets of the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.plugin import Context, Provisioner, ProvisionRequest, demo_id, demo_officer, people, rows
from linli_social_workers import allowances, education, exams, figures, posts, registrations
from linli_social_workers.dates import add_months
from linli_social_workers.tables import AllowanceRule, Target
from linli_social_workers.terms import Level

_LEAVES: Final = """
select id from areas_area where tenant_id = $1 and state = 'active' and descendants = 0 order by path limit $2"""
PLUGIN: Final = "social_workers"
PEOPLE_MAX: Final = 2_000
COMMUNITIES_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Report:
    """What a report says of a place: certified people, communities, the aim, and the monthly allowances in yuan."""

    people: int
    communities: int
    aim: int
    source: str
    yuan: tuple[int, int] = (100, 200)


async def demo(ctx: Context, request: ProvisionRequest) -> None:
    """As many certified people as the place's report counts, a few of them registered and paid; once.

    The profile's section has `people`, `communities`, `aim`, `source`; without `people` there is no demo.
    """
    report = _report(request)
    if (
        not request.demo
        or report is None
        or await rows.find_by(ctx, Target, source=report.source) is not None
    ):
        return
    officer, second = demo_officer(ctx, PLUGIN, "演示登记员"), demo_officer(ctx, PLUGIN, "演示复核员")
    await figures.set_target(
        officer,
        area_id=None,
        year=ctx.today().year,
        communities=report.communities,
        aim=report.aim,
        source=report.source,
    )
    for level, yuan in zip((Level.ASSISTANT, Level.INTERMEDIATE), report.yuan, strict=True):
        if await rows.find_by(ctx, AllowanceRule, level=level.value) is None:
            begin = ctx.today().replace(month=1, day=1)
            await allowances.set_rule(officer, level=level, amount_fen=yuan * 100, from_on=begin)
    areas = [row["id"] for row in await ctx.db.fetch(_LEAVES, ctx.tenant_id, report.people)]
    for number in range(report.people if areas else 0):
        await _worker(officer, second, areas[number % len(areas)], number)


async def _worker(officer: Context, second: Context, area_id: UUID, number: int) -> None:
    """One certified person; every fourth is intermediate, the first ten are registered and have a post."""
    person_id = demo_id(officer, PLUGIN, f"person:{number}")
    await people.register(
        officer, area_id=area_id, full_name=f"演示社工{number + 1}", synthetic=True, person_id=person_id
    )
    level = Level.INTERMEDIATE if number % 4 == 0 else Level.ASSISTANT
    begin = add_months(officer.today(), -14)
    certificate = await exams.recognise(
        officer,
        person_id=person_id,
        level=level,
        number=f"演示-{level.value[:1].upper()}-{number + 1:05d}",
        issued_on=begin,
        passed_in=begin.year,
    )
    if number >= 10:
        return
    made = await registrations.apply(officer, certificate_id=certificate.id, person_id=person_id)
    await registrations.review(second, made.id)
    third = demo_officer(officer, PLUGIN, "演示审批员")
    await registrations.register(third, made.id, valid_from=add_months(officer.today(), -12))
    await posts.take_up(officer, person_id=person_id, area_id=area_id, from_on=begin + timedelta(days=30))
    course = await education.claim(
        officer,
        person_id=person_id,
        course="演示:社区工作方法",
        provider="演示培训中心",
        hours=24,
        completed_on=begin + timedelta(days=90),
        evidence="演示-证明",
    )
    await education.approve(second, course.id)


def _report(request: ProvisionRequest) -> Report | None:
    given = request.profile
    count, communities, aim = (given.get(name) for name in ("people", "communities", "aim"))
    if not isinstance(count, int) or not 0 < count <= PEOPLE_MAX:
        return None
    assert isinstance(communities, int)
    assert isinstance(aim, int)
    return Report(count, min(communities, COMMUNITIES_MAX), aim, str(given.get("source", "")))


PROVISIONERS: Final = (Provisioner("demo", demo),)
