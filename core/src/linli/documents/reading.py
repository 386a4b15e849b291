"""The files of issued documents, for their holders and for those who may read the kind where they lie."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.db.encryption import open_content
from linli.documents.errors import DocumentErased
from linli.documents.kinds import DocumentKind
from linli.documents.tables import Document
from linli.errors import NotFound
from linli.identity.places import is_self
from linli.signed_links import Link, LinkKind, link_is_good, sign_link

LINK: Final = LinkKind("documents.link", b"linli document link 1\0", "/documents/link")
DOCUMENTS_MAX: Final = 100
_OF_SUBJECT: Final = """
select * from documents_document where tenant_id = $1 and subject_id = $2 and kind = $3
order by issued_at desc, id desc limit $4"""


async def content_of(ctx: Context, kind: DocumentKind, document_id: UUID) -> bytes:
    """The file, for its holder and for those who may read the kind; each reading is audited.

    Raises: NotFound, DocumentErased, KeyDestroyed, ValueDamaged.
    """
    return await opened(ctx, await of_kind(ctx, kind, document_id), how="service")


async def of_subject(ctx: Context, kind: DocumentKind, subject_id: UUID) -> Sequence[Document]:
    """The documents of a kind about one thing that the actor may read, the newest first; at most 100."""
    found = await ctx.db.fetch(_OF_SUBJECT, ctx.tenant_id, subject_id, kind.name, DOCUMENTS_MAX)
    documents = [rows.from_record(Document, row) for row in found]
    return [one for one in documents if _may_read(ctx, kind, one)]


async def readable(ctx: Context, document_id: UUID) -> Document:
    """A document of any kind whose file the actor may read. Raises: NotFound.

    Where the plugin of its kind is switched off, that is its holder alone.
    """
    document = await rows.get(ctx, Document, document_id)
    if not _may_read(ctx, ctx.plugins.document_kinds.get(document.kind), document):
        raise NotFound(kind="documents_document")
    return document


async def link(ctx: Context, document_id: UUID) -> Link:
    """A link to a document's file that the actor may read, good for ten minutes.

    Raises: NotFound, DocumentErased, MasterKeyMissing.
    """
    document = await readable(ctx, document_id)
    if document.content is None:
        raise DocumentErased()
    return await sign_link(ctx, LINK, document.id)


async def linked(ctx: Context, document_id: UUID, *, expires: int, by: UUID, signature: str) -> Document:
    """The document that a link leads to. Raises: NotFound for a link that is over or was altered."""
    good = await link_is_good(ctx, LINK, document_id, expires=expires, by=by, signature=signature)
    document = await rows.find(ctx, Document, document_id)
    if not good or document is None:
        raise NotFound(kind="documents_document")
    return document


async def opened(ctx: Context, document: Document, *, how: str) -> bytes:
    """The file of a document; rights are the caller's concern. The trail says how its reading was allowed.

    Raises: DocumentErased, KeyDestroyed, ValueDamaged.
    """
    if document.content is None:
        raise DocumentErased()
    content = await open_content(ctx.db, ctx.tenant_id, Document, "content", document.id, document.content)
    await record(ctx, Change("read", "documents_document", document.id, after={"how": how}))
    return content


async def of_kind(ctx: Context, kind: DocumentKind, document_id: UUID, *, lock: bool = False) -> Document:
    """A document of this kind that the actor may read. Raises: NotFound."""
    document = await rows.get(ctx, Document, document_id, lock=lock)
    if document.kind != kind.name or not _may_read(ctx, kind, document):
        raise NotFound(kind="documents_document")
    return document


def _may_read(ctx: Context, kind: DocumentKind | None, document: Document) -> bool:
    return is_self(ctx, document.person_id) or (kind is not None and ctx.can(kind.read, document.area_path))
