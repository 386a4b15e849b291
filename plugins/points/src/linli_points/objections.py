"""Objections: of anybody to an award under notice, of the claimant to a rejection; decided by somebody new."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, NotFound, checks, in_place, own_or_visible, rows
from linli_points import decisions
from linli_points.access import TAKE_PART, require_for_own
from linli_points.errors import AlreadyObjected, ObjectionTooLate
from linli_points.states import CLAIM, OBJECTION
from linli_points.tables import Claim, Objection
from linli_points.terms import ClaimState, ObjectionAgainst

READ: Final = "points.objection.read"
DECIDE: Final = "points.objection.decide"

_DECIDED: Final = """
select 1 from points_objection
where tenant_id = $1 and claim_id = $2 and against = $3
    and (against = 'rejection' or raised_by is not distinct from $4) limit 1"""


async def raise_objection(ctx: Context, *, claim_id: UUID, reason: str) -> Objection:
    """Object to an award under notice, or, as the claimant, to a rejection; the claim waits until that is decided.

    Against a rejection one objection is possible, against an award one from each.
    Raises: NotFound, PermissionDenied, ObjectionTooLate, AlreadyObjected, Required, TooLong, UndefinedTransition.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    claim = await in_place(ctx, Claim, claim_id, lock=True)
    against = _against(ctx, claim)
    state = CLAIM.apply(claim.state, "object", Facts(actor_id=ctx.actor.id))
    if claim.object_until is None or ctx.now() > claim.object_until:
        until = claim.object_until.isoformat(timespec="minutes") if claim.object_until else ""
        raise ObjectionTooLate(until=until)
    if await ctx.db.fetchval(_DECIDED, ctx.tenant_id, claim.id, against, ctx.actor.id):
        raise AlreadyObjected()
    await rows.update(ctx, claim, action="object", state=state)
    return await rows.insert(
        ctx,
        Objection,
        action="raise",
        area_id=claim.area_id,
        area_path=claim.area_path,
        claim_id=claim.id,
        against=against,
        person_id=ctx.actor.person_id,
        raised_by=ctx.actor.id,
        raised_at=ctx.now(),
        reason=why,
    )


async def uphold(
    ctx: Context, objection_id: UUID, *, reason: str, expected_version: int | None = None
) -> Objection:
    """Find an objection right: the award is taken, or the rejected claim is looked at anew.

    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    return await _decide(ctx, objection_id, "uphold", reason, expected_version)


async def dismiss(
    ctx: Context, objection_id: UUID, *, reason: str, expected_version: int | None = None
) -> Objection:
    """Find an objection wrong: the award is under notice anew, or the rejection stays. Raises: as `uphold`."""
    return await _decide(ctx, objection_id, "dismiss", reason, expected_version)


async def _decide(
    ctx: Context, objection_id: UUID, action: str, reason: str, expected_version: int | None
) -> Objection:
    why = checks.line(reason, "reason", checks.REASON_MAX)
    seen = await in_place(ctx, Objection, objection_id)
    if not ctx.can(READ, seen.area_path):
        raise NotFound(kind="points_objection")
    ctx.require(DECIDE, seen.area_path)
    claim = await rows.get(ctx, Claim, seen.claim_id, lock=True)
    objection = await rows.get(ctx, Objection, objection_id, lock=True)
    state = OBJECTION.apply(objection.state, action, Facts(actor_id=ctx.actor.id))
    await _settle(ctx, claim, objection, upheld=action == "uphold", reason=why)
    return await rows.update(
        ctx,
        objection,
        action=action,
        expected_version=expected_version,
        state=state,
        decided_by=ctx.actor.id,
        decided_at=ctx.now(),
        decision_reason=why,
    )


async def _settle(ctx: Context, claim: Claim, objection: Objection, *, upheld: bool, reason: str) -> None:
    """What becomes of the claim."""
    facts = await decisions.facts(ctx, claim, claim.confirmed_by, objection.raised_by)
    persons = facts.values["persons"]
    assert isinstance(persons, frozenset)
    involved = {**facts.values, "persons": persons | ({objection.person_id} - {None})}
    facts = replace(facts, values=involved)
    if objection.against == ObjectionAgainst.AWARD:
        action = "take_award" if upheld else "keep_award"
        state = CLAIM.apply(claim.state, action, facts)
        if upheld:
            await decisions.refuse(ctx, claim, action=action, state=state, reason=reason)
        else:
            until = decisions.due(ctx, "points.notice_working_days")
            await rows.update(
                ctx, claim, action=action, state=state, publicised_at=ctx.now(), object_until=until
            )
        return
    action = "lift_rejection" if upheld else "keep_rejection"
    state = CLAIM.apply(claim.state, action, facts)
    await rows.update(
        ctx, claim, action=action, state=state, object_until=None if upheld else claim.object_until
    )


def _against(ctx: Context, claim: Claim) -> ObjectionAgainst:
    """What somebody may object to: an award where they take part, a rejection only as the claimant or for them.

    Raises: NotFound, PermissionDenied.
    """
    if claim.state == ClaimState.REJECTED:
        require_for_own(ctx, own_or_visible(ctx, claim, "points.claim.read"), "points.claim.write")
        return ObjectionAgainst.REJECTION
    if not ctx.can(TAKE_PART, claim.area_path):
        raise NotFound(kind="points_claim")
    return ObjectionAgainst.AWARD
