"""What hand-overs keep about a person: given out to them, and emptied at an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt_all
from linli.db.tables import TenantTable, table_name
from linli.handover.ending import empty, end_offered, end_received, open_of
from linli.handover.envelope import Kind
from linli.handover.tables import Message, Offered, Received
from linli.privacy.subjects import ROWS_MAX, ExportTooLarge, Item, Kept, SubjectData, plain, rows_about

_OF: Final = (
    "select exchange_id from {table} where tenant_id = $1 and person_id = any($2) order by id limit $3"
)
_MESSAGES: Final = """
select * from handover_message where tenant_id = $1 and exchange_id = any($2) order by id limit $3"""
_TOLD: Final = ("direction", "counterpart_slug", "sequence", "kind", "state", "sent_at", "receipt_at")

PROOF: Final = Kept(
    "handover",
    "移交的内容已清空；移交的时间、对方和回执作为履行法定义务的证明，按保存期限保存（《个人信息保护法》第二十三条）。",
    "What was handed over is emptied; when, to whom, and the receipts are kept for a time as evidence (PIPL art. 23).",
)


async def _exchanges(ctx: Context, ids: Sequence[UUID]) -> list[UUID]:
    found: list[UUID] = []
    for table in (Offered, Received):
        sql = _OF.format(table=table_name(table))
        found += [row["exchange_id"] for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids), ROWS_MAX)]
    return found


async def _messages(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    exchanges = await _exchanges(ctx, ids)
    found = [
        rows.from_record(Message, row)
        for row in await ctx.db.fetch(_MESSAGES, ctx.tenant_id, exchanges, ROWS_MAX + 1)
    ]
    if len(found) > ROWS_MAX:
        raise ExportTooLarge(part="handover_message", limit=ROWS_MAX)
    contents = await decrypt_all(ctx, found, "content")
    return [
        {**{name: plain(getattr(message, name)) for name in _TOLD}, "content": content}
        for message, content in zip(found, contents, strict=True)
    ]


async def _erase(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    """End what is open, tell the other side that no update follows, and empty this side's copies."""
    for offered in await open_of(ctx, Offered, ids):
        await end_offered(ctx, offered, "revoke", "erasure", tell=True)
    for received in await open_of(ctx, Received, ids):
        await end_received(ctx, received, "revoke", "erasure", tell=Kind.REVOKE)
    exchanges = await _exchanges(ctx, ids)
    for exchange_id in exchanges:
        await empty(ctx, exchange_id)
    return (PROOF,) if exchanges else ()


async def _nothing(_ctx: Context, _ids: Sequence[UUID]) -> Sequence[Kept]:
    return ()


def _record(name: str, zh: str, en: str, table: type[TenantTable], *without: str) -> SubjectData:
    async def export(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
        return await rows_about(ctx, table, ids, without=without)

    return SubjectData(name, zh, en, frozenset({table_name(table)}), export, _nothing)


PERSONAL_DATA: Final = (
    _record("handover.offered", "移出的个人信息", "Hand-overs to other places", Offered, "offered_by"),
    _record("handover.received", "移入的个人信息", "Hand-overs from other places", Received, "decided_by"),
    SubjectData(
        "handover.message",
        "移交的内容",
        "What was handed over",
        frozenset({table_name(Message)}),
        _messages,
        _erase,
    ),
)
