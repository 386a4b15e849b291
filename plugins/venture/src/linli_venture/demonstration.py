"""Demo data: a year of public-venture funding, by the real commands, of organisations and people that are made up.

The profile's section `[plugins.venture.demo]` gives the `yuan` of the pool, and how many organisations were
`incubated`; without it there is no demonstration. The applicants, and the first of those incubated, are demo
organisations of the plugin `organisations`, of which at least fifteen must be registered.
Source of both: domain.md §5.4 (report of Jingmen: 1,500,000 yuan in a year, more than 140 organisations incubated).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    FixedClock,
    Person,
    ProvisionRequest,
    demo_id,
    demo_officer,
    demo_person,
    demo_step,
    ensure_demo_organisations,
    people,
    rows,
)
from linli_venture import demonstration_grants, demonstration_pools
from linli_venture.calls import drafting as call_drafting
from linli_venture.calls import publishing
from linli_venture.calls.tables import Call
from linli_venture.decisions import announcing, proposing
from linli_venture.decisions.proposing import OutcomeGiven
from linli_venture.decisions.states import OutcomeKind
from linli_venture.demonstration_pools import ELDERS
from linli_venture.incubation import incubating
from linli_venture.money.tables import Pool
from linli_venture.proposals import applicants, checking, drafting, submitting
from linli_venture.proposals.drafting import LineGiven
from linli_venture.proposals.states import Declaration
from linli_venture.review import declaring, experts, panel, ranking, sheets
from linli_venture.review.sheets import PointsGiven

CHILDREN, COMMUNITY = "儿童关爱", "社区治理"
CATEGORIES: Final = (ELDERS, CHILDREN, COMMUNITY)
EXPERTS: Final = 5
UNIT_NAME: Final = "演示民办非企业单位{:04d}"
# Each call: how many days ago it was published, what it is called, and its projects with what they ask for, in yuan.
CALLS: Final = (
    (
        300,
        "演示:春季公益创投",
        (
            ("银龄助餐", ELDERS, 140_000),
            ("四点半课堂", CHILDREN, 120_000),
            ("楼道议事厅", COMMUNITY, 110_000),
            ("失智老人家庭支持", ELDERS, 90_000),
            ("邻里书屋", COMMUNITY, 80_000),
        ),
    ),
    (
        190,
        "演示:夏季公益创投",
        (
            ("独居老人探访", ELDERS, 140_000),
            ("暑期守护营", CHILDREN, 120_000),
            ("垃圾分类共建", COMMUNITY, 110_000),
            ("老年数字课堂", ELDERS, 90_000),
            ("阳台花园", COMMUNITY, 80_000),
        ),
    ),
    (
        75,
        "演示:秋季公益创投",
        (
            ("社区适老改造", ELDERS, 140_000),
            ("青少年心理支持", CHILDREN, 120_000),
            ("小区议事能手", COMMUNITY, 110_000),
            ("老年营养课堂", ELDERS, 90_000),
            ("邻里节", COMMUNITY, 80_000),
        ),
    ),
)
AWARDS: Final = 4
INCUBATED_MAX: Final = 1_000
_EXPERT: Final = ("venture.own.review", "venture.call.read")

_DRAWN: Final = """
select r.id, p.title from venture_review r join venture_proposal p on p.tenant_id = $1 and p.id = r.proposal_id
where r.tenant_id = $1 and r.call_id = $2 and r.person_id = $3 order by r.id limit 100"""


@dataclass(frozen=True, slots=True)
class _Round:
    """A call, the day on which it was published, and who takes part in it."""

    call: Call
    day: datetime
    units: Sequence[UUID]
    experts: Sequence[UUID]


async def demo(ctx: Context, request: ProvisionRequest) -> None:
    """A pool with its sources, three calls, and their grants: closed, terminated, suspended, active, signed.

    Changes nothing when the pool is there already. Where the official calendar does not reach so far, or there is no
    key for what is encrypted, it stops before the call that needs it.
    """
    wanted = request.profile.get("demo", {})
    if not request.demo or not isinstance(wanted, Mapping):
        return
    yuan, pool_id = wanted.get("yuan", 0), demo_id(ctx, "venture", "pool")
    if not isinstance(yuan, int) or yuan <= 0 or await rows.find(ctx, Pool, pool_id) is not None:
        return
    names = [UNIT_NAME.format(number) for number in range(1, 1 + sum(len(one[2]) for one in CALLS))]
    units = await ensure_demo_organisations(ctx, names, kind="social_organisation")
    incubated = wanted.get("incubated", 0)
    await _incubate(ctx, incubated if isinstance(incubated, int) else 0)
    panel_ids = [await _expert(ctx, number) for number in range(EXPERTS)]
    await demonstration_pools.fill(_at(ctx, CALLS[0][0] + 1), pool_id, yuan * 100)
    first = 0
    for ago, title, projects in CALLS:
        own_units = units[first : first + len(projects)]
        first += len(projects)
        async with demo_step(ctx):
            await _call(ctx, pool_id, ago, title, projects, own_units, panel_ids)
            await demonstration_grants.live(ctx, title)


async def _incubate(ctx: Context, count: int) -> None:
    """Organisations in incubation, taken in over three years: after half a year they graduate, one of twenty leaves."""
    clerk = demo_officer(ctx, "venture", "演示孵化专员")
    names = [UNIT_NAME.format(number) for number in range(1, min(count, INCUBATED_MAX) + 1)]
    for number, unit in enumerate(await ensure_demo_organisations(ctx, names, kind="social_organisation")):
        begun = ctx.today() - timedelta(days=30 + number * 1_000 // len(names))
        incubation = await incubating.start(
            clerk, organisation_id=unit, support="演示:场地、培训、财务托管", started_on=begun
        )
        ended = begun + timedelta(days=180)
        if ended > ctx.today():
            continue
        if number % 20 == 0:
            await incubating.leave(clerk, incubation.id, on=ended, reason="演示:业务调整")
        else:
            await incubating.graduate(clerk, incubation.id, on=ended)


async def _call(
    ctx: Context,
    pool_id: UUID,
    ago: int,
    title: str,
    projects: Sequence[tuple[str, str, int]],
    units: Sequence[UUID],
    panel_ids: Sequence[UUID],
) -> None:
    """A call from its draft to the decision."""
    drafter = demo_officer(_at(ctx, ago), "venture", "演示起草人")
    opens, closes = drafter.now() + timedelta(days=1), drafter.now() + timedelta(days=11)
    call = await call_drafting.draft(
        drafter,
        area_id=None,
        title=title,
        pool_id=pool_id,
        opens_at=opens,
        closes_at=closes,
        categories=CATEGORIES,
        guide="演示数据，非真实公告。",
    )
    await publishing.publish_call(demo_officer(drafter, "venture", "演示负责人"), call.id)
    now = _Round(call, drafter.now(), units, panel_ids)
    for project, unit in zip(projects, units, strict=True):
        await _propose(ctx, now, project, unit)
    await _review(ctx, now, [one[0] for one in projects])
    await _decide(ctx, now)


async def _propose(ctx: Context, now: _Round, project: tuple[str, str, int], unit: UUID) -> None:
    """A proposal from its draft to the check; own funds are two fifths of the budget."""
    name, category, yuan = project
    clerk = demo_officer(_on(ctx, now, 2), "venture", "演示经办人")
    person_id = await _person(clerk, f"applicant:{unit}", "演示申报人")
    await applicants.add_member(clerk, organisation_id=unit, person_id=person_id)
    writer = demo_person(_on(ctx, now, 3), person_id, demonstration_grants.APPLICANT)
    proposal = await drafting.draft(writer, call_id=now.call.id, organisation_id=unit, title=f"演示:{name}")
    budget = -(-yuan * 100 * 5 // 3)
    proposal = await drafting.put_budget(
        writer,
        proposal.id,
        expected_version=proposal.version,
        lines=[LineGiven("人员与服务", 1, budget - budget // 3), LineGiven("活动物资", 1, budget // 3)],
    )
    text = "演示数据，非真实项目。"
    proposal = await drafting.update(
        writer,
        proposal.id,
        expected_version=proposal.version,
        category=category,
        summary=text,
        needs_text=text,
        plan_text=text,
        team_text=text,
        innovation_text=text,
        sustainability_text=text,
        risk_text=text,
        starts_on=now.day.date() + timedelta(days=45),
        ends_on=now.day.date() + timedelta(days=245),
        own_funds_fen=budget - yuan * 100,
    )
    await submitting.submit(
        writer, proposal.id, expected_version=proposal.version, declarations=list(Declaration)
    )
    await checking.accept(demo_officer(_on(ctx, now, 12), "venture", "演示审查人"), proposal.id)


async def _review(ctx: Context, now: _Round, names: Sequence[str]) -> None:
    """The draw, and a sheet of each expert for each project: the first project is the best."""
    manager = demo_officer(_on(ctx, now, 13), "venture", "演示评审组织人")
    await publishing.close(manager, now.call.id)
    await panel.draw(manager, now.call.id)
    keys = [one.key for one in await call_drafting.sheet_of(manager, now.call.id)]
    for number, person_id in enumerate(now.experts):
        expert = demo_person(_on(ctx, now, 15), person_id, _EXPERT)
        await declaring.declare(expert, now.call.id, interests=())
        for row in await ctx.db.fetch(_DRAWN, ctx.tenant_id, now.call.id, person_id):
            place = names.index(row["title"].removeprefix("演示:"))
            points = [
                PointsGiven(key, 93 - 6 * place + (number + index) % 5) for index, key in enumerate(keys)
            ]
            await sheets.submit(expert, row["id"], points=points, comment="演示评语")
    await ranking.rank(demo_officer(_on(ctx, now, 17), "venture", "演示评审组织人"), now.call.id)


async def _decide(ctx: Context, now: _Round) -> None:
    """The best four are awarded, the next is in reserve; after the notice that is concluded."""
    ranked = await ctx.db.fetch(
        "select proposal_id from venture_ranking where tenant_id = $1 and call_id = $2 order by rank limit 100",
        ctx.tenant_id,
        now.call.id,
    )
    outcomes = [
        OutcomeGiven(row["proposal_id"], OutcomeKind.AWARD if place < AWARDS else OutcomeKind.RESERVE)
        for place, row in enumerate(ranked)
    ]
    decision = await proposing.propose(
        demo_officer(_on(ctx, now, 18), "venture", "演示经办人"), now.call.id, outcomes=outcomes
    )
    decision = await announcing.announce(
        demo_officer(_on(ctx, now, 19), "venture", "演示负责人"), decision.id
    )
    after = replace(ctx, clock=FixedClock(decision.notice_until + timedelta(hours=1)))
    await announcing.conclude(demo_officer(after, "venture", "演示负责人"), decision.id)


async def _expert(ctx: Context, number: int) -> UUID:
    person_id = await _person(ctx, f"expert:{number}", f"演示专家{'甲乙丙丁戊'[number]}")
    await experts.enter(ctx, area_id=None, person_id=person_id, expertise=list(CATEGORIES))
    return person_id


async def _person(ctx: Context, name: str, full_name: str) -> UUID:
    person_id = demo_id(ctx, "venture", name)
    if await rows.find(ctx, Person, person_id) is None:
        await people.register(ctx, area_id=None, full_name=full_name, synthetic=True, person_id=person_id)
    return person_id


def _at(ctx: Context, days_ago: int) -> Context:
    """The context on the morning of a day so long ago."""
    day = ctx.today() - timedelta(days=days_ago)
    return replace(ctx, clock=FixedClock(datetime.combine(day, time(9), ctx.time_zone)))


def _on(ctx: Context, now: _Round, days: int) -> Context:
    """The context so many days after the call was published."""
    return replace(ctx, clock=FixedClock(now.day + timedelta(days=days)))
