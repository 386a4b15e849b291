"""Issued documents and attachments in the API: lists, links to their files, revoking and removing."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import cast
from uuid import UUID

import strawberry

from linli import documents, files
from linli.context import Context
from linli.documents.tables import Document
from linli.files.keeping import names_of
from linli.files.tables import File
from linli_graphql.connections import Connection
from linli_graphql.contribution import extend
from linli_graphql.ids import local_id
from linli_graphql.inputs import EXPECTED_VERSION, described, expose, input_type, values_of
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Person
from linli_graphql.masks import HIDDEN_MASK
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, many, node, one
from linli_graphql.request import GraphQLRequest


class DocumentState(Enum):
    """Whether a document was revoked."""

    VALID = "valid"
    REVOKED = "revoked"


expose(
    DocumentState,
    "Whether a document was revoked.",
    {"VALID": "It was not revoked; it may have expired.", "REVOKED": "It no longer counts."},
    name="IssuedDocumentState",
)


@node(
    Document,
    plural="issued_documents",
    permission="documents.document.read",
    own_column="person_id",
    filters=("number", "kind", "state", "issued_at", "valid_until", "person"),
    order_by=("issued_at",),
    group_by=("kind", "state", "area", "issued_at"),
)
class IssuedDocument(Node):
    """A document that was issued, such as a certificate or card; anybody checks it by its number."""

    number: str = column("Its number, by which anybody checks it.")
    kind: str = column("What kind of document it is, such as social_workers.card.")
    title: str = column("What it is called.")
    state: DocumentState = column("Whether it was revoked.")
    issued_at: datetime = column("When it was issued.")
    valid_until: date | None = column("The last day on which it counts; null when it has none.")
    revoked_at: datetime | None = column("When it was revoked.")
    revoke_reason: str = column(
        "Why it was revoked: shown to the holder and to who may revoke documents of any kind.",
        permission="documents.document.revoke",
        mask=HIDDEN_MASK,
    )
    sha256: str = column("The hash of its file, by which copies are compared.")
    area: Area | None = one("area_id", "Where that lay which it is about.")
    person: Person | None = one("person_id", "Who holds it.")

    @computed(needs=("valid_until",))
    def expired(self, request: GraphQLRequest) -> bool:
        """Whether its last day is over."""
        return documents.is_over(self.valid_until, request.today())


@node(
    File,
    plural="attachments",
    permission="files.file.read",
    own_column="person_id",
    sealed_column="sealed",
    filters=("kind", "created_at", "person"),
    order_by=("created_at",),
    group_by=("kind", "area", "created_at"),
    sums=("size_bytes",),
)
class Attachment(Node):
    """A file that belongs to something; whether its content can be read is up to what it belongs to."""

    kind: str = column("What kind of attachment it is, such as social_workers.evidence.")
    media_type: str = column("Its type, as its content tells.")
    size_bytes: int = column("How many bytes it has.")
    scanned_by: str = column("The scanners that found nothing; empty when there was none.")
    removed_at: datetime | None = column("When it was removed; its content is gone then.")
    area: Area | None = one("area_id", "Where that lay which it belongs to.")
    person: Person | None = one("person_id", "Whom it tells of.")

    @computed
    async def name(self, request: GraphQLRequest) -> str | None:
        """What the file is called; null for a caller who may not read it, and when it was removed."""
        found: str | None = await request.load_value("Attachment.name", names_of, cast("UUID", self.id))
        return found


@input_type
class DocumentInput:
    """A document."""

    id: strawberry.ID = described("The document.")


@input_type
class RevokeDocumentInput:
    """A document that no longer counts."""

    id: strawberry.ID = described("The document.")
    reason: str = described("Why; its holder sees it, the public page does not show it.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AttachmentInput:
    """An attachment."""

    id: strawberry.ID = described("The attachment.")


_LINK = {
    "path": (str, "The link's path below the platform's address; whoever has it may read the file."),
    "expires_at": (datetime, "Until when it is good: ten minutes."),
}


@mutation(extra=_LINK)
async def create_document_link(ctx: Context, input: DocumentInput) -> Outcome:
    """Make a link by which a browser fetches a document's file without a token."""
    made = await documents.link(ctx, local_id("IssuedDocument", str(input.id), path=("id",)))
    return Outcome(row=None, extra={"path": made.path, "expires_at": made.expires_at})


@mutation(gives=IssuedDocument)
async def revoke_document(ctx: Context, input: RevokeDocumentInput) -> Document:
    """Revoke a document, for a reason: whoever checks it is told that it no longer counts."""
    values = values_of(input, ids={"id": "IssuedDocument"})
    return await documents.revoke_any(ctx, values.pop("id"), **values)


@mutation(extra=_LINK)
async def create_file_link(ctx: Context, input: AttachmentInput) -> Outcome:
    """Make a link by which a browser fetches an attachment without a token."""
    made = await files.link(ctx, local_id("Attachment", str(input.id), path=("id",)))
    return Outcome(row=None, extra={"path": made.path, "expires_at": made.expires_at})


@mutation(gives=Attachment)
async def remove_attachment(ctx: Context, input: AttachmentInput) -> File:
    """Remove an attachment: from now on nobody can read it."""
    return await files.remove(ctx, local_id("Attachment", str(input.id), path=("id",)))


class PersonDocuments:
    """What was issued to a person, and what is attached that tells of them."""

    issued_documents: Connection[IssuedDocument] = many("person_id", "The documents that the person holds.")
    attachments: Connection[Attachment] = many("person_id", "The files that tell of the person.")


PERSON_DOCUMENTS = extend(Person)(PersonDocuments)
DOCUMENT_NODES = (IssuedDocument, Attachment)
DOCUMENT_MUTATIONS = (create_document_link, revoke_document, create_file_link, remove_attachment)
