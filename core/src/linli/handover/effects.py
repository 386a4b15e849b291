"""What a message does on the side that it came to. Each is done once, in the order of the sender's numbers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, TypeVar

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.db.tables import table_name
from linli.events import publish
from linli.handover import events
from linli.handover.ending import end_offered, end_received, reopen_messages
from linli.handover.envelope import Kind, read
from linli.handover.errors import BadMessage, NotAccepting
from linli.handover.fields import FIELDS_MAX, is_plain
from linli.handover.states import OFFERED_STATES, RECEIVED_STATES
from linli.handover.tables import Message, Offered, Received
from linli.workflow import Facts, StateMachine

R = TypeVar("R", Offered, Received)
NAME_CHARACTERS_MAX: Final = 120
_OPEN: Final = "select * from {table} where tenant_id = $1 and exchange_id = $2 for update"


async def apply(ctx: Context, message: Message) -> None:
    """Do what a message says, or nothing where it comes too late, and mark it. Raises: BadMessage, NotAccepting."""
    said = read(await decrypt(ctx, message, "content") or "")
    done = await _EFFECTS[Kind(message.kind)](ctx, message, said)
    if done:
        await rows.update(ctx, message, action="apply", state="applied")
    else:
        await ignore(ctx, message)


async def ignore(ctx: Context, message: Message) -> None:
    """Mark a message as one that came too late; what it said is emptied."""
    await rows.update(ctx, message, action="ignore", state="ignored", content=None, ended_at=ctx.now())


async def _offer(ctx: Context, message: Message, said: Mapping[str, Any]) -> bool:
    if not ctx.setting("handover.accepts"):
        raise NotAccepting()
    fields, values = said.get("fields"), said.get("values")
    if not _are_names(fields) or not _are_values(values, fields):
        raise BadMessage(reason="fields")
    expires_at = _moment(said, "expires_at")
    if expires_at <= ctx.now():
        return False
    record = await rows.insert(
        ctx,
        Received,
        action="receive",
        exchange_id=message.exchange_id,
        counterpart_slug=message.counterpart_slug,
        counterpart_name=_text(said, "name", 200),
        fields=fields,
        purpose=_text(said, "purpose", 200),
        received_at=ctx.now(),
        expires_at=expires_at,
    )
    await publish(ctx, events.OfferReceived(received_id=record.id))
    return True


async def _update(ctx: Context, message: Message, said: Mapping[str, Any]) -> bool:
    record = await _record(ctx, Received, message)
    if record is None or record.state != "accepted" or record.person_id is None:
        return False
    if not _are_values(said.get("values"), record.fields):
        raise BadMessage(reason="values")
    told = events.ValuesReceived(received_id=record.id, person_id=record.person_id, message_row_id=message.id)
    await publish(ctx, told)
    return True


async def _accept(ctx: Context, message: Message, said: Mapping[str, Any]) -> bool:
    record = await _record(ctx, Offered, message)
    if record is None or not _may(OFFERED_STATES, record.state, "accept"):
        return False
    state = OFFERED_STATES.apply(record.state, "accept", Facts(actor_id=None))
    record = await rows.update(
        ctx,
        record,
        action="accept",
        state=state,
        decided_at=_moment(said, "decided_at"),
        ended_at=None,
        ended_by=None,
    )
    await reopen_messages(ctx, record.exchange_id)
    await publish(ctx, events.Accepted(offered_id=record.id, person_id=record.person_id))
    return True


async def _decline(ctx: Context, message: Message, said: Mapping[str, Any]) -> bool:
    record = await _record(ctx, Offered, message)
    if record is None or not _may(OFFERED_STATES, record.state, "decline"):
        return False
    record = await rows.update(ctx, record, action="decide", decided_at=_moment(said, "decided_at"))
    record = await end_offered(ctx, record, "decline", "there", reason=_text(said, "reason", 500))
    await publish(ctx, events.Declined(offered_id=record.id, person_id=record.person_id))
    return True


async def _revoke(ctx: Context, message: Message, _said: Mapping[str, Any]) -> bool:
    offered = await _record(ctx, Offered, message)
    if offered is not None and _may(OFFERED_STATES, offered.state, "revoke"):
        await end_offered(ctx, offered, "revoke", "there")
        return True
    received = await _record(ctx, Received, message)
    if received is not None and _may(RECEIVED_STATES, received.state, "revoke"):
        await end_received(ctx, received, "revoke", "there")
        return True
    return False


_EFFECTS: Final[Mapping[Kind, Callable[[Context, Message, Mapping[str, Any]], Awaitable[bool]]]] = {
    Kind.OFFER: _offer,
    Kind.UPDATE: _update,
    Kind.ACCEPT: _accept,
    Kind.DECLINE: _decline,
    Kind.REVOKE: _revoke,
}


async def _record(ctx: Context, table: type[R], message: Message) -> R | None:
    """This side's record of the message's hand-over; none where it is with another place than the sender."""
    row = await ctx.db.fetchrow(_OPEN.format(table=table_name(table)), ctx.tenant_id, message.exchange_id)
    if row is None or row["counterpart_slug"] != message.counterpart_slug:
        return None
    return rows.from_record(table, row)


def _may(machine: StateMachine, state: str, action: str) -> bool:
    return action in machine.actions_in(state)


def _are_names(fields: object) -> bool:
    return (
        isinstance(fields, list)
        and 1 <= len(fields) <= FIELDS_MAX
        and all(isinstance(name, str) and 0 < len(name) <= NAME_CHARACTERS_MAX for name in fields)
    )


def _are_values(values: object, agreed: Sequence[str] | None) -> bool:
    return (
        isinstance(values, dict)
        and values.keys() <= set(agreed or ())
        and all(is_plain(value) for value in values.values())
    )


def _moment(said: Mapping[str, Any], key: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said[key])
    except (KeyError, TypeError, ValueError) as error:
        raise BadMessage(reason=key) from error
    if moment.utcoffset() is None:
        raise BadMessage(reason=key)
    return moment


def _text(said: Mapping[str, Any], key: str, limit: int) -> str:
    text = said.get(key)
    if not isinstance(text, str) or not 0 < len(text) <= limit:
        raise BadMessage(reason=key)
    return text
