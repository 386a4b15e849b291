"""The facts that this plugin publishes."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class ClaimPosted(Event, frozen=True, kw_only=True):
    """A claim was posted: the participant has the points."""

    name: ClassVar[str] = "points.claim_posted"
    version: ClassVar[int] = 1

    claim_id: UUID
    participant_id: UUID
    category: str
    points: int


class ClaimReversed(Event, frozen=True, kw_only=True):
    """A claim that had been posted was reversed: the points are gone again."""

    name: ClassVar[str] = "points.claim_reversed"
    version: ClassVar[int] = 1

    claim_id: UUID
    participant_id: UUID
    points: int


class RedemptionFulfilled(Event, frozen=True, kw_only=True):
    """A reward was handed out; `points` were spent on it."""

    name: ClassVar[str] = "points.redemption_fulfilled"
    version: ClassVar[int] = 1

    redemption_id: UUID
    reward_id: UUID
    points: int


class RuleSetAdopted(Event, frozen=True, kw_only=True):
    """A version of the standard holds from a day on."""

    name: ClassVar[str] = "points.rule_set_adopted"
    version: ClassVar[int] = 1

    rule_set_id: UUID
    number: int
    adopted_on: date
