"""Notifications: messages of declared types to people, in the app and by channels that plugins bring."""

from linli.notifications.channel import (
    AddressKind,
    Bounced,
    Channel,
    Delivered,
    Outcome,
    OutgoingMessage,
    Retry,
)
from linli.notifications.gateways import Gateway, sms_channel, wechat_channel
from linli.notifications.sending import Letter, send, send_many

__all__ = [
    "AddressKind",
    "Bounced",
    "Channel",
    "Delivered",
    "Gateway",
    "Letter",
    "Outcome",
    "OutgoingMessage",
    "Retry",
    "send",
    "send_many",
    "sms_channel",
    "wechat_channel",
]
