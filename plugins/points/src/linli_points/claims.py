"""Claims: drafted and submitted by the participant or for it, with evidence, within the rule's caps."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, checks, in_place, rows
from linli_points import evidence, inheritance, rule_sets
from linli_points.access import acting_for, require_for_own, visible_case
from linli_points.checked import in_range
from linli_points.errors import (
    AlreadyClaimed,
    CapExceeded,
    EvidenceMissing,
    RecordedElsewhere,
    RuleNotInForce,
    TooLongAgo,
    WrongKind,
)
from linli_points.evidence import EvidenceGiven
from linli_points.states import CLAIM
from linli_points.tables import Claim, Participant, Rule
from linli_points.terms import ClaimState, ParticipantKind, RuleSource

READ: Final = "points.claim.read"
WRITE: Final = "points.claim.write"
ACTIVITY_MAX: Final = 100
SLOT_MAX: Final = 40
QUANTITY_MAX: Final = 1_000_000
EDITABLE: Final = (ClaimState.DRAFT, ClaimState.RETURNED)
_FOR: Final = {
    ParticipantKind.PERSON: "for_person",
    ParticipantKind.HOUSEHOLD: "for_household",
    ParticipantKind.UNIT: "for_unit",
}

_SAME: Final = """
select 1 from points_claim
where tenant_id = $1 and participant_id = $2 and activity_day = $3 and activity = $4 and slot = $5
    and id is distinct from $6 and state not in ('rejected', 'withdrawn', 'reversed') limit 1"""
_COUNTED: Final = """
select coalesce(sum(c.points), 0)::bigint as year,
    coalesce(sum(c.points) filter (where c.activity_day = $4), 0)::bigint as day
from points_claim c join points_rule r on r.tenant_id = $1 and r.id = c.rule_id
where c.tenant_id = $1 and c.participant_id = $2 and r.code = $3 and c.activity_day >= $5 and c.activity_day <= $6
    and c.id is distinct from $7 and c.state not in ('draft', 'returned', 'rejected', 'withdrawn', 'reversed')"""


class ClaimChanges(TypedDict, total=False):
    """What may be changed of a draft; what is left out stays."""

    activity: str
    activity_day: date
    slot: str | None
    quantity: int
    note: str | None


async def draft(
    ctx: Context,
    *,
    participant_id: UUID,
    rule_id: UUID,
    activity: str,
    activity_day: date,
    slot: str | None = None,
    quantity: int = 1,
    note: str | None = None,
    given_evidence: Sequence[EvidenceGiven] = (),
) -> Claim:
    """Begin a claim for an activity; the rule is the one of the same code that held on its day.

    Raises: NotFound, NotYours, PermissionDenied, NotAParticipant, RuleNotInForce, WrongKind, RecordedElsewhere,
    FutureDate, TooLongAgo, NumberOutOfRange, AlreadyClaimed, EvidenceUsed, Required, TooLong.
    """
    acting = await acting_for(ctx, participant_id, WRITE)
    values = _checked(
        ctx,
        ClaimChanges(activity=activity, activity_day=activity_day, slot=slot, quantity=quantity, note=note),
    )
    rule = await _rule(ctx, acting.participant, rule_id, values["activity_day"])
    await _check_same(ctx, acting.participant.id, values)
    claim = await rows.insert(
        ctx,
        Claim,
        action="draft",
        area_id=acting.participant.area_id,
        area_path=acting.participant.area_path,
        participant_id=acting.participant.id,
        person_id=acting.person_id,
        rule_id=rule.id,
        category=rule.category,
        points=worth(rule, values["quantity"]),
        drafted_by=ctx.actor.id,
        **values,
    )
    await evidence.attach(ctx, claim, given_evidence)
    return claim


async def revise(
    ctx: Context,
    claim_id: UUID,
    *,
    expected_version: int | None = None,
    given_evidence: Sequence[EvidenceGiven] | None = None,
    **changes: Unpack[ClaimChanges],
) -> Claim:
    """Change a draft, or a claim that was returned; `given_evidence` replaces what was attached.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion, and what `draft` does.
    """
    claim = await own_claim(ctx, claim_id)
    CLAIM.transition(claim.state, "submit")
    participant = await rows.get(ctx, Participant, claim.participant_id, lock=True)
    values = _checked(ctx, changes)
    day = values.get("activity_day", claim.activity_day)
    rule = await _rule(ctx, participant, claim.rule_id, day)
    points = worth(rule, values.get("quantity", claim.quantity))
    told = {name: values.get(name, getattr(claim, name)) for name in ("activity", "activity_day", "slot")}
    await _check_same(ctx, participant.id, told, but_for=claim.id)
    changed = await rows.update(
        ctx,
        claim,
        expected_version=expected_version,
        rule_id=rule.id,
        category=rule.category,
        points=points,
        **values,
    )
    if given_evidence is not None:
        await evidence.release(ctx, changed.id)
        await evidence.attach(ctx, changed, given_evidence)
    return changed


async def submit(ctx: Context, claim_id: UUID, *, expected_version: int | None = None) -> Claim:
    """Hand a claim in for verification.

    Raises: NotFound, PermissionDenied, RuleNotInForce, WrongKind, TooLongAgo, EvidenceMissing, EvidenceUsed,
    CapExceeded, UndefinedTransition, StaleVersion.
    """
    claim = await own_claim(ctx, claim_id)
    state = CLAIM.apply(claim.state, "submit", Facts(actor_id=ctx.actor.id))
    acting = await acting_for(ctx, claim.participant_id, WRITE)
    rule = await _rule(ctx, acting.participant, claim.rule_id, claim.activity_day)
    if rule.evidence_required and not await evidence.count(ctx, claim.id):
        raise EvidenceMissing(path=("evidence",))
    await check_caps(ctx, claim, rule)
    return await rows.update(
        ctx,
        claim,
        action="submit",
        expected_version=expected_version,
        state=state,
        submitted_by=ctx.actor.id,
        submitted_at=ctx.now(),
        person_id=claim.person_id or acting.person_id,
    )


async def withdraw(ctx: Context, claim_id: UUID, *, expected_version: int | None = None) -> Claim:
    """Take a claim back before it is verified; its evidence is free again.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    claim = await own_claim(ctx, claim_id)
    state = CLAIM.apply(claim.state, "withdraw", Facts(actor_id=ctx.actor.id))
    await evidence.release(ctx, claim.id)
    return await rows.update(ctx, claim, action="withdraw", expected_version=expected_version, state=state)


async def own_claim(ctx: Context, claim_id: UUID) -> Claim:
    """A claim of one's own, or one that the actor may write, held against other writers.

    Raises: NotFound, PermissionDenied.
    """
    claim = await visible_case(ctx, Claim, claim_id, READ)
    require_for_own(ctx, claim, WRITE)
    return claim


async def held(ctx: Context, claim_id: UUID) -> Claim:
    """A claim, held against other writers; no right is asked for. Raises: NotFound."""
    return await in_place(ctx, Claim, claim_id, lock=True)


async def check_caps(ctx: Context, claim: Claim, rule: Rule) -> None:
    """The participant must be held. Raises: CapExceeded."""
    left = await left_under(ctx, claim.participant_id, rule, claim.activity_day, but_for=claim.id)
    if left is not None and claim.points > left:
        cap = min(one for one in (rule.cap_day, rule.cap_year) if one)
        raise CapExceeded(path=("quantity",), cap=cap, left=left)


async def left_under(
    ctx: Context, participant_id: UUID, rule: Rule, day: date, *, but_for: UUID | None = None
) -> int | None:
    """How many points a participant can still get under a rule on a day; None without a cap."""
    if not (rule.cap_day or rule.cap_year):
        return None
    first, last = date(day.year, 1, 1), date(day.year, 12, 31)
    counted = await ctx.db.fetchrow(
        _COUNTED, ctx.tenant_id, participant_id, rule.code, day, first, last, but_for
    )
    assert counted is not None
    caps = ((rule.cap_day, counted["day"]), (rule.cap_year, counted["year"]))
    left: int = min(cap - used for cap, used in caps if cap)
    return max(left, 0)


def worth(rule: Rule, quantity: int) -> int:
    """The points of so many items under a rule, up to the cap of one claim."""
    points: int = rule.points * quantity
    return points if rule.cap_claim is None else min(points, rule.cap_claim)


async def _rule(ctx: Context, participant: Participant, rule_id: UUID, day: date) -> Rule:
    await inheritance.receive(ctx)
    try:
        rule = await rule_sets.rule_in_force(ctx, rule_id, day, participant.area_path)
    except NotFound:
        raise NotFound(path=("rule_id",), kind="points_rule") from None
    if rule is None:
        raise RuleNotInForce(path=("rule_id",))
    if rule.source != RuleSource.CLAIM:
        raise RecordedElsewhere(path=("rule_id",))
    if not getattr(rule, _FOR[ParticipantKind(participant.kind)]):
        raise WrongKind(path=("rule_id",), kind=participant.kind)
    return rule


async def _check_same(
    ctx: Context, participant_id: UUID, told: dict[str, Any], *, but_for: UUID | None = None
) -> None:
    """The participant is held, so that two cannot slip through; the unique index has the last word."""
    arguments = (participant_id, told["activity_day"], told["activity"], told["slot"], but_for)
    if await ctx.db.fetchval(_SAME, ctx.tenant_id, *arguments):
        raise AlreadyClaimed(path=("activity",))


def _checked(ctx: Context, given: ClaimChanges) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    if "activity" in given:
        values["activity"] = checks.line(given["activity"], "activity", ACTIVITY_MAX)
    if "activity_day" in given:
        day = checks.not_future(ctx, given["activity_day"], "activity_day")
        days = ctx.setting("points.activity_days_back_max")
        assert isinstance(days, int)
        if day < ctx.today() - timedelta(days=days):
            raise TooLongAgo(path=("activity_day",), days=days)
    if "slot" in given:
        values["slot"] = checks.optional_line(given["slot"], "slot", SLOT_MAX)
    if "quantity" in given:
        in_range(given["quantity"], 1, QUANTITY_MAX, "quantity")
    if "note" in given:
        values["note"] = checks.optional_line(given["note"], "note", checks.REASON_MAX)
    return values
