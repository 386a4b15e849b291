"""Who reaches a review: the reviewer, and those who manage the call."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, NotFound, is_self, rows
from linli_venture.calls.tables import Call
from linli_venture.review.tables import Review

OWN: Final = "venture.own.review"
READ: Final = "venture.review.read"


async def own_review(ctx: Context, review_id: UUID) -> Review:
    """The actor's own review, held against other writers. Raises: PermissionDenied, NotFound."""
    ctx.require(OWN)
    review = await rows.get(ctx, Review, review_id, lock=True)
    if not is_self(ctx, review.person_id):
        raise NotFound(kind="venture_review")
    return review


async def reviewed_call(ctx: Context, call_id: UUID, permission: str) -> Call:
    """A call, held against other writers, for whoever holds `permission` in its area. Raises: NotFound,
    PermissionDenied.
    """
    call = await rows.get(ctx, Call, call_id, lock=True)
    if not ctx.can("venture.call.read", call.area_path):
        raise NotFound(kind="venture_call")
    ctx.require(permission, call.area_path)
    return call
