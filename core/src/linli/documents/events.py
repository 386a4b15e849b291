"""The events that issued documents publish."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.events import Event


class DocumentIssued(Event, frozen=True):
    """A document was issued."""

    name: ClassVar[str] = "documents.issued"
    version: ClassVar[int] = 1

    document_id: UUID
    kind: str
    subject_id: UUID
    person_id: UUID | None


class DocumentRevoked(Event, frozen=True):
    """A document no longer counts."""

    name: ClassVar[str] = "documents.revoked"
    version: ClassVar[int] = 1

    document_id: UUID
    kind: str
    subject_id: UUID
    person_id: UUID | None
