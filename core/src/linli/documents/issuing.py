"""Issuing and revoking documents, and giving their files to those who may read them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.db.encryption import open_content, seal_content
from linli.documents.errors import BadValidity, DocumentErased, DocumentTooLarge
from linli.documents.events import DocumentIssued, DocumentRevoked
from linli.documents.signatures import PrintedFacts, code_of, sign_file
from linli.documents.tables import DOCUMENT_BYTES_MAX, Document
from linli.errors import NotFound
from linli.events import publish
from linli.handover.signing import Signer, signer
from linli.identity import checks
from linli.identity.places import Place
from linli.masks import mask_name
from linli.printing import DocumentTemplate, render
from linli.verifiable import new_number
from linli.workflow import Facts, StateMachine, Transition

E = TypeVar("E", DocumentIssued, DocumentRevoked)
ADDRESS_SETTING: Final = "documents.public_address"
DOCUMENTS_MAX: Final = 100
_KEEP: Final = "update documents_document set content = $3 where tenant_id = $1 and id = $2"
_OF_SUBJECT: Final = """
select * from documents_document where tenant_id = $1 and subject_id = $2 and kind = $3
order by issued_at desc, id desc limit $4"""

STATES: Final = StateMachine(
    "documents.document",
    "valid",
    transitions=[Transition("revoke", "valid", "revoked")],
    final=("revoked",),
)


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """A kind of document that is issued: its template, and the plugin's permissions to issue or revoke, and to read."""

    template: DocumentTemplate
    write: str
    read: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What a document is about: a row, where it lies, and the person who holds the document, by name."""

    table: str
    id: UUID
    place: Place
    person_id: UUID | None = None
    holder: str = ""


async def issue(
    ctx: Context,
    kind: DocumentKind,
    *,
    subject: Subject,
    values: Mapping[str, Any],
    valid_until: date | None = None,
) -> Document:
    """Render, sign and keep a document; it is valid from today, up to and including `valid_until`.

    `number`, `holder`, `issued_on` and `valid_until` are added to the values. Raises: PermissionDenied, BadValidity,
    DocumentTooLarge, BadDocumentAddress, TooManyPages, TooLong, UnprintableText, MasterKeyMissing, MasterKeyWrong,
    MasterKeyUnavailable.
    """
    ctx.require(kind.write, subject.place.area_path)
    today = ctx.today()
    if valid_until is not None and valid_until < today:
        raise BadValidity(path=("valid_until",))
    holder = checks.optional_line(subject.holder, "holder", checks.PERSON_NAME_MAX)
    facts = PrintedFacts(
        ctx.tenant.slug, new_number(today.year), kind.template.kind, today, valid_until, holder
    )
    key = await signer(ctx)
    content = await _rendered(ctx, kind.template, facts, values, key)
    document = await rows.insert(
        ctx,
        Document,
        action="issue",
        area_id=subject.place.area_id,
        area_path=subject.place.area_path,
        number=facts.number,
        kind=facts.kind,
        template_version=kind.template.version,
        title=ctx.plugins.texts.translate(f"{kind.template.texts}.title", ctx.locale),
        subject_table=subject.table,
        subject_id=subject.id,
        person_id=subject.person_id,
        holder_masked=mask_name(holder),
        issued_at=ctx.now(),
        issued_on=today,
        valid_until=valid_until,
        sha256=hashlib.sha256(content).hexdigest(),
        key_id=key.key_id,
    )
    sealed = await seal_content(ctx, Document, "content", document.id, content)
    await ctx.db.execute(_KEEP, ctx.tenant_id, document.id, sealed)
    await publish(ctx, _told(DocumentIssued, document))
    return document


async def revoke(
    ctx: Context, kind: DocumentKind, document_id: UUID, *, reason: str, expected_version: int | None = None
) -> Document:
    """The document no longer counts; whoever checks it is told so.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    document = await _found(ctx, kind, document_id, lock=True)
    ctx.require(kind.write, document.area_path)
    state = STATES.apply(document.state, "revoke", Facts(actor_id=ctx.actor.id))
    changed = await rows.update(
        ctx,
        document,
        action="revoke",
        expected_version=expected_version,
        state=state,
        revoked_at=ctx.now(),
        revoke_reason=why,
    )
    await publish(ctx, _told(DocumentRevoked, document))
    return changed


async def content_of(ctx: Context, kind: DocumentKind, document_id: UUID) -> bytes:
    """The file, for its holder and for those who may read the kind; each reading is audited.

    Raises: NotFound, DocumentErased, KeyDestroyed, ValueDamaged.
    """
    document = await _found(ctx, kind, document_id)
    if document.content is None:
        raise DocumentErased()
    content = await open_content(ctx.db, ctx.tenant_id, Document, "content", document.id, document.content)
    await record(ctx, Change("read", "documents_document", document.id))
    return content


async def of_subject(ctx: Context, kind: DocumentKind, subject_id: UUID) -> Sequence[Document]:
    """The documents of a kind about one thing that the actor may read, the newest first; at most 100."""
    found = await ctx.db.fetch(_OF_SUBJECT, ctx.tenant_id, subject_id, kind.template.kind, DOCUMENTS_MAX)
    documents = [rows.from_record(Document, row) for row in found]
    return [one for one in documents if _readable(ctx, kind, one)]


async def _rendered(
    ctx: Context, template: DocumentTemplate, facts: PrintedFacts, values: Mapping[str, Any], key: Signer
) -> bytes:
    base = str(ctx.setting(ADDRESS_SETTING)).strip().rstrip("/")
    address = f"{base}/verify/{facts.tenant_slug}/{facts.number}#{code_of(facts, key)}" if base else ""
    own = {
        "number": facts.number,
        "holder": facts.holder,
        "issued_on": facts.issued_on.isoformat(),
        "valid_until": facts.valid_until.isoformat() if facts.valid_until else None,
    }
    content = await render(
        ctx,
        template,
        {**values, **own},
        number=facts.number,
        address=address,
    )
    signed = sign_file(content, key)
    if len(signed) > DOCUMENT_BYTES_MAX:
        raise DocumentTooLarge(limit=DOCUMENT_BYTES_MAX)
    return signed


def _told(event: type[E], document: Document) -> E:
    return event(
        document_id=document.id,
        kind=document.kind,
        subject_id=document.subject_id,
        person_id=document.person_id,
    )


async def _found(ctx: Context, kind: DocumentKind, document_id: UUID, *, lock: bool = False) -> Document:
    document = await rows.get(ctx, Document, document_id, lock=lock)
    if document.kind != kind.template.kind or not _readable(ctx, kind, document):
        raise NotFound(kind="documents_document")
    return document


def _readable(ctx: Context, kind: DocumentKind, document: Document) -> bool:
    own = document.person_id is not None and document.person_id == ctx.actor.person_id
    return own or ctx.can(kind.read, document.area_path)
