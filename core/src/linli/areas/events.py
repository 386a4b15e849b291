"""The events that the areas part publishes."""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import UUID

from linli.events import Event


class ChangeSetApplied(Event, frozen=True, kw_only=True):
    """A set of changes took effect: paths and areas of rows may be others now; successors are on record."""

    name: ClassVar[str] = "areas.change_set_applied"
    version: ClassVar[int] = 1

    change_set_id: UUID
    effective_on: date
