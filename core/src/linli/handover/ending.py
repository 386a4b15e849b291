"""Ends of hand-overs, on either side: no update follows, and nothing else changes. What was handed over is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, TypeVar
from uuid import UUID

from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.errors import NotFound
from linli.events import StoredEvent, publish
from linli.handover.envelope import Kind
from linli.handover.errors import NotAccepted
from linli.handover.events import Ended
from linli.handover.outbox import send, unsend
from linli.handover.states import OFFERED_STATES, RECEIVED_STATES, EndedBy
from linli.handover.tables import Message, Offered, Received
from linli.identity import checks
from linli.identity.places import is_self
from linli.privacy.consents import has_consent
from linli.privacy.events import ConsentWithdrawn
from linli.privacy.persons import entries_of
from linli.workflow import Facts

R = TypeVar("R", Offered, Received)
ACCEPT: Final = "handover.accept"
OFFER: Final = "handover.offer"
READ: Final = "handover.read"
PURPOSE: Final = "handover.between_places"
BATCH: Final = 500
_SETTLE: Final = """
update handover_message set ended_at = $3 where tenant_id = $1 and exchange_id = $2"""
_CONTENTS: Final = """
select * from handover_message
where tenant_id = $1 and exchange_id = $2 and content is not null
    and (kind in ('offer', 'update') or (kind = 'decline' and direction = 'in'))
order by id limit $3"""
_OPEN_OF: Final = """
select * from {table} where tenant_id = $1 and person_id = any($2) and state in ('offered', 'accepted')
order by id limit $3 for update"""
_DUE: Final = """
select * from {table} where tenant_id = $1 and state = 'offered' and expires_at <= $2
order by expires_at, id limit $3 for update skip locked"""
_MESSAGES_MAX: Final = 2_100


async def offered_for(ctx: Context, offered_id: UUID) -> Offered:
    """A hand-over to another place, locked, for whoever may end or update it. Raises: NotFound, PermissionDenied."""
    record = await rows.get(ctx, Offered, offered_id, lock=True)
    _require(ctx, record, OFFER)
    return record


async def received_for(ctx: Context, received_id: UUID) -> Received:
    """A hand-over from another place, locked, for whoever may answer or end it. Raises: as `offered_for`."""
    record = await rows.get(ctx, Received, received_id, lock=True)
    _require(ctx, record, ACCEPT)
    return record


async def revoke_offered(ctx: Context, offered_id: UUID, *, reason: str) -> Offered:
    """Take back an offer, or send no more updates of an accepted one; the person may do so for themselves.

    Raises: NotFound, PermissionDenied, UndefinedTransition, Required, TooLong.
    """
    record = await rows.get(ctx, Offered, offered_id, lock=True)
    by = _entitled(ctx, record, OFFER)
    return await end_offered(ctx, record, "revoke", by, reason=_reason(ctx, reason), tell=True)


async def revoke_received(ctx: Context, received_id: UUID, *, reason: str) -> Received:
    """Take no more updates; the person may say so for themselves. What was received is kept.

    Raises: NotFound, PermissionDenied, NotAccepted, Required, TooLong.
    """
    record = await rows.get(ctx, Received, received_id, lock=True)
    by = _entitled(ctx, record, ACCEPT)
    if record.state != "accepted":
        raise NotAccepted(state=record.state)
    return await end_received(ctx, record, "revoke", by, reason=_reason(ctx, reason), tell=Kind.REVOKE)


async def end_offered(
    ctx: Context, record: Offered, action: str, by: EndedBy, *, reason: str = "", tell: bool = False
) -> Offered:
    """End the offering side of a hand-over; with `tell`, the other side is told. Raises: UndefinedTransition."""
    state = OFFERED_STATES.apply(record.state, action, Facts(actor_id=ctx.actor.id))
    await unsend(ctx, record.exchange_id, (Kind.OFFER, Kind.UPDATE))
    now = ctx.now()
    record = await rows.update(
        ctx, record, action=action, state=state, ended_at=now, ended_by=by, reason=reason
    )
    if tell:
        await send(ctx, record, Kind.REVOKE, {})
    await ctx.db.execute(_SETTLE, ctx.tenant_id, record.exchange_id, now)
    await publish(ctx, Ended(offered_id=record.id, received_id=None, state=state, ended_by=by))
    return record


async def end_received(
    ctx: Context,
    record: Received,
    action: str,
    by: EndedBy,
    *,
    reason: str = "",
    tell: Kind | None = None,
    said: Mapping[str, object] | None = None,
) -> Received:
    """End the receiving side; what was never accepted is emptied at once. Raises: UndefinedTransition."""
    state = RECEIVED_STATES.apply(record.state, action, Facts(actor_id=ctx.actor.id))
    accepted = record.state == "accepted"
    now = ctx.now()
    record = await rows.update(
        ctx, record, action=action, state=state, ended_at=now, ended_by=by, reason=reason
    )
    if tell is not None:
        await send(ctx, record, tell, said or {})
    if not accepted:
        await empty(ctx, record.exchange_id)
    await ctx.db.execute(_SETTLE, ctx.tenant_id, record.exchange_id, now)
    await publish(ctx, Ended(offered_id=None, received_id=record.id, state=state, ended_by=by))
    return record


async def reopen_messages(ctx: Context, exchange_id: UUID) -> None:
    """Keep the messages of a hand-over that goes on after all."""
    await ctx.db.execute(_SETTLE, ctx.tenant_id, exchange_id, None)


async def empty(ctx: Context, exchange_id: UUID) -> None:
    """Erase what the messages of a hand-over said of the person; digests, signatures and receipts stay."""
    for row in await ctx.db.fetch(_CONTENTS, ctx.tenant_id, exchange_id, _MESSAGES_MAX):
        await rows.update(ctx, rows.from_record(Message, row), action="empty", content=None)


async def open_of(ctx: Context, table: type[R], ids: Sequence[UUID]) -> list[R]:
    """The open hand-overs of a person with these ids, locked."""
    sql = _OPEN_OF.format(table=table._meta.tablename)
    return [rows.from_record(table, row) for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids), BATCH)]


async def on_consent_withdrawn(ctx: Context, event: StoredEvent) -> None:
    """Send nothing more of a person whose consent ended."""
    withdrawn = event.read(ConsentWithdrawn)
    if withdrawn.purpose != PURPOSE or await has_consent(ctx, withdrawn.person_id, PURPOSE):
        return
    for record in await open_of(ctx, Offered, await entries_of(ctx, withdrawn.person_id)):
        await end_offered(ctx, record, "revoke", "person", tell=True)


async def expire(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """End the offers that nobody answered, on both sides; up to 500 of each at a time."""
    now = ctx.now()
    for row in await ctx.db.fetch(_DUE.format(table="handover_offered"), ctx.tenant_id, now, BATCH):
        await end_offered(ctx, rows.from_record(Offered, row), "expire", "time")
    for row in await ctx.db.fetch(_DUE.format(table="handover_received"), ctx.tenant_id, now, BATCH):
        await end_received(ctx, rows.from_record(Received, row), "expire", "time")


def _require(ctx: Context, record: Offered | Received, permission: str) -> None:
    if not ctx.can(permission, record.area_path):
        if not ctx.can(READ, record.area_path):
            raise NotFound(kind=record._meta.tablename)
        raise PermissionDenied(permission=permission)


def _entitled(ctx: Context, record: Offered | Received, permission: str) -> EndedBy:
    if record.person_id is not None and is_self(ctx, record.person_id):
        return "person"
    _require(ctx, record, permission)
    return "here"


def _reason(ctx: Context, reason: str) -> str:
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    return ctx.reason
