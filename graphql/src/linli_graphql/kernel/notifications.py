"""Notifications in the API: one's own messages and how they come, and for administrators the log of deliveries."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import strawberry

from linli.context import Context
from linli.notifications import inbox, log, tables
from linli.notifications.rendering import Renderer, Said
from linli_graphql.contribution import query
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, expose, input_type
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, node, one
from linli_graphql.request import GraphQLRequest


class MessageClass(Enum):
    """Of which class a message is."""

    SERVICE = "service"
    REMINDER = "reminder"
    REQUIRED = "required"


class DeliveryStatus(Enum):
    """Where the delivery of a message stands."""

    PENDING = "pending"
    DONE = "done"
    BOUNCED = "bounced"
    SKIPPED = "skipped"
    DEAD = "dead"


expose(
    MessageClass,
    "Of which class a message is.",
    {
        "SERVICE": "It tells of something that happened.",
        "REMINDER": "It tells of what is to be done.",
        "REQUIRED": "It is sent whatever somebody prefers.",
    },
    name="NotificationClass",
)
expose(
    DeliveryStatus,
    "Where the delivery of a message stands.",
    {
        "PENDING": "Waits for its time or its next attempt.",
        "DONE": "The channel took it over.",
        "BOUNCED": "The address does not work.",
        "SKIPPED": "There was no way to deliver it.",
        "DEAD": "All attempts failed; it is tried again only when somebody asks for it.",
    },
    name="NotificationDeliveryStatus",
)


@node(
    tables.Message,
    plural="notifications",
    permission="notifications.message.read",
    own_column="person_id",
    filters=("person", "sent_at"),
    order_by=("sent_at",),
    whole_tenant=True,
)
class Notification(Node):
    """A message to a person: it says the same however often it was delivered."""

    type: str = column("Names the type of message.")
    message_class: MessageClass = column("Of which class it is.")
    sent_at: datetime = column("When it was sent.")
    read_at: datetime | None = column("When it was read; null before that.")
    person: Person | None = one("person_id", "Whom it reached.")
    if TYPE_CHECKING:
        content: str

    @computed(needs=("type", "content"))
    def title(self, request: GraphQLRequest) -> str:
        """What it is about, in the caller's language."""
        return _said(self, request).title

    @computed(needs=("type", "content"))
    def body(self, request: GraphQLRequest) -> str:
        """What it says, in the caller's language."""
        return _said(self, request).body


@node(
    tables.Delivery,
    plural="notification_deliveries",
    permission="notifications.delivery.read",
    filters=("status", "type", "channel", "finished_at"),
    order_by=("due_at",),
    whole_tenant=True,
)
class NotificationDelivery(Node):
    """A message on its way by one channel; the address is masked."""

    type: str = column("The type of message.")
    channel: str = column("By which channel.")
    status: DeliveryStatus = column("Where it stands.")
    digest: bool = column("Whether it is bundled with the person's others of the day.")
    attempts: int = column("How often it was tried.")
    due_at: datetime = column("When it is tried next, if it is pending.")
    finished_at: datetime | None = column("When it was delivered or given up.")
    error_code: str = column("The code of the last failure.")
    address_masked: str = column("Where it went, masked.")
    person: Person | None = one("person_id", "Whom it is for.")


def _said(row: Notification, request: GraphQLRequest) -> Said:
    made = Renderer(request.plugins, ZoneInfo(request.tenant.time_zone), request.locale)
    return made.render(row.type, json.loads(row.content))


@strawberry.type(description="Whether the caller's messages of a class come by a channel.")
class NotificationPreference:
    """Whether the caller's messages of a class come by a channel."""

    message_class: MessageClass = strawberry.field(description="The class of messages.")
    channel: str = strawberry.field(description="The channel; in_app is the app itself.")
    wanted: bool = strawberry.field(description="Whether they come that way; in the app: whether unread.")
    fixed: bool = strawberry.field(description="Whether this cannot be chosen.")


@strawberry.type(description="Where the caller is reached by a channel.")
class NotificationAddress:
    """Where the caller is reached by a channel."""

    channel: str = strawberry.field(description="The channel.")
    title: str = strawberry.field(description="What it is called, in the caller's language.")
    address_masked: str = strawberry.field(description="The address, masked; empty when there is none.")
    usable: bool = strawberry.field(description="Whether it works, as far as is known.")


@strawberry.type(description="How many deliveries of a type by a channel stand where.")
class NotificationFigure:
    """How many deliveries of a type by a channel stand where."""

    type: str = strawberry.field(description="The type of message.")
    channel: str = strawberry.field(description="The channel.")
    status: DeliveryStatus = strawberry.field(description="Where they stand.")
    deliveries: int = strawberry.field(description="How many there are.")
    attempts: int = strawberry.field(description="How many attempts they took together.")


@query
async def notification_figures(
    request: GraphQLRequest,
    days: Annotated[int, strawberry.argument(description="Of the last days: 1 to 366.")] = 30,
) -> list[NotificationFigure]:
    """The deliveries of the last days by type, channel and state; at most 1,000 lines."""
    return [
        NotificationFigure(
            type=one.type,
            channel=one.channel,
            status=DeliveryStatus(one.status),
            deliveries=one.deliveries,
            attempts=one.attempts,
        )
        for one in await log.figures(await request.reading(), days=days)
    ]


@query
async def unread_notifications(request: GraphQLRequest) -> int:
    """How many of the caller's own messages are unread; at most 1,000 are counted."""
    return await inbox.unread_count(await request.reading())


@query
async def notification_preferences(request: GraphQLRequest) -> list[NotificationPreference]:
    """By which channels the caller's own messages come, for each class."""
    return [
        NotificationPreference(
            message_class=MessageClass(one.message_class),
            channel=one.channel,
            wanted=one.wanted,
            fixed=one.fixed,
        )
        for one in await inbox.choices(await request.reading())
    ]


@query
async def notification_addresses(request: GraphQLRequest) -> list[NotificationAddress]:
    """Where the caller is reached by each channel."""
    return [
        NotificationAddress(
            channel=one.channel,
            title=one.en if request.locale == "en" else one.zh,
            address_masked=one.address_masked,
            usable=one.usable,
        )
        for one in await inbox.reaches(await request.reading())
    ]


@input_type
class MarkNotificationsReadInput:
    """Messages that were read."""

    ids: list[strawberry.ID] = described("The messages; at most 200.")


@input_type
class SetNotificationPreferenceInput:
    """A choice of the caller's own."""

    message_class: MessageClass = described("The class of messages.")
    channel: str = described("The channel; in_app is the app itself.")
    wanted: bool = described("Whether they are to come that way.")


@input_type
class SetNotificationAddressInput:
    """Where the caller is reached."""

    channel: str = described("The channel.")
    address: str | None = described("The address; left out or null takes it back.", optional=True)


@input_type
class NotificationDeliveryInput:
    """A delivery."""

    id: strawberry.ID = described("The delivery.")


@mutation(extra={"count": (int, "How many of them were unread.")})
async def mark_notifications_read(ctx: Context, input: MarkNotificationsReadInput) -> Outcome:
    """Mark some of one's own messages as read."""
    ids = [local_id("Notification", str(one), path=("ids",)) for one in input.ids[: inbox.MARKED_MAX + 1]]
    return Outcome(row=None, extra={"count": await inbox.mark_read(ctx, ids)})


@mutation(extra={"count": (int, "How many were unread.")})
async def mark_all_notifications_read(ctx: Context) -> Outcome:
    """Mark all of one's own messages as read."""
    return Outcome(row=None, extra={"count": await inbox.mark_all_read(ctx)})


@mutation(extra={"wanted": (bool, "What was chosen.")})
async def set_notification_preference(ctx: Context, input: SetNotificationPreferenceInput) -> Outcome:
    """Choose whether one's own messages of a class come by a channel."""
    await inbox.prefer(ctx, input.message_class.value, input.channel, wanted=input.wanted)
    return Outcome(row=None, extra={"wanted": input.wanted})


@mutation(extra={"channel": (str, "The channel.")})
async def set_notification_address(ctx: Context, input: SetNotificationAddressInput) -> Outcome:
    """Say where one is reached by a channel, or take it back."""
    await inbox.set_address(ctx, input.channel, input.address or None)
    return Outcome(row=None, extra={"channel": input.channel})


@mutation(gives=NotificationDelivery)
async def retry_notification_delivery(ctx: Context, input: NotificationDeliveryInput) -> tables.Delivery:
    """Try a delivery again that was given up."""
    return await log.retry(ctx, local_id("NotificationDelivery", str(input.id), path=("id",)))


NOTIFICATION_NODES = (Notification, NotificationDelivery)
NOTIFICATION_QUERIES = (
    unread_notifications,
    notification_preferences,
    notification_addresses,
    notification_figures,
)
NOTIFICATION_MUTATIONS = (
    mark_notifications_read,
    mark_all_notifications_read,
    set_notification_preference,
    set_notification_address,
    retry_notification_delivery,
)
