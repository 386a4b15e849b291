"""What a channel is: a way by which messages reach people outside the app."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from linli.settings import Settings

IN_APP: Final = "in_app"
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_NAME_MAX: Final = 40


class AddressKind(StrEnum):
    """Where a channel finds a person."""

    PHONE = "phone"
    """The person's telephone, from the register, or another number that they gave."""
    OWN = "own"
    """An address that the person gave for this channel."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The channel took the message over."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Not now: try again, not before `after`. `code` says why, and never quotes an address or a text."""

    code: str
    after: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Bounced:
    """Nothing can be delivered at this address, until it is changed. `code` as in `Retry`."""

    code: str


Outcome = Delivered | Retry | Bounced


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A message for a channel: whom it reaches, and what it says in the tenant's language.

    `key` is the same each time the message is tried, so that a channel which knows it does not deliver twice.
    `type` and `values` (the placeholders as they are shown) are for channels with templates of their own; a digest
    has neither.
    """

    key: str
    address: str
    title: str
    body: str
    type: str = ""
    values: Mapping[str, str] | None = None
    locale: str = "zh-CN"


@dataclass(frozen=True, slots=True)
class Channel:
    """A way by which messages reach people. `deliver` may raise: that is a failure, and tried again.

    `check` gives the normal form of an address, or None for what is none; `mask` what may be kept of it in the log.
    `ready` says whether this process can use the channel: without, messages are skipped and the log says so.

    Raises:
        ValueError: the name cannot be used.
    """

    name: str
    zh: str
    en: str
    deliver: Callable[[OutgoingMessage, Settings], Awaitable[Outcome]]
    addressed_by: AddressKind
    check: Callable[[str], str | None]
    mask: Callable[[str], str]
    ready: Callable[[Settings], bool] = lambda _settings: True

    def __post_init__(self) -> None:
        if self.name == IN_APP or len(self.name) > _NAME_MAX or not _NAME.fullmatch(self.name):
            raise ValueError(
                f"channel {self.name!r}: the name must be lower-case words joined by underscores"
            )
