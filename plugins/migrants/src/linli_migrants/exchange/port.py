"""What an adapter to an issuing authority does. Every call may be repeated: ids make it happen once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class AnswerKind(StrEnum):
    """What the authority says of an application."""

    APPROVED = "approved"
    REFUSED = "refused"
    ISSUED = "issued"
    ERROR = "error"


class Standing(StrEnum):
    """Where an application stands in the authority's list."""

    UNKNOWN = "unknown"
    RECEIVED = "received"
    APPROVED = "approved"
    REFUSED = "refused"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Envelope:
    """A message to the authority: its id, the application's number, and all that it says."""

    message_id: str
    number: str
    body: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class AnswerGiven:
    """An answer: its key at the authority, the application's number, and what it says.

    `details` has `reference` and, for a refusal, `reason`; for an issue `permit_number` and `issued_on` (ISO date).
    """

    key: str
    number: str
    kind: AnswerKind
    details: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AnswerBatch:
    """Answers that came together; `name` is what `done_with` takes once all of them are kept."""

    name: str
    answers: Sequence[AnswerGiven]


class Exchange(Protocol):
    """An adapter, for one tenant. What it cannot reach raises `ExchangeUnavailable`."""

    async def send(self, envelopes: Sequence[Envelope]) -> None:
        """Hand messages over; one that is there already changes nothing."""

    async def receive(self, limit: int) -> Sequence[AnswerBatch]:
        """Up to so many batches that are not done with, the oldest first. Damaged ones are put aside there."""

    async def done_with(self, name: str) -> None:
        """A batch need not be given any more."""

    async def standings(self) -> Mapping[str, Standing] | None:
        """The authority's newest list, by the numbers of applications; None when there is none."""

    async def ask_again(self, numbers: Sequence[str]) -> None:
        """Ask for all answers to these applications once more."""
