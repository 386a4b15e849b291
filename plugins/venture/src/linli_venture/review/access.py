"""Who reaches a review: the reviewer, and those who manage the call."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, NotFound, is_self, rows
from linli_venture.calls.holding import hold
from linli_venture.calls.states import CallState
from linli_venture.calls.tables import Call
from linli_venture.proposals.applicants import require_outsider
from linli_venture.review.errors import NotReviewing, RankedAlready
from linli_venture.review.tables import Review

OWN: Final = "venture.own.review"
READ: Final = "venture.review.read"

_DRAWN: Final = (
    "select 1 from venture_review where tenant_id = $1 and call_id = $2 and person_id = $3 limit 1"
)


async def own_review(ctx: Context, review_id: UUID) -> Review:
    """The actor's own review, held against other writers, and its call too. Raises: PermissionDenied, NotFound."""
    ctx.require(OWN)
    review = await rows.get(ctx, Review, review_id)
    if not is_self(ctx, review.person_id):
        raise NotFound(kind="venture_review")
    await hold(ctx, review.call_id)
    return await rows.get(ctx, Review, review_id, lock=True)


def require_reviewers(call: Call) -> None:
    """Go on only while reviewers have something to do: before the ranking, and from the shortlist to the final one.

    Raises: NotReviewing, RankedAlready.
    """
    if call.state != CallState.REVIEWING:
        raise NotReviewing(state=call.state)
    if call.defended_at or (call.ranked_at and not call.shortlisted_at):
        raise RankedAlready()


async def was_drawn(ctx: Context, call_id: UUID) -> bool:
    """Whether the actor was drawn as a reviewer of a call, whatever became of it."""
    person_id = ctx.actor.person_id
    if person_id is None:
        return False
    return await ctx.db.fetchval(_DRAWN, ctx.tenant_id, call_id, person_id) is not None


async def reviewed_call(ctx: Context, call_id: UUID, permission: str) -> Call:
    """A call, held against other writers, for who holds `permission` in its area and does not compete in it.

    Raises: NotFound, PermissionDenied, OwnCall.
    """
    call = await rows.get(ctx, Call, call_id, lock=True)
    if not ctx.can("venture.call.read", call.area_path):
        raise NotFound(kind="venture_call")
    ctx.require(permission, call.area_path)
    await require_outsider(ctx, call.id)
    return call
