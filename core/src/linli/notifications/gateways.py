"""Channels that need a service of somebody else: a plugin brings the gateway, and the channel is made here.

No vendor is known here. A gateway that takes the message's `key` along as its own idempotency key delivers once.
"""

from __future__ import annotations

import re
from typing import Final, Protocol

from linli.errors import LinliError
from linli.identity.numbers import check_mobile
from linli.masks import mask_phone
from linli.notifications.channel import AddressKind, Channel, Outcome, OutgoingMessage
from linli.settings import Settings

_OPEN_ID: Final = re.compile(r"[A-Za-z0-9_-]{10,64}")


class Gateway(Protocol):
    """A service that takes messages over: of an SMS provider, or of a WeChat public account."""

    async def send(self, message: OutgoingMessage) -> Outcome:
        """Hand one message over. It is cancelled when it takes too long, and called again with the same key."""
        ...


def sms_channel(gateway: Gateway) -> Channel:
    """The channel `sms`: to the telephone of the register, or another that the person gave."""
    return Channel(
        name="sms",
        zh="短信",
        en="Text message",
        deliver=_through(gateway),
        addressed_by=AddressKind.PHONE,
        check=_mobile,
        mask=mask_phone,
    )


def wechat_channel(gateway: Gateway) -> Channel:
    """The channel `wechat`: template messages of a public account, to the person's OpenID there.

    The gateway picks the account's own template by the message's `type`, and fills it with its `values`.
    """
    return Channel(
        name="wechat",
        zh="微信",
        en="WeChat",
        deliver=_through(gateway),
        addressed_by=AddressKind.OWN,
        check=lambda text: text if _OPEN_ID.fullmatch(text) else None,
        mask=lambda text: f"{text[:3]}***",
    )


class _through:  # noqa: N801 - a function with a memory
    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, message: OutgoingMessage, _settings: Settings) -> Outcome:
        return await self._gateway.send(message)


def _mobile(text: str) -> str | None:
    try:
        return check_mobile(text)
    except LinliError:
        return None
