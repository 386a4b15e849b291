"""Hand-overs of people between places, in the API: what is read. Each place sees its own side."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from linli.handover import offering, reading, tables
from linli.handover.fields import sets_of
from linli.handover.reading import MessageState
from linli_graphql.contribution import query
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Person
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


HANDOVER_NODES = (OfferedHandover, ReceivedHandover)
HANDOVER_QUERIES = (handover_counterparts, handover_fields)
