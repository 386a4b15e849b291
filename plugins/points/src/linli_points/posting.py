"""Posting: when the notice is over, a claim becomes points in the ledger; a wrong award is reversed, never edited."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, LinliError, Unavailable, checks, ledger, publish, rows
from linli_points import accounts, evidence
from linli_points.access import visible_case
from linli_points.errors import NoticeRunning
from linli_points.events import ClaimPosted, ClaimReversed
from linli_points.states import CLAIM
from linli_points.tables import Claim, Participant

READ: Final = "points.claim.read"
POST: Final = "points.claim.post"
REVERSE: Final = "points.claim.reverse"
POSTED: Final = "points.claim_posted"
REVERSED: Final = "points.claim_reversed"
BATCH_MAX: Final = 200

_DUE: Final = """
select id from points_claim
where tenant_id = $1 and state = 'publicised' and object_until < $2 and blocked_code = ''
order by object_until, id limit $3"""


async def post(ctx: Context, claim_id: UUID, *, expected_version: int | None = None) -> Claim:
    """Post a claim whose notice is over; the clock does this too.

    Raises: NotFound, PermissionDenied, NoticeRunning, UndefinedTransition, StaleVersion.
    """
    claim = await visible_case(ctx, Claim, claim_id, READ)
    ctx.require(POST, claim.area_path)
    state = CLAIM.apply(claim.state, "post", Facts(actor_id=ctx.actor.id))
    if claim.object_until is not None and ctx.now() <= claim.object_until:
        raise NoticeRunning(until=claim.object_until.isoformat(timespec="minutes"))
    return await award(ctx, claim, state, expected_version=expected_version)


async def award(ctx: Context, claim: Claim, state: str, *, expected_version: int | None = None) -> Claim:
    """Move a claim's points from issuance to the participant, once. Raises: StaleVersion, AccountClosed."""
    participant = await rows.get(ctx, Participant, claim.participant_id)
    purpose = ledger.Purpose(
        POSTED, f"points.claim:{claim.id}", source_table="points_claim", source_id=claim.id
    )
    lines = (
        ledger.Line(await accounts.issuance(ctx), -claim.points, category=claim.category),
        ledger.Line(participant.account_id, claim.points, category=claim.category),
    )
    posted = await ledger.post(ctx, purpose, lines)
    changed = await rows.update(
        ctx,
        claim,
        action="post",
        expected_version=expected_version,
        state=state,
        posted_at=ctx.now(),
        entry_id=posted.entry_id,
        blocked_code="",
    )
    await publish(
        ctx,
        ClaimPosted(
            claim_id=claim.id, participant_id=participant.id, category=claim.category, points=claim.points
        ),
    )
    return changed


async def post_due(ctx: Context) -> int:
    """Post what is due, at most 200 claims; gives how many. One that cannot be posted is marked and left out.

    Raises: Unavailable, when nothing is posted and trying later may help.
    """
    found = await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.now(), BATCH_MAX)
    for row in found:
        try:
            async with ctx.db.savepoint():
                await post(ctx, row["id"])
        except Unavailable:
            raise  # of no fault of the claim
        except LinliError as error:
            claim = await visible_case(ctx, Claim, row["id"], READ)
            await rows.update(ctx, claim, action="block", blocked_code=error.code)
    return len(found)


async def reverse(ctx: Context, claim_id: UUID, *, reason: str, expected_version: int | None = None) -> Claim:
    """Take a wrong award back; what was spent of it meanwhile cannot be taken, as no balance goes below zero.

    Raises: NotFound, PermissionDenied, Required, TooLong, InsufficientBalance, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    claim = await visible_case(ctx, Claim, claim_id, READ)
    ctx.require(REVERSE, claim.area_path)
    return await take_back(ctx, claim, why, expected_version=expected_version)


async def take_back(ctx: Context, claim: Claim, reason: str, *, expected_version: int | None = None) -> Claim:
    """Reverse the award of a claim that is held. Raises: InsufficientBalance, UndefinedTransition, StaleVersion."""
    state = CLAIM.apply(claim.state, "reverse", Facts(actor_id=ctx.actor.id))
    assert claim.entry_id is not None
    purpose = ledger.Purpose(
        REVERSED, f"points.claim_reversed:{claim.id}", reason, source_table="points_claim", source_id=claim.id
    )
    await ledger.reverse(ctx, claim.entry_id, purpose)
    await evidence.release(ctx, claim.id)
    changed = await rows.update(
        ctx,
        claim,
        action="reverse",
        expected_version=expected_version,
        state=state,
        reversed_at=ctx.now(),
        decision_reason=reason,
    )
    await publish(
        ctx, ClaimReversed(claim_id=claim.id, participant_id=claim.participant_id, points=claim.points)
    )
    return changed
