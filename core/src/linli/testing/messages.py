"""A gateway that records what it is handed and behaves as badly as a test wants."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from enum import StrEnum

from linli.notifications import Bounced, Delivered, Outcome, OutgoingMessage, Retry


class Mood(StrEnum):
    """How the gateway behaves."""

    DELIVERS = "delivers"
    FAILS = "fails"
    REFUSES = "refuses"
    HANGS = "hangs"
    DUPLICATES = "duplicates"
    ANSWERS_LATE = "answers_late"
    BOUNCES = "bounces"


class SimulatedGateway:
    """In place of an SMS provider or a WeChat account.

    `mood` says how it behaves at a call, of which it is told the message and how often its key came before.
    `received` are all messages in their order, `shown` how often each key would have been seen by its recipient: a
    provider that knows keys delivers each once, unless it `DUPLICATES`.
    """

    def __init__(
        self, mood: Callable[[OutgoingMessage, int], Mood] = lambda _message, _before: Mood.DELIVERS
    ) -> None:
        self._mood = mood
        self.calls: Counter[str] = Counter()
        self.received: list[OutgoingMessage] = []
        self.shown: Counter[str] = Counter()

    async def send(self, message: OutgoingMessage) -> Outcome:
        """Take a message over, or not."""
        mood = self._mood(message, self.calls[message.key])
        self.calls[message.key] += 1
        match mood:
            case Mood.FAILS:
                raise ConnectionError("simulated")
            case Mood.REFUSES:
                return Retry("busy")
            case Mood.BOUNCES:
                return Bounced("no_such_number")
            case Mood.HANGS:
                await asyncio.Event().wait()
            case Mood.ANSWERS_LATE:
                self._deliver(message)
                await asyncio.Event().wait()
            case Mood.DUPLICATES:
                self._deliver(message)
                self.shown[message.key] += 1
        self._deliver(message)
        return Delivered()

    def _deliver(self, message: OutgoingMessage) -> None:
        self.received.append(message)
        self.shown[message.key] = max(1, self.shown[message.key])
