"""Reading what was handed over: for the person at any time, for others by permission and for a logged reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.db.tables import table_name
from linli.errors import NotFound
from linli.handover.ending import READ
from linli.handover.envelope import read as read_content
from linli.handover.errors import ContentGone
from linli.handover.fields import FieldValue, titles_of
from linli.handover.tables import Message, Offered, Received
from linli.identity import checks
from linli.identity.places import is_self
from linli.privacy.reveals import reveal

MESSAGES_MAX: Final = 2_100
_WITH_VALUES: Final = """
select * from handover_message
where tenant_id = $1 and exchange_id = $2 and direction = $3 and kind in ('offer', 'update')
    and state in ('pending', 'acknowledged', 'applied') and content is not null
order by sequence limit $4"""
_OFFER: Final = """
select * from handover_message
where tenant_id = $1 and exchange_id = $2 and direction = 'in' and kind = 'offer' and state = 'applied'"""
_PROGRESS: Final = """
select m.id, m.exchange_id, m.direction, m.sequence, m.kind, m.state, m.sent_at, m.receipt_at,
    d.status, d.attempts, d.next_attempt_at, d.error_code
from handover_message m left join handover_delivery d on d.tenant_id = $1 and d.id = m.id
where m.tenant_id = $1 and m.exchange_id = any($2) order by m.id desc limit $3"""


@dataclass(frozen=True, slots=True)
class HandedOver:
    """A field as it was handed over last, and when that was sent; a field not known here is titled by its name."""

    name: str
    zh: str
    en: str
    value: FieldValue
    sent_at: datetime


@dataclass(frozen=True, slots=True)
class MessageState:
    """A message of a hand-over without its content, and how far its delivery is."""

    direction: str
    sequence: int
    kind: str
    state: str
    sent_at: datetime
    receipt_at: datetime | None
    status: str | None
    attempts: int | None
    next_attempt_at: datetime | None
    error_code: str | None


async def handed_over(ctx: Context, row: Offered | Received, *, reason: str = "") -> Sequence[HandedOver]:
    """The fields of a hand-over as they were sent or received last.

    The person needs no reason; anybody else's reading stands in the log of reveals, which the person can read, or
    before an acceptance, when nobody of this register is known, in the audit trail.
    Raises: NotFound, PermissionDenied, Required, TooLong.
    """
    if row.person_id is None or not is_self(ctx, row.person_id):
        await _logged(ctx, row, reason)
    titles = titles_of(ctx)
    latest: dict[str, HandedOver] = {}
    for message in await _with_values(ctx, row.exchange_id, "out" if isinstance(row, Offered) else "in"):
        for name, value in (await message_values(ctx, message)).items():
            title = titles.get(name)
            zh, en = (title.zh, title.en) if title else (name, name)
            latest[name] = HandedOver(name, zh, en, value, message.sent_at)
    return [latest[name] for name in sorted(latest)]


async def progress(ctx: Context, exchange_ids: Sequence[UUID]) -> dict[UUID, list[MessageState]]:
    """The messages of some hand-overs that the caller was shown, newest first, and how far their delivery is."""
    found: dict[UUID, list[MessageState]] = {one: [] for one in exchange_ids}
    for row in await ctx.db.fetch(_PROGRESS, ctx.tenant_id, list(exchange_ids), MESSAGES_MAX):
        facts = {name: row[name] for name in MessageState.__dataclass_fields__}
        found[row["exchange_id"]].append(MessageState(**facts))
    return found


async def values_of(ctx: Context, exchange_id: UUID, direction: str) -> dict[str, FieldValue]:
    """The values that were sent (`out`; those on their way too) or came in (`in`), each as it is by now."""
    values: dict[str, FieldValue] = {}
    for message in await _with_values(ctx, exchange_id, direction):
        values |= await message_values(ctx, message)
    return values


async def offer_received(ctx: Context, exchange_id: UUID) -> Message:
    """The message with which a hand-over was offered to this place. Raises: ContentGone."""
    row = await ctx.db.fetchrow(_OFFER, ctx.tenant_id, exchange_id)
    if row is None:
        raise ContentGone()
    return rows.from_record(Message, row)


async def message_values(ctx: Context, message: Message) -> dict[str, FieldValue]:
    """The values in a message of kind offer or update. Raises: ContentGone, KeyDestroyed, ValueDamaged."""
    content = await decrypt(ctx, message, "content")
    if content is None:
        raise ContentGone()
    said: dict[str, Any] = read_content(content)
    values: dict[str, FieldValue] = said["values"]
    return values


async def _with_values(ctx: Context, exchange_id: UUID, direction: str) -> list[Message]:
    found = await ctx.db.fetch(_WITH_VALUES, ctx.tenant_id, exchange_id, direction, MESSAGES_MAX)
    return [rows.from_record(Message, row) for row in found]


async def _logged(ctx: Context, row: Offered | Received, reason: str) -> None:
    if not ctx.can(READ, row.area_path):
        raise NotFound(kind=table_name(type(row)))
    if row.person_id:
        await reveal(ctx, row, "values", person_id=row.person_id, permission=READ, reason=reason)
        return
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    await record(ctx, Change("read", table_name(type(row)), row.id))
