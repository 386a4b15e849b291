"""Hand-overs of people between places, in the API: offering, answering, ending, and showing what was handed over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import strawberry

from linli.context import Context
from linli.db import rows
from linli.handover import accepting, ending, offering, outbox, reading, tables
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, input_type
from linli_graphql.kernel.handover import OfferedHandover, ReceivedHandover
from linli_graphql.mutations import Outcome, mutation


@strawberry.type(description="A field as it was handed over last.")
class HandedOverValue:
    """A field as it was handed over last."""

    name: str = strawberry.field(description="Names the field.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    value: strawberry.scalars.JSON | None = strawberry.field(
        description="Its value: a text, number or boolean; null when there is none."
    )
    sent_at: datetime = strawberry.field(description="When it was signed.")


@input_type
class OfferHandoverInput:
    """A person to be handed over."""

    person_id: strawberry.ID = described("The person, who has consented to handover.between_places.")
    counterpart: str = described("The other place's short name.")
    fields: list[str] = described("The names of the fields that the person agreed to.")
    purpose: str = described("What it is for; at most 200 characters. The other place reads it.")
    days: int | None = described("Within how many days it is answered; 30 by default.", optional=True)


@input_type
class OfferedHandoverInput:
    """A hand-over to another place."""

    id: strawberry.ID = described("The hand-over.")


@input_type
class ReceivedHandoverInput:
    """A hand-over from another place."""

    id: strawberry.ID = described("The hand-over.")


@input_type
class OfferedHandoverReasonInput:
    """A hand-over to another place, and a reason."""

    id: strawberry.ID = described("The hand-over.")
    reason: str = described("Why.")


@input_type
class ReceivedHandoverReasonInput:
    """A hand-over from another place, and a reason."""

    id: strawberry.ID = described("The hand-over.")
    reason: str = described("Why.")


@input_type
class AcceptHandoverInput:
    """A hand-over that is accepted for a person of the register."""

    id: strawberry.ID = described("The hand-over.")
    person_id: strawberry.ID = described("The person in one's own register.")


@input_type
class AcceptHandoverAsNewInput:
    """A hand-over that is accepted for somebody who is entered anew."""

    id: strawberry.ID = described("The hand-over.")
    area_id: strawberry.ID = described("The area in which to enter the person, from what was handed over.")


@mutation(gives=OfferedHandover)
async def offer_handover(ctx: Context, input: OfferHandoverInput) -> tables.Offered:
    """Offer chosen fields of a person, with their consent, to another place."""
    return await offering.offer(
        ctx,
        local_id("Person", str(input.person_id), path=("person_id",)),
        counterpart=input.counterpart,
        fields=input.fields,
        purpose=input.purpose,
        days=offering.DAYS if input.days is None or input.days is strawberry.UNSET else input.days,
    )


@mutation(gives=OfferedHandover)
async def send_handover_update(ctx: Context, input: OfferedHandoverInput) -> tables.Offered:
    """Send what has changed of the agreed fields."""
    return await offering.send_update(ctx, _offered(input))


@mutation(gives=ReceivedHandover)
async def accept_handover(ctx: Context, input: AcceptHandoverInput) -> tables.Received:
    """Accept a hand-over for a person of the register."""
    person_id = local_id("Person", str(input.person_id), path=("person_id",))
    return await accepting.accept(ctx, _received(input), person_id)


@mutation(gives=ReceivedHandover)
async def accept_handover_as_new(ctx: Context, input: AcceptHandoverAsNewInput) -> tables.Received:
    """Accept a hand-over for somebody who is entered into the register with it."""
    area_id = local_id("Area", str(input.area_id), path=("area_id",))
    return await accepting.accept_as_new(ctx, _received(input), area_id)


@mutation(gives=ReceivedHandover)
async def decline_handover(ctx: Context, input: ReceivedHandoverReasonInput) -> tables.Received:
    """Decline a hand-over; what came in is emptied, and the other place reads the reason."""
    return await accepting.decline(ctx, _received(input), reason=input.reason)


@mutation(gives=OfferedHandover)
async def revoke_offered_handover(ctx: Context, input: OfferedHandoverReasonInput) -> tables.Offered:
    """Take back an offer, or send no more updates; what was handed over stays there."""
    return await ending.revoke_offered(ctx, _offered(input), reason=input.reason)


@mutation(gives=ReceivedHandover)
async def revoke_received_handover(ctx: Context, input: ReceivedHandoverReasonInput) -> tables.Received:
    """Take no more updates; what was handed over stays here."""
    return await ending.revoke_received(ctx, _received(input), reason=input.reason)


@mutation(gives=OfferedHandover)
async def retry_offered_handover(ctx: Context, input: OfferedHandoverInput) -> tables.Offered:
    """Try the dead messages of a hand-over to another place again."""
    record = await ending.offered_for(ctx, _offered(input))
    await outbox.retry(ctx, record)
    return record


@mutation(gives=ReceivedHandover)
async def retry_received_handover(ctx: Context, input: ReceivedHandoverInput) -> tables.Received:
    """Try the dead messages of a hand-over from another place again."""
    record = await ending.received_for(ctx, _received(input))
    await outbox.retry(ctx, record)
    return record


_VALUES = {"values": (list[HandedOverValue], "What was handed over, this once; null for a repeated call.")}


@mutation(gives=OfferedHandover, extra=_VALUES)
async def read_offered_handover(ctx: Context, input: OfferedHandoverReasonInput) -> Outcome:
    """Show what another place was sent of a person; the person can read who saw it, and why."""
    record = await rows.get(ctx, tables.Offered, _offered(input))
    return await _read(ctx, record, input.reason)


@mutation(gives=ReceivedHandover, extra=_VALUES)
async def read_received_handover(ctx: Context, input: ReceivedHandoverReasonInput) -> Outcome:
    """Show what another place sent of a person; the person can read who saw it, and why."""
    record = await rows.get(ctx, tables.Received, _received(input))
    return await _read(ctx, record, input.reason)


async def _read(ctx: Context, record: tables.Offered | tables.Received, reason: str) -> Outcome:
    values = [
        HandedOverValue(
            name=one.name,
            title=one.en if ctx.locale == "en" else one.zh,
            value=one.value,  # type: ignore[arg-type]
            sent_at=one.sent_at,
        )
        for one in await reading.handed_over(ctx, record, reason=reason)
    ]
    return Outcome(row=record, extra={"values": values})


def _offered(given: object) -> UUID:
    return local_id("OfferedHandover", str(given.id), path=("id",))  # type: ignore[attr-defined]


def _received(given: object) -> UUID:
    return local_id("ReceivedHandover", str(given.id), path=("id",))  # type: ignore[attr-defined]


HANDOVER_MUTATIONS = (
    offer_handover,
    send_handover_update,
    accept_handover,
    accept_handover_as_new,
    decline_handover,
    revoke_offered_handover,
    revoke_received_handover,
    retry_offered_handover,
    retry_received_handover,
    read_offered_handover,
    read_received_handover,
)
