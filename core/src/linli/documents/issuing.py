"""Issuing and revoking documents."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeVar
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import seal_content
from linli.documents.errors import BadValidity, DocumentTooLarge
from linli.documents.events import DocumentIssued, DocumentRevoked
from linli.documents.kinds import DocumentKind, Subject
from linli.documents.reading import DOCUMENTS_MAX, of_kind
from linli.documents.signatures import PrintedFacts, code_of, sign_file
from linli.documents.tables import DOCUMENT_BYTES_MAX, Document
from linli.errors import NotFound
from linli.events import publish
from linli.handover.signing import Signer, signer
from linli.identity import checks
from linli.identity.places import is_self
from linli.masks import mask_name
from linli.printing import DocumentTemplate, render
from linli.verifiable import new_number
from linli.workflow import Facts, StateMachine, Transition

E = TypeVar("E", DocumentIssued, DocumentRevoked)
ADDRESS_SETTING: Final = "documents.public_address"
READ: Final = "documents.document.read"
REVOKE: Final = "documents.document.revoke"
_KEEP: Final = "update documents_document set content = $3 where tenant_id = $1 and id = $2"
_VALID: Final = """
select * from documents_document where tenant_id = $1 and subject_id = $2 and kind = $3 and state = 'valid'
order by id limit $4 for update"""

STATES: Final = StateMachine(
    "documents.document",
    "valid",
    transitions=[Transition("revoke", "valid", "revoked")],
    final=("revoked",),
)


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
    document = await of_kind(ctx, kind, document_id, lock=True)
    ctx.require(kind.write, document.area_path)
    return await _revoke(ctx, document, reason, expected_version)


async def revoke_any(
    ctx: Context, document_id: UUID, *, reason: str, expected_version: int | None = None
) -> Document:
    """A document of whatever kind no longer counts, by the permission of its kind or the one for all kinds.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    document = await rows.get(ctx, Document, document_id, lock=True)
    kind = ctx.plugins.document_kinds.get(document.kind)
    by_kind = kind is not None and ctx.can(kind.write, document.area_path)
    if not (by_kind or is_self(ctx, document.person_id) or ctx.can(READ, document.area_path)):
        raise NotFound(kind="documents_document")
    if not by_kind:
        ctx.require(REVOKE, document.area_path)
    return await _revoke(ctx, document, reason, expected_version)


async def revoke_all(ctx: Context, kind: DocumentKind, subject_id: UUID, *, reason: str) -> int:
    """The documents of a kind about something no longer count, because of what became of it; gives how many did.

    At most 100 at once. Rights are the caller's concern. Raises: Required, TooLong.
    """
    found = await ctx.db.fetch(_VALID, ctx.tenant_id, subject_id, kind.name, DOCUMENTS_MAX)
    for row in found:
        await _revoke(ctx, rows.from_record(Document, row), reason, None)
    return len(found)


async def _revoke(ctx: Context, document: Document, reason: str, expected_version: int | None) -> Document:
    why = checks.line(reason, "reason", checks.REASON_MAX)
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
