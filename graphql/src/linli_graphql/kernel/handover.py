"""Hand-overs of people between places, in the API: each place sees its own side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from linli.context import Context
from linli.db import rows
from linli.handover import accepting, ending, offering, outbox, reading, tables
from linli.handover.fields import sets_of
from linli.handover.reading import MessageState
from linli_graphql.contribution import query
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, input_type
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, node, one
from linli_graphql.request import GraphQLRequest


@strawberry.type(description="A message of a hand-over, without its content, and how far its delivery is.")
class HandoverMessage:
    """A message of a hand-over, without its content, and how far its delivery is."""

    direction: str = strawberry.field(description="Whether it was sent (out) or came in (in).")
    sequence: int = strawberry.field(description="Its number among the messages of its sender.")
    kind: str = strawberry.field(description="Offer, update, accept, decline or revoke.")
    state: str = strawberry.field(
        description="A sent one is pending, acknowledged or void; one that came in is pending, applied or ignored."
    )
    sent_at: datetime = strawberry.field(description="When it was signed.")
    receipt_at: datetime | None = strawberry.field(description="When the recipient acknowledged it.")
    status: str | None = strawberry.field(
        description="Of a sent one: pending, done, or dead, which is tried again only when somebody asks for it."
    )
    attempts: int | None = strawberry.field(description="How often its delivery was tried.")
    next_attempt_at: datetime | None = strawberry.field(
        description="When it is tried next, if it is pending."
    )
    error_code: str | None = strawberry.field(description="The code of the last failure.")


@node(
    tables.Offered,
    plural="offered_handovers",
    permission="handover.read",
    own_column="person_id",
    filters=("state", "offered_at", "person"),
    order_by=("offered_at",),
)
class OfferedHandover(Node):
    """A hand-over to another place: what was agreed, and what became of it."""

    state: str = column("Offered, accepted, declined, expired or revoked.")
    counterpart_slug: str = column("The other place's short name.")
    counterpart_name: str = column("The other place's name.")
    fields: list[str] = column("The fields that the person agreed to.")
    purpose: str = column("What it is for.")
    offered_at: datetime = column("When it was offered.")
    expires_at: datetime = column("By when it is answered.")
    decided_at: datetime | None = column("When the other place accepted or declined.")
    ended_at: datetime | None = column("Since when no updates are sent.")
    ended_by: str | None = column("Who ended it: here, there, person, time or erasure.")
    reason: str = column("The reason for the end, where one was given.")
    person: Person | None = one("person_id", "Whom it is about.")
    area: Area | None = one("area_id", "Where the person lived then.")

    @computed
    async def messages(self, request: GraphQLRequest) -> list[HandoverMessage]:
        """The messages of both places, newest first."""
        return await _messages(request, tables.Offered, self.id)  # type: ignore[arg-type]


@node(
    tables.Received,
    plural="received_handovers",
    permission="handover.read",
    own_column="person_id",
    filters=("state", "received_at", "person"),
    order_by=("received_at",),
)
class ReceivedHandover(Node):
    """A hand-over from another place: what it offers, and what became of it."""

    state: str = column("Offered, accepted, declined, expired or revoked.")
    counterpart_slug: str = column("The other place's short name.")
    counterpart_name: str = column("The other place's name.")
    fields: list[str] = column("The fields that the person agreed to.")
    purpose: str = column("What it is for.")
    received_at: datetime = column("When it came in.")
    expires_at: datetime = column("By when it is answered.")
    decided_at: datetime | None = column("When it was accepted.")
    ended_at: datetime | None = column("Since when no updates come in.")
    ended_by: str | None = column("Who ended it: here, there, person, time or erasure.")
    reason: str = column("The reason for the end, where one was given.")
    person: Person | None = one("person_id", "Whom it is about; null until it is accepted.")
    area: Area | None = one("area_id", "Where the person lived when it was accepted.")

    @computed
    async def messages(self, request: GraphQLRequest) -> list[HandoverMessage]:
        """The messages of both places, newest first."""
        return await _messages(request, tables.Received, self.id)  # type: ignore[arg-type]


_EXCHANGES = "select id, exchange_id from {table} where tenant_id = $1 and id = any($2)"


async def _messages(
    request: GraphQLRequest, table: type[tables.Offered | tables.Received], row_id: UUID
) -> list[HandoverMessage]:
    key = ("messages", table._meta.tablename)
    if key not in request._loaders:

        async def read(ids: Sequence[UUID]) -> Sequence[list[HandoverMessage]]:
            ctx = await request.reading()
            sql = _EXCHANGES.format(table=table._meta.tablename)
            known = {
                row["id"]: row["exchange_id"] for row in await ctx.db.fetch(sql, ctx.tenant_id, list(ids))
            }
            found = await reading.progress(ctx, list(known.values()))
            return [[_shown(message) for message in found[known[one]]] for one in ids]

        request._loaders[key] = DataLoader(load_fn=read)
    messages: list[HandoverMessage] = await request._loaders[key].load(row_id)
    return messages


def _shown(message: MessageState) -> HandoverMessage:
    return HandoverMessage(**{name: getattr(message, name) for name in MessageState.__dataclass_fields__})


@strawberry.type(description="A place that accepts hand-overs.")
class HandoverCounterpart:
    """A place that accepts hand-overs."""

    slug: str = strawberry.field(description="Its short name, by which it is offered a person.")
    name: str = strawberry.field(description="Its name.")


@strawberry.type(description="A field that can be handed over.")
class HandoverFieldChoice:
    """A field that can be handed over."""

    name: str = strawberry.field(description="Names the field.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    group: str = strawberry.field(description="What it belongs to, in the caller's language.")


@strawberry.type(description="A field as it was handed over last.")
class HandedOverValue:
    """A field as it was handed over last."""

    name: str = strawberry.field(description="Names the field.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    value: strawberry.scalars.JSON | None = strawberry.field(
        description="Its value: a text, number or boolean; null when there is none."
    )
    sent_at: datetime = strawberry.field(description="When it was signed.")


@query
async def handover_counterparts(
    request: GraphQLRequest,
    part: Annotated[str, strawberry.argument(description="A part of the name or short name.")] = "",
) -> list[HandoverCounterpart]:
    """The places that accept hand-overs, for those who may offer one; at most 100."""
    found = await offering.counterparts(await request.reading(), part)
    return [HandoverCounterpart(slug=place.slug, name=place.name) for place in found]


@query
async def handover_fields(request: GraphQLRequest) -> list[HandoverFieldChoice]:
    """What can be handed over of a person here, by the plugins that the tenant has on."""
    ctx = await request.reading()
    english = request.locale == "en"
    return [
        HandoverFieldChoice(
            name=group.full_name(field.key),
            title=field.en if english else field.zh,
            group=group.en if english else group.zh,
        )
        for group in sets_of(ctx)
        for field in group.fields
    ]


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


HANDOVER_NODES = (OfferedHandover, ReceivedHandover)
HANDOVER_QUERIES = (handover_counterparts, handover_fields)
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
