"""Demo data: synthetic residents, which say so, with points that made-up officers awarded by the real rules.

The profile's section `[plugins.points.demo]` gives `pilot_communities` (the first so many, 52 in the report of
Jingmen) and `residents` of each; without it there are none. The pilots' standard holds since 2016 and the city's since
2017; each pilot has a pool for this year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    FixedClock,
    LinliError,
    Person,
    ProvisionRequest,
    demo_id,
    demo_officer,
    demo_step,
    people,
    rows,
)
from linli_points import (
    claims,
    decisions,
    participants,
    pools,
    posting,
    redemptions,
    rewards,
    rule_sets,
)
from linli_points.evidence import EvidenceGiven
from linli_points.tables import Participant, Pool, Reward, Rule, RuleSet
from linli_points.terms import ClaimState, EvidenceKind, ParticipantKind, RewardKind

PILOT_YEAR: Final = 2016
CITY_YEAR: Final = 2017
PILOTS_MAX: Final = 200
PILOTS: Final = "52 个试点社区积分标准"
NAMES: Final = ("演示居民甲", "演示居民乙", "演示居民丙", "演示居民丁", "演示居民戊", "演示居民己")
DEEDS: Final = (("clean_up", 3), ("elderly_care", 2), ("night_patrol", 1), ("meetings", 1))
SOURCE: Final = "演示数据，非真实统计"
AGO: Final = timedelta(days=40)

_PILOTS: Final = """
select id from areas_area where tenant_id = $1 and state = 'active' and descendants = 0 order by path limit $2"""


async def demo(ctx: Context, request: ProvisionRequest) -> None:
    """Pilots with their standard and pools, six residents with posted claims, a reward and its redemption.

    Changes nothing when the reward is there already.
    """
    wanted = request.profile.get("demo", {})
    if not request.demo or not isinstance(wanted, Mapping) or ctx.tenant.parent_id is not None:
        return
    count, residents = wanted.get("pilot_communities", 0), wanted.get("residents", 0)
    if not isinstance(count, int) or not isinstance(residents, int) or not 0 < count <= PILOTS_MAX:
        return
    reward_id = demo_id(ctx, "points", "reward")
    if await rows.find(ctx, Reward, reward_id) is not None:
        return
    pilots = [row["id"] for row in await ctx.db.fetch(_PILOTS, ctx.tenant_id, count)]
    await _pilot_standard(ctx, pilots)
    for area_id in pilots:
        await _pool(ctx, area_id, residents)
    joined = [await _participant(ctx, pilots[0], number) for number in range(len(NAMES))]
    for number, participant in enumerate(joined):
        await _deeds(ctx, participant, DEEDS[: 1 + number % len(DEEDS)], number)
    await _reward(ctx, reward_id, joined[2])


async def _pilot_standard(ctx: Context, pilots: Sequence[UUID]) -> None:
    """The default standard in the pilots a year before it holds everywhere."""
    base = await rows.find_by(ctx, RuleSet, number=1, origin="own")
    if base is None or await rows.find_by(ctx, RuleSet, title=PILOTS) is not None:
        return
    pilot = await rule_sets.draft(ctx, title=PILOTS, based_on_id=base.id)
    await rule_sets.limit_to_areas(ctx, pilot.id, pilots)
    await rule_sets.adopt(ctx, pilot.id, from_day=date(PILOT_YEAR, 1, 1))


async def _pool(ctx: Context, area_id: UUID, residents: int) -> Pool | None:
    year = ctx.today().year
    if await rows.find_by(ctx, Pool, area_id=area_id, year=year) is not None:
        return None
    return await pools.open_pool(
        ctx, area_id=area_id, year=year, residents=residents, residents_as_of=ctx.today(), source=SOURCE
    )


async def _participant(ctx: Context, area_id: UUID, number: int) -> Participant:
    person_id = demo_id(ctx, "points", f"person:{number}")
    if await rows.find(ctx, Person, person_id) is None:
        await people.register(
            ctx, area_id=area_id, full_name=NAMES[number], synthetic=True, person_id=person_id
        )
    known = await participants.participant_of(ctx, ParticipantKind.PERSON, person_id)
    return known or await participants.join_person(
        ctx, person_id=person_id, joined_on=ctx.today() - AGO - timedelta(days=30)
    )


async def _deeds(
    ctx: Context, participant: Participant, deeds: Sequence[tuple[str, int]], number: int
) -> None:
    """Claims of some weeks ago: entered by one officer, verified by another, confirmed by a third, posted now.

    Where the official calendar does not reach so far, they stay verified.
    """
    then = replace(ctx, clock=FixedClock(ctx.now() - AGO))
    clerk, verifier, confirmer = (
        demo_officer(then, "points", name) for name in ("演示登记员", "演示核实员", "演示复核员")
    )
    for code, quantity in deeds:
        rule_set_id = await rule_sets.in_force(ctx, then.today(), participant.area_path)
        rule = await rows.find_by(ctx, Rule, rule_set_id=rule_set_id, code=code)
        if rule is None:
            continue
        claim = await claims.draft(
            clerk,
            participant_id=participant.id,
            rule_id=rule.id,
            activity=f"演示活动：{rule.title}",
            activity_day=then.today(),
            quantity=quantity,
            given_evidence=[EvidenceGiven(EvidenceKind.REFERENCE, f"演示签到表 {number}-{code}")],
        )
        await claims.submit(clerk, claim.id)
        await decisions.verify(verifier, claim.id)
        async with demo_step(ctx):
            publicised = await decisions.confirm(confirmer, claim.id)
            if publicised.state == ClaimState.PUBLICISED:
                await posting.post(ctx, claim.id)


async def _reward(ctx: Context, reward_id: UUID, participant: Participant) -> None:
    await rewards.create(
        ctx,
        area_id=None,
        reward_id=reward_id,
        name="演示：洗衣液一瓶",
        description=SOURCE,
        kind=RewardKind.GOODS,
        points=10,
        value_fen=1_500,
        stock=100,
    )
    await rewards.offer(ctx, reward_id)
    with suppress(LinliError):  # without points, where the claims could not be posted
        async with ctx.db.savepoint():
            reserved = await redemptions.reserve(
                demo_officer(ctx, "points", "演示登记员"), participant_id=participant.id, reward_id=reward_id
            )
            issued = await redemptions.issue(demo_officer(ctx, "points", "演示登记员"), reserved.id)
            await redemptions.fulfil(demo_officer(ctx, "points", "演示核销员"), number=issued.number)
