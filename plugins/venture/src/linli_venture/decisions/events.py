"""What decisions tell others. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class AwardsAnnounced(Event, frozen=True):
    """The awards of a call are under public notice."""

    name: ClassVar[str] = "venture.awards_announced"
    version: ClassVar[int] = 1

    decision_id: UUID
    call_id: UUID


class CallDecided(Event, frozen=True):
    """The awards of a call were concluded; `venture.grant_awarded` tells of each grant."""

    name: ClassVar[str] = "venture.call_decided"
    version: ClassVar[int] = 1

    decision_id: UUID
    call_id: UUID
