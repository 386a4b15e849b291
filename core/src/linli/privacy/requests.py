"""Requests about one's own data: to see, correct, export or erase it, and the time by which they are answered.

Source: Personal Information Protection Law (个人信息保护法) art. 44–50; 15 working days: App 个人信息保护 practice
(《个人信息安全规范》GB/T 35273-2020 §8.7: 30 days at most; the shorter time is the default here).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.clock import Deadline, WorkingDays
from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.errors import NotFound
from linli.events import publish
from linli.identity import checks
from linli.identity.places import is_self
from linli.printing import PDF
from linli.privacy.errors import AlreadyExtended, PersonStillServed, RequestKindUnfit
from linli.privacy.events import PersonErased
from linli.privacy.persons import entries_of, person_for, self_or
from linli.privacy.printed import printed
from linli.privacy.subjects import Kept, erase_all, export_all
from linli.privacy.tables import Export, Request
from linli.privacy.workbook import workbook
from linli.workflow import Facts, StateMachine, Transition

READ: Final = "privacy.request.read"
DECIDE: Final = "privacy.request.decide"
WORKING_DAYS: Final = 15
EXPORT_KEPT: Final = timedelta(days=7)
TEXT_MAX: Final = 2_000
ERASED: Final = "已全部删除 / all erased"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ENTRIES: Final = "select state from identity_person where tenant_id = $1 and id = any($2)"

REQUEST_STATES: Final = StateMachine(
    "privacy.request",
    "received",
    transitions=[
        Transition("verify", "received", "verified"),
        Transition("answer", "verified", "answered"),
        Transition("refuse", "received", "refused"),
        Transition("refuse", "verified", "refused"),
        Transition("withdraw", "received", "withdrawn"),
        Transition("withdraw", "verified", "withdrawn"),
    ],
    final=("answered", "refused", "withdrawn"),
)


class RequestKind(StrEnum):
    """What a person asks for."""

    SEE = "see"
    CORRECT = "correct"
    EXPORT = "export"
    ERASE = "erase"


class ExportFormat(StrEnum):
    """In which form an export is given."""

    JSON = "json"
    XLSX = "xlsx"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Document:
    """A file to be handed over."""

    name: str
    media_type: str
    content: bytes


async def receive(ctx: Context, person_id: UUID, kind: RequestKind, *, detail: str = "") -> Request:
    """Take in a request, one's own or handed in at an office; it is due within 15 working days.

    Whoever asks through an account of their own has proved who they are.
    Raises: NotFound, PermissionDenied, TooLong, UnprintableText, UnknownYear.
    """
    person = await self_or(ctx, person_id, DECIDE)
    own = is_self(ctx, person_id)
    return await rows.insert(
        ctx,
        Request,
        action="receive",
        area_id=person.area_id,
        area_path=person.area_path,
        person_id=person_id,
        kind=kind.value,
        state="verified" if own else "received",
        detail=checks.optional_line(detail, "detail", TEXT_MAX) or None,
        received_at=ctx.now(),
        received_by=ctx.actor.id,
        verified_at=ctx.now() if own else None,
        verified_how="account" if own else "",
        due_at=Deadline(ctx.now(), WorkingDays(WORKING_DAYS), zone=ctx.time_zone).due_at(),
    )


async def verify(ctx: Context, request_id: UUID, *, how: str) -> Request:
    """Note that the identity of whoever asks was checked, and how. Raises: NotFound, UndefinedTransition, Required."""
    request = await _decidable(ctx, request_id)
    state = _applied(ctx, request, "verify")
    said = checks.line(how, "how", 100)
    return await rows.update(
        ctx,
        request,
        action="verify",
        state=state,
        verified_at=ctx.now(),
        verified_by=ctx.actor.id,
        verified_how=said,
    )


async def extend(ctx: Context, request_id: UUID, *, reason: str) -> Request:
    """Take another 15 working days, once, for a reason that the person is told.

    Raises: NotFound, AlreadyExtended, Required, TooLong, UnknownYear.
    """
    request = await _decidable(ctx, request_id)
    if request.extended or REQUEST_STATES.actions_in(request.state) == ():
        raise AlreadyExtended()
    ctx.reason = checks.line(reason, "reason", checks.REASON_MAX)
    started = Deadline(request.received_at, WorkingDays(2 * WORKING_DAYS), zone=ctx.time_zone)
    return await rows.update(ctx, request, action="extend", extended=True, due_at=started.due_at())


async def answer(ctx: Context, request_id: UUID, *, text: str) -> Request:
    """Answer a request; the person can read it. Raises: NotFound, UndefinedTransition, Required, TooLong."""
    return await _decide(ctx, request_id, "answer", text)


async def refuse(ctx: Context, request_id: UUID, *, text: str) -> Request:
    """Refuse a request and say why, with the law, and where to object. Raises: as `answer`."""
    return await _decide(ctx, request_id, "refuse", text)


async def withdraw(ctx: Context, request_id: UUID) -> Request:
    """Take back one's own request. Raises: NotFound, UndefinedTransition."""
    request = await rows.get(ctx, Request, request_id, lock=True)
    if not is_self(ctx, request.person_id):
        raise NotFound(kind="privacy_request")
    return await rows.update(ctx, request, action="withdraw", state=_applied(ctx, request, "withdraw"))


async def make_export(ctx: Context, request_id: UUID) -> Export:
    """Put together all about the person from every enabled plugin; kept, encrypted, for seven days.

    Raises: NotFound, PermissionDenied, RequestKindUnfit, ExportTooLarge.
    """
    request = await _export_request(ctx, request_id)
    ids = await entries_of(ctx, request.person_id)
    content = {
        "tenant": ctx.tenant.name,
        "made_at": ctx.now().isoformat(),
        "person_id": str(request.person_id),
        "data": await export_all(ctx, ids),
    }
    return await rows.insert(
        ctx,
        Export,
        action="export",
        person_id=request.person_id,
        request_id=request.id,
        content=json.dumps(content, ensure_ascii=False, default=str),
        expires_at=ctx.now() + EXPORT_KEPT,
        made_by=ctx.actor.id,
    )


async def read_export(ctx: Context, export_id: UUID, form: ExportFormat) -> Document:
    """The export as a file; each reading is audited.

    Raises: NotFound, also once it has expired; PermissionDenied; TooManyPages for what no PDF can hold.
    """
    export = await rows.get(ctx, Export, export_id)
    if export.expires_at <= ctx.now():
        raise NotFound(kind="privacy_export")
    await self_or(ctx, export.person_id, DECIDE)
    content = json.loads(await decrypt(ctx, export, "content") or "{}")
    await record(ctx, Change("read", "privacy_export", export.id, after={"format": form.value}))
    name = f"personal-data-{export.id}.{form.value}"
    if form is ExportFormat.JSON:
        text = json.dumps(content, ensure_ascii=False, indent=2)
        return Document(name, "application/json", text.encode())
    if form is ExportFormat.PDF:
        return Document(name, PDF, await printed(ctx, content))
    return Document(name, XLSX, workbook(content))


def export_id_of(text: str) -> UUID:
    """The id of an export, as it was given out. Raises: NotFound for anything else."""
    try:
        return UUID(text)
    except ValueError:
        raise NotFound(kind="privacy_export") from None


async def erase(ctx: Context, request_id: UUID) -> Sequence[Kept]:
    """Erase what the law allows and answer the request with what is kept, and why.

    Ids and amounts stay, so that books and figures add up. The person must have left or died: whoever is still
    served cannot be without an entry. Raises: NotFound, PermissionDenied, RequestKindUnfit, PersonStillServed.
    """
    request = await _decidable(ctx, request_id)
    if request.kind != RequestKind.ERASE.value or request.state != "verified":
        raise RequestKindUnfit(kind=request.kind, state=request.state)
    ids = await entries_of(ctx, request.person_id)
    states = [row["state"] for row in await ctx.db.fetch(_ENTRIES, ctx.tenant_id, list(ids))]
    if "active" in states:
        raise PersonStillServed()
    kept = await erase_all(ctx, ids)
    said = "；".join(one.zh for one in kept) if ctx.locale != "en" else " ".join(one.en for one in kept)
    await _decide(ctx, request_id, "answer", said or ERASED)
    await publish(ctx, PersonErased(person_id=request.person_id))
    return kept


async def texts_of(ctx: Context, request: Request) -> tuple[str | None, str | None]:
    """What was asked and what was answered, for whoever may read the request. Raises: NotFound, PermissionDenied."""
    await self_or(ctx, request.person_id, READ)
    return await decrypt(ctx, request, "detail"), await decrypt(ctx, request, "answer")


async def _export_request(ctx: Context, request_id: UUID) -> Request:
    request = await rows.get(ctx, Request, request_id, lock=True)
    await self_or(ctx, request.person_id, DECIDE)
    wanted = (RequestKind.SEE.value, RequestKind.EXPORT.value)
    if request.kind not in wanted or request.state != "verified":
        raise RequestKindUnfit(kind=request.kind, state=request.state)
    return request


async def _decidable(ctx: Context, request_id: UUID) -> Request:
    request = await rows.get(ctx, Request, request_id, lock=True)
    await person_for(ctx, request.person_id, DECIDE)
    return request


async def _decide(ctx: Context, request_id: UUID, action: str, text: str) -> Request:
    request = await _decidable(ctx, request_id)
    state = _applied(ctx, request, action)
    said = checks.line(text, "text", TEXT_MAX)
    return await rows.update(
        ctx,
        request,
        action=action,
        state=state,
        answer=said,
        decided_by=ctx.actor.id,
        decided_at=ctx.now(),
    )


def _applied(ctx: Context, request: Request, action: str) -> str:
    return REQUEST_STATES.apply(request.state, action, Facts(actor_id=ctx.actor.id))
