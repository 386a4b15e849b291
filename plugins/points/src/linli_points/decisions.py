"""Decisions on claims: verified by one, confirmed by another, under notice, or returned, or rejected with a reason.

Whoever has a part in a case does not decide it: neither the participant nor a member of the household, nor who drafted
or submitted it, nor who decided an earlier step.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Deadline,
    Facts,
    WorkingDays,
    checks,
    decision_facts,
    rows,
)
from linli_points import evidence
from linli_points.access import persons_behind, visible_case
from linli_points.states import CLAIM
from linli_points.tables import Claim, Participant

READ: Final = "points.claim.read"
VERIFY: Final = "points.claim.verify"
CONFIRM: Final = "points.claim.confirm"


async def verify(ctx: Context, claim_id: UUID, *, expected_version: int | None = None) -> Claim:
    """Find a claim right. Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion."""
    claim = await _case(ctx, claim_id, VERIFY)
    state = CLAIM.apply(claim.state, "verify", await facts(ctx, claim))
    return await rows.update(
        ctx,
        claim,
        action="verify",
        expected_version=expected_version,
        state=state,
        verified_by=ctx.actor.id,
        verified_at=ctx.now(),
    )


async def confirm(ctx: Context, claim_id: UUID, *, expected_version: int | None = None) -> Claim:
    """Agree with whoever verified a claim, and put it under notice for the working days that the tenant sets.

    Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion; UnknownYear where the notice would
    reach a year without an official calendar.
    """
    claim = await _case(ctx, claim_id, CONFIRM)
    state = CLAIM.apply(claim.state, "confirm", await facts(ctx, claim))
    confirmed = await rows.update(
        ctx,
        claim,
        action="confirm",
        expected_version=expected_version,
        state=state,
        confirmed_by=ctx.actor.id,
        confirmed_at=ctx.now(),
    )
    return await publicise(ctx, confirmed)


async def publicise(ctx: Context, claim: Claim, action: str = "publicise") -> Claim:
    """Put a confirmed claim under notice. Raises: UndefinedTransition, UnknownYear."""
    return await rows.update(
        ctx,
        claim,
        action=action,
        state=CLAIM.apply(claim.state, action, Facts(actor_id=ctx.actor.id)),
        publicised_at=ctx.now(),
        object_until=due(ctx, "points.notice_working_days"),
    )


async def give_back(
    ctx: Context, claim_id: UUID, *, reason: str, expected_version: int | None = None
) -> Claim:
    """Return a claim to be completed; it can be submitted again.

    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    claim = await _case(ctx, claim_id, VERIFY)
    state = CLAIM.apply(claim.state, "return", await facts(ctx, claim))
    return await rows.update(
        ctx, claim, action="return", expected_version=expected_version, state=state, decision_reason=why
    )


async def reject(ctx: Context, claim_id: UUID, *, reason: str, expected_version: int | None = None) -> Claim:
    """Refuse a claim, which the claimant can object to for some working days; its evidence is free again.

    Raises: NotFound, PermissionDenied, OwnCase, Required, TooLong, UndefinedTransition, StaleVersion, UnknownYear.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    claim = await _case(ctx, claim_id, VERIFY)
    state = CLAIM.apply(claim.state, "reject", await facts(ctx, claim))
    return await refuse(
        ctx, claim, action="reject", state=state, reason=why, expected_version=expected_version
    )


async def refuse(
    ctx: Context,
    claim: Claim,
    *,
    action: str,
    state: str,
    reason: str,
    expected_version: int | None = None,
) -> Claim:
    """Write a refusal down, with the time until which it can be objected to. Raises: StaleVersion, UnknownYear."""
    await evidence.release(ctx, claim.id)
    return await rows.update(
        ctx,
        claim,
        action=action,
        expected_version=expected_version,
        state=state,
        rejected_by=ctx.actor.id,
        decision_reason=reason,
        object_until=due(ctx, "points.objection_working_days"),
    )


async def facts(ctx: Context, claim: Claim, *others: UUID | None) -> Facts:
    """What the guard `by_somebody_else` asks: whose case it is, and who acted in it; `others` acted too."""
    participant = await rows.get(ctx, Participant, claim.participant_id)
    persons = await persons_behind(ctx, participant)
    acted = (claim.drafted_by, claim.submitted_by, claim.verified_by, claim.rejected_by, *others)
    return await decision_facts(
        ctx, claim, persons=persons | ({claim.person_id} - {None}), actors=frozenset(acted) - {None}
    )


def due(ctx: Context, setting: str) -> datetime:
    """The last moment of so many working days from now, on the tenant's calendar. Raises: UnknownYear."""
    days = ctx.setting(setting)
    assert isinstance(days, int)
    found = Deadline(ctx.now(), WorkingDays(days), zone=ctx.time_zone).due_at()
    assert found is not None
    return found


async def _case(ctx: Context, claim_id: UUID, permission: str) -> Claim:
    """The claim, when the actor may see it and decide on it. Raises: NotFound, PermissionDenied."""
    claim = await visible_case(ctx, Claim, claim_id, READ)
    ctx.require(permission, claim.area_path)
    return claim
