"""The place of destination: accepting a hand-over, which ties it to a person of the own register, or declining it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.events import StoredEvent, publish
from linli.handover.ending import ACCEPT, end_received, received_for
from linli.handover.envelope import Kind
from linli.handover.errors import NameNotHandedOver, OfferExpired, PersonGone
from linli.handover.events import ValuesReceived
from linli.handover.fields import FieldValue, give_to_providers
from linli.handover.outbox import send
from linli.handover.reading import message_values, offer_received, values_of
from linli.handover.register import NAME
from linli.handover.states import RECEIVED_STATES
from linli.handover.tables import Message, Received
from linli.identity import checks, people
from linli.identity.places import place_for
from linli.identity.tables import Person
from linli.privacy.persons import person_for
from linli.workflow import Facts

_PREFIX: Final = f"{NAME}."


async def accept(ctx: Context, received_id: UUID, person_id: UUID) -> Received:
    """Accept a hand-over for a person of the register.

    Raises: NotFound, PermissionDenied, OfferExpired, UndefinedTransition, PersonGone.
    """
    record = await _answerable(ctx, received_id)
    person = await person_for(ctx, person_id, ACCEPT, lock=True)
    if person.state == "merged":
        raise PersonGone(path=("person_id",))
    return await _tied(ctx, record, person, await offer_received(ctx, record.exchange_id))


async def accept_as_new(ctx: Context, received_id: UUID, area_id: UUID) -> Received:
    """Accept a hand-over for somebody who is entered into the register in an area, from what came in.

    Raises: NotFound, PermissionDenied, OfferExpired, UndefinedTransition, NameNotHandedOver, and what
    `people.register` does.
    """
    record = await _answerable(ctx, received_id)
    await place_for(ctx, area_id, f"{people.PERMISSION}.write")
    offer = await offer_received(ctx, record.exchange_id)
    person = await _entered(ctx, area_id, await message_values(ctx, offer))
    return await _tied(ctx, record, person, offer)


async def decline(ctx: Context, received_id: UUID, *, reason: str) -> Received:
    """Decline a hand-over for a reason, which the other place is told; what came in is emptied.

    Raises: NotFound, PermissionDenied, UndefinedTransition, Required, TooLong.
    """
    record = await received_for(ctx, received_id)
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    said = {"decided_at": ctx.now().isoformat(), "reason": ctx.reason}
    return await end_received(ctx, record, "decline", "here", reason=ctx.reason, tell=Kind.DECLINE, said=said)


async def on_values_received(ctx: Context, event: StoredEvent) -> None:
    """Tell the parts that take values in of those that came, as they are by now; what was erased is passed over.

    So it does not matter in which order a failed delivery and its successors succeed.
    """
    told = event.read(ValuesReceived)
    message = await rows.find(ctx, Message, told.message_row_id)
    if message is None or message.content is None:
        return
    person = await people.present_entry(ctx, told.person_id)
    present = await values_of(ctx, message.exchange_id, "in")
    came = await message_values(ctx, message)
    await give_to_providers(ctx, person.id, {name: present[name] for name in came})


async def _answerable(ctx: Context, received_id: UUID) -> Received:
    record = await received_for(ctx, received_id)
    RECEIVED_STATES.transition(record.state, "accept")
    if record.expires_at <= ctx.now():
        raise OfferExpired()
    return record


async def _tied(ctx: Context, record: Received, person: Person, offer: Message) -> Received:
    now = ctx.now()
    record = await rows.update(
        ctx,
        record,
        action="accept",
        state=RECEIVED_STATES.apply(record.state, "accept", Facts(actor_id=ctx.actor.id)),
        person_id=person.id,
        area_id=person.area_id,
        area_path=person.area_path,
        decided_at=now,
        decided_by=ctx.actor.id,
    )
    await send(ctx, record, Kind.ACCEPT, {"decided_at": now.isoformat()})
    told = ValuesReceived(received_id=record.id, person_id=person.id, message_row_id=offer.id)
    await publish(ctx, told)
    return record


async def _entered(ctx: Context, area_id: UUID, values: Mapping[str, FieldValue]) -> Person:
    given = {
        name.removeprefix(_PREFIX): str(value)
        for name, value in values.items()
        if name.startswith(_PREFIX) and value is not None
    }
    if "full_name" not in given:
        raise NameNotHandedOver()
    born = given.get("birth_date")
    return await people.register(
        ctx,
        area_id=area_id,
        full_name=given["full_name"],
        gender=given.get("gender", "unknown"),
        birth_date=date.fromisoformat(born) if born else None,
        phone=given.get("phone"),
        id_number=given.get("id_number"),
    )
