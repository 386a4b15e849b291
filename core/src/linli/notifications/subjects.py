"""What the notifications keep about people: given out to them as they read it, and emptied at an erasure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.notifications.rendering import renderer
from linli.notifications.tables import Address, Delivery, Message, Preference
from linli.notifications.turns import take_turns
from linli.privacy.register import of_table
from linli.privacy.subjects import Item, Kept, SubjectData, rows_about

_EMPTY: Final = """
update notifications_message set content = '{}', version = version + 1, updated_at = now()
where tenant_id = $1 and person_id = any($2) and content <> '{}'"""
_END: Final = """
update notifications_delivery set address_masked = '', version = version + 1, updated_at = now(),
    finished_at = coalesce(finished_at, $3), status = case when status = 'pending' then 'skipped' else status end,
    error_code = case when status = 'pending' then 'erased' else error_code end
where tenant_id = $1 and person_id = any($2) and (address_masked <> '' or status = 'pending')"""
_FORGET: Final = "delete from {table} where tenant_id = $1 and person_id = any($2)"

LOG: Final = Kept(
    "notifications",
    "消息发送记录只保留编号、类型和时间；日志须保存至少六个月（《网络安全法》第二十一条）。",
    "The log of deliveries keeps ids, types and times; logs must be kept for six months (Cybersecurity Law art. 21).",
)


async def _messages(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    items = await rows_about(ctx, Message, ids, without=("dedupe_key", "content", "message_class"))
    found = await ctx.db.fetch(
        "select id, type, content from notifications_message where tenant_id = $1 and id = any($2)",
        ctx.tenant_id,
        [UUID(str(one["id"])) for one in items],
    )
    made = renderer(ctx, ctx.locale)
    said = {str(row["id"]): made.render(row["type"], json.loads(row["content"])) for row in found}
    return [{**one, "title": said[str(one["id"])].title, "body": said[str(one["id"])].body} for one in items]


async def _empty_messages(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_EMPTY, ctx.tenant_id, list(ids))
    return ()


async def _end_deliveries(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_END, ctx.tenant_id, list(ids), ctx.now())
    return (LOG,)


async def _forget_addresses(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await take_turns(ctx, ids)
    await ctx.db.execute(_FORGET.format(table="notifications_address"), ctx.tenant_id, list(ids))
    return ()


async def _forget_preferences(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_FORGET.format(table="notifications_preference"), ctx.tenant_id, list(ids))
    return ()


PERSONAL_DATA: Final = (
    SubjectData(
        "notifications.message",
        "收到的消息",
        "Messages",
        frozenset({"notifications_message"}),
        _messages,
        _empty_messages,
    ),
    SubjectData(
        "notifications.delivery",
        "消息发送记录",
        "Deliveries of messages",
        frozenset({"notifications_delivery"}),
        of_table("notifications.delivery", "", "", Delivery).export,
        _end_deliveries,
    ),
    SubjectData(
        "notifications.preference",
        "消息偏好",
        "Preferences for messages",
        frozenset({"notifications_preference"}),
        of_table("notifications.preference", "", "", Preference).export,
        _forget_preferences,
    ),
    SubjectData(
        "notifications.address",
        "消息接收地址",
        "Addresses for messages",
        frozenset({"notifications_address"}),
        of_table("notifications.address", "", "", Address).export,
        _forget_addresses,
    ),
)
