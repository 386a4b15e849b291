"""What plugins declare: kinds of documents, with their templates and the permissions that they take."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from linli.identity.places import Place
from linli.printing import DocumentTemplate


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document that is issued: its template, and the plugin's permissions to issue or revoke, and to read."""

    template: DocumentTemplate
    write: str
    read: str

    @property
    def name(self) -> str:
        """The kind's name, such as `social_workers.card`."""
        return self.template.kind


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is about: a row, where it lies, and the person who holds the document, by name."""

    table: str
    id: UUID
    place: Place
    person_id: UUID | None = None
    holder: str = ""
