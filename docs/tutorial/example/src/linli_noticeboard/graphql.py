"""This plugin in the API: types and mutations, no rules."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import (
    Area,
    Contribution,
    Node,
    column,
    described,
    expose,
    input_type,
    mutation,
    node,
    one,
    values_of,
)
from linli_noticeboard import service, tables
from linli_noticeboard.states import NoticeState

expose(NoticeState, "Where a notice stands.")

_NOTICE = {"id": "Notice"}
_VERSION = "The version that the caller saw; the change is refused when there is a newer one."


@node(
    tables.Notice,
    plural="notices",
    permission="noticeboard.notice.read",
    filters=("state",),
    order_by=("title",),
)
class Notice(Node):
    """A notice to the residents of an area."""

    title: str = column("Its title.")
    body: str = column("What it says.")
    state: NoticeState = column("Where it stands.")
    published_at: datetime | None = column("When it was published.")
    withdraw_reason: str = column("Why it was withdrawn; empty when it was not.")
    area: Area | None = one("area_id", "Whom it is for; null is the whole tenant.")


@input_type
class DraftNoticeInput:
    """A notice to be drafted."""

    area_id: strawberry.ID | None = described("For which area; null is the whole tenant.")
    title: str = described("Its title, at most 100 characters.")
    body: str = described("What it says, at most 2,000 characters.")


@input_type
class ChangeNoticeInput:
    """A draft and its new text."""

    id: strawberry.ID = described("The notice.")
    title: str = described("The new title.")
    body: str = described("The new text.")
    expected_version: int | None = described(_VERSION, optional=True)


@input_type
class PublishNoticeInput:
    """A notice to be published."""

    id: strawberry.ID = described("The notice.")
    expected_version: int | None = described(_VERSION, optional=True)


@input_type
class WithdrawNoticeInput:
    """A notice to be taken back, and why."""

    id: strawberry.ID = described("The notice.")
    reason: str = described("Why, in one line.")
    expected_version: int | None = described(_VERSION, optional=True)


@mutation(gives=Notice)
async def draft_notice(ctx: Context, input: DraftNoticeInput) -> tables.Notice:
    """Draft a notice."""
    return await service.draft(ctx, **values_of(input, ids={"area_id": "Area"}))


@mutation(gives=Notice)
async def change_notice(ctx: Context, input: ChangeNoticeInput) -> tables.Notice:
    """Change a draft."""
    values = values_of(input, ids=_NOTICE)
    return await service.change(ctx, values.pop("id"), **values)


@mutation(gives=Notice)
async def publish_notice(ctx: Context, input: PublishNoticeInput) -> tables.Notice:
    """Publish what somebody else drafted."""
    values = values_of(input, ids=_NOTICE)
    return await service.publish_notice(ctx, values.pop("id"), **values)


@mutation(gives=Notice)
async def withdraw_notice(ctx: Context, input: WithdrawNoticeInput) -> tables.Notice:
    """Take a published notice back."""
    values = values_of(input, ids=_NOTICE)
    return await service.withdraw(ctx, values.pop("id"), **values)


CONTRIBUTION = Contribution(
    nodes=(Notice,), mutations=(draft_notice, change_notice, publish_notice, withdraw_notice)
)
