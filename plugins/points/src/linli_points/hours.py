"""Hours of the volunteers plugin become points: once for each posted entry, and are taken back when it is reversed."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, ledger, people, rows
from linli_points import claims, inheritance, participants, posting, rule_sets
from linli_points.states import CLAIM
from linli_points.tables import Claim, Participant, Rule
from linli_points.terms import ClaimState, ParticipantKind, ParticipantState, RuleSource

MINUTES_PER_ITEM: Final = 60

_RULE: Final = """
select id from points_rule
where tenant_id = $1 and rule_set_id = $2 and source = 'volunteer_hours' and for_person order by code limit 1"""
_OF_HOURS: Final = """
select id from points_claim where tenant_id = $1 and source = 'volunteer_hours' and source_id = $2"""


async def credit(
    ctx: Context, *, hours_id: UUID, person_id: UUID, activity_id: UUID, minutes: int
) -> Claim | None:
    """Post the points for an entry of hours, which others have verified; None when there are none to post.

    There are none for less than an hour, for who does not take part, without such a rule, beyond its caps, and for
    an entry that was credited before.
    """
    person = await people.present_entry(ctx, person_id)
    known = await participants.participant_of(ctx, ParticipantKind.PERSON, person.id)
    if known is None or await ctx.db.fetchval(_OF_HOURS, ctx.tenant_id, hours_id):
        return None
    participant = await participants.held(ctx, known.id)
    rule = await _rule(ctx, participant)
    quantity = minutes // MINUTES_PER_ITEM
    if rule is None or quantity < 1 or participant.state != ParticipantState.ACTIVE:
        return None
    points = await _within_caps(ctx, participant, rule, claims.worth(rule, quantity))
    if points < 1:
        return None
    claim = await rows.insert(
        ctx,
        Claim,
        action="credit",
        area_id=participant.area_id,
        area_path=participant.area_path,
        participant_id=participant.id,
        person_id=person.id,
        rule_id=rule.id,
        category=rule.category,
        activity=str(activity_id),
        activity_day=ctx.today(),
        slot=str(hours_id),
        quantity=quantity,
        points=points,
        source=RuleSource.VOLUNTEER_HOURS,
        source_id=hours_id,
        state=ClaimState.PUBLICISED,
        publicised_at=ctx.now(),
    )
    state = CLAIM.apply(claim.state, "post", Facts(actor_id=ctx.actor.id))
    return await posting.award(ctx, claim, state)


async def take_back(ctx: Context, *, hours_id: UUID, reason: str) -> Claim | None:
    """Reverse the points of an entry of hours; what was spent meanwhile is noted on the claim for the officers.

    None when there were none, or when they are reversed already.
    """
    claim_id: UUID | None = await ctx.db.fetchval(_OF_HOURS, ctx.tenant_id, hours_id)
    if claim_id is None:
        return None
    claim = await claims.held(ctx, claim_id)
    if claim.state != ClaimState.POSTED:
        return None
    try:
        async with ctx.db.savepoint():
            return await posting.take_back(ctx, claim, reason)
    except ledger.InsufficientBalance as error:
        return await rows.update(ctx, claim, action="block", blocked_code=error.code)


async def _rule(ctx: Context, participant: Participant) -> Rule | None:
    await inheritance.receive(ctx)
    rule_set_id = await rule_sets.in_force(ctx, ctx.today(), participant.area_path)
    if rule_set_id is None:
        return None
    return await rows.find(ctx, Rule, await ctx.db.fetchval(_RULE, ctx.tenant_id, rule_set_id))


async def _within_caps(ctx: Context, participant: Participant, rule: Rule, points: int) -> int:
    left = await claims.left_under(ctx, participant.id, rule, ctx.today())
    return points if left is None else min(points, left)
