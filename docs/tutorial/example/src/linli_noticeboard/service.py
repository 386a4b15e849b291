"""The rules of notices: drafted by one, published by another, never edited afterwards."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, changeable, checks, decision_facts, place_for, publish, rows, visible
from linli_noticeboard.errors import NotADraft
from linli_noticeboard.events import NoticePublished
from linli_noticeboard.states import NOTICE, NoticeState
from linli_noticeboard.tables import Notice

KIND: Final = "noticeboard.notice"
TITLE_MAX: Final = 100
BODY_MAX: Final = 2_000


async def draft(ctx: Context, *, area_id: UUID | None, title: str, body: str) -> Notice:
    """Draft a notice to an area, or to the whole tenant.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, UnprintableText.
    """
    place = await place_for(ctx, area_id, f"{KIND}.write")
    return await rows.insert(
        ctx,
        Notice,
        action="draft",
        area_id=place.area_id,
        area_path=place.area_path,
        title=checks.line(title, "title", TITLE_MAX),
        body=checks.line(body, "body", BODY_MAX),
        author_id=ctx.actor.id,
    )


async def change(
    ctx: Context, notice_id: UUID, *, title: str, body: str, expected_version: int | None = None
) -> Notice:
    """Change a draft. Raises: NotADraft, StaleVersion; NotFound, PermissionDenied, Required, TooLong."""
    notice = await changeable(ctx, Notice, notice_id, KIND)
    if notice.state != NoticeState.DRAFT:
        raise NotADraft(state=notice.state)
    return await rows.update(
        ctx,
        notice,
        expected_version=expected_version,
        title=checks.line(title, "title", TITLE_MAX),
        body=checks.line(body, "body", BODY_MAX),
    )


async def publish_notice(ctx: Context, notice_id: UUID, *, expected_version: int | None = None) -> Notice:
    """Publish what somebody else drafted; the event is part of the same transaction.

    Raises: OwnWork, UndefinedTransition, NotFound, PermissionDenied, StaleVersion.
    """
    notice = await _turn(ctx, notice_id, "publish", expected_version, published_at=ctx.now())
    await publish(ctx, NoticePublished(notice_id=notice.id))
    return notice


async def withdraw(
    ctx: Context, notice_id: UUID, *, reason: str, expected_version: int | None = None
) -> Notice:
    """Take a published notice back, for a stated reason.

    Raises: Required, TooLong, UndefinedTransition, NotFound, PermissionDenied, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    return await _turn(ctx, notice_id, "withdraw", expected_version, withdraw_reason=why)


async def _turn(
    ctx: Context, notice_id: UUID, action: str, expected_version: int | None, **changes: object
) -> Notice:
    notice = await visible(ctx, Notice, notice_id, f"{KIND}.read")
    ctx.require(f"{KIND}.publish", notice.area_path)
    state = NOTICE.apply(notice.state, action, await decision_facts(ctx, notice))
    return await rows.update(
        ctx, notice, action=action, expected_version=expected_version, state=state, **changes
    )
