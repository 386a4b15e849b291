"""What calls tell others. Ids only."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class CallPublished(Event, frozen=True):
    """A call was published: its rules are frozen."""

    name: ClassVar[str] = "venture.call_published"
    version: ClassVar[int] = 1

    call_id: UUID
    area_id: UUID | None
