"""What the notifications refuse."""

from __future__ import annotations

from linli.errors import Conflict, Invalid, UnknownValue


class UnknownMessageType(UnknownValue):
    """No plugin that the tenant has on declares this type of messages (`type`)."""

    code = "notifications.unknown_type"


class BadValue(Invalid):
    """A message is given other values than its type declares (`type`, `placeholder`, `reason`)."""

    code = "notifications.bad_value"


class NoRecipient(Invalid):
    """The account is nobody's, so there is nobody to tell."""

    code = "notifications.no_recipient"


class UnknownChannel(UnknownValue):
    """The tenant has no such channel, or nothing can be set for it (`channel`)."""

    code = "notifications.unknown_channel"


class AlwaysSent(Invalid):
    """Required messages are sent whatever somebody prefers."""

    code = "notifications.always_sent"


class BadAddress(Invalid):
    """The text is not an address of this channel (`channel`)."""

    code = "notifications.bad_address"


class DeliveryNotDead(Conflict):
    """Only a dead delivery can be tried again (`status`)."""

    code = "notifications.delivery_not_dead"
