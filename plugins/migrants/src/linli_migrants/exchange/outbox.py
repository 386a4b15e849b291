"""Our messages: queued in the transaction that forwards an application, sent by a job until the authority has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.plugin import Context, LinliError, NotFound, Person, enqueue, privacy, rows
from linli_migrants.applications import resident_since
from linli_migrants.exchange.errors import NotFailed
from linli_migrants.exchange.port import Envelope, Exchange
from linli_migrants.exchange_states import MessageState
from linli_migrants.exchange_tables import Message
from linli_migrants.tables import Dwelling, Stay

if TYPE_CHECKING:
    from linli_migrants.permit_tables import Application

FILES: Final = "files"
SEND_JOB: Final = "migrants.send_to_authority"
MANAGE: Final = "migrants.exchange.manage"
BATCH_MAX: Final = 200
ATTEMPTS_MAX: Final = 20
LISTED_AFTER: Final = timedelta(hours=1)
"""How long after a message was sent the authority may not have it on its list yet."""
_LAST: Final = "select max(sequence) from migrants_message where tenant_id = $1 and application_id = $2"
_DUE: Final = """
select m.*, a.number from migrants_message m
join migrants_application a on a.tenant_id = $1 and a.id = m.application_id
where m.tenant_id = $1 and m.state = 'queued' and m.due_at <= $2
order by m.due_at, m.id limit $3 for update of m skip locked"""
_SENT: Final = """
update migrants_message set state = 'sent', sent_at = $3, attempts = attempts + 1, error_code = '',
    version = version + 1, updated_at = $3
where tenant_id = $1 and id = any($2::uuid[])"""
_FAILED: Final = """
update migrants_message set attempts = attempts + 1, error_code = $4, version = version + 1,
    updated_at = $3::timestamptz,
    due_at = $3::timestamptz + least(3600, 15 * power(2, attempts)) * interval '1 second',
    state = case when attempts + 1 >= $5 then 'failed' else 'queued' end
where tenant_id = $1 and id = any($2::uuid[])"""


def is_on(ctx: Context) -> bool:
    """Whether the tenant exchanges with the authority; otherwise decisions are entered from paper."""
    return ctx.setting("migrants.exchange") == FILES


async def enqueue_application(ctx: Context, application: Application) -> Message:
    """Queue an application as it is now, within the transaction that forwards it."""
    last: int | None = await ctx.db.fetchval(_LAST, ctx.tenant_id, application.id)
    message = await rows.insert(
        ctx,
        Message,
        action="queue",
        area_id=application.area_id,
        area_path=application.area_path,
        application_id=application.id,
        person_id=application.person_id,
        sequence=(last or 0) + 1,
        body=json.dumps(await _body(ctx, application), ensure_ascii=False),
        due_at=ctx.now(),
    )
    await enqueue(ctx, SEND_JOB)
    return message


async def send_due(ctx: Context, exchange: Exchange) -> int:
    """Send up to 200 messages that are due; gives how many.

    Whoever is killed between the hand-over and the commit sends them again: they have the same ids there. What cannot
    be handed over waits longer each time, up to an hour, and is given up after 20 attempts for people to look at; so is
    at once what was erased.
    """
    found = await ctx.db.fetch(_DUE, ctx.tenant_id, ctx.now(), BATCH_MAX)
    if not found:
        return 0
    erased = [row["id"] for row in found if row["body"] is None]
    if erased:
        await ctx.db.execute(_FAILED, ctx.tenant_id, erased, ctx.now(), "erased", 0)
    kept = [row for row in found if row["body"] is not None]
    ids = [row["id"] for row in kept]
    messages = [rows.from_record(Message, row) for row in kept]
    try:
        bodies = await privacy.decrypt_all(ctx, messages, "body")
        numbers = [row["number"] for row in kept]
        await exchange.send(_envelopes(messages, numbers, bodies))
    except LinliError as error:
        await ctx.db.execute(_FAILED, ctx.tenant_id, ids, ctx.now(), error.code, ATTEMPTS_MAX)
        return 0
    await ctx.db.execute(_SENT, ctx.tenant_id, ids, ctx.now())
    return len(ids)


async def send_again(ctx: Context, application_id: UUID) -> None:
    """The authority could not read the last message of an application: it is sent again later."""
    sql = """select id from migrants_message where tenant_id = $1 and application_id = $2 and state = 'sent'
        order by sequence desc limit 1 for update"""
    message_id = await ctx.db.fetchval(sql, ctx.tenant_id, application_id)
    if message_id is not None:
        arguments = ([message_id], ctx.now(), "authority_error", ATTEMPTS_MAX)
        await ctx.db.execute(_FAILED, ctx.tenant_id, *arguments)


async def retry(ctx: Context, message_id: UUID) -> Message:
    """Send a message that was given up anew. Raises: NotFound, PermissionDenied, NotFailed."""
    message = await rows.get(ctx, Message, message_id, lock=True)
    if not ctx.can(MANAGE, message.area_path):
        raise NotFound(kind="migrants_message")
    if message.state != MessageState.FAILED:
        raise NotFailed()
    made = await rows.update(
        ctx,
        message,
        action="retry",
        state=MessageState.QUEUED.value,
        attempts=0,
        due_at=ctx.now(),
        error_code="",
    )
    await enqueue(ctx, SEND_JOB)
    return made


async def resend(ctx: Context, ids: Sequence[UUID]) -> None:
    """Queue messages again that the authority turned out not to have."""
    sql = """update migrants_message set state = 'queued', due_at = $3, version = version + 1, updated_at = $3
        where tenant_id = $1 and id = any($2::uuid[]) and state = 'sent'"""
    await ctx.db.execute(sql, ctx.tenant_id, list(ids), ctx.now())


def _envelopes(
    messages: Sequence[Message], numbers: Sequence[str], bodies: Sequence[str | None]
) -> list[Envelope]:
    return [
        Envelope(str(one.id), number, json.loads(body or "{}"))
        for one, number, body in zip(messages, numbers, bodies, strict=True)
    ]


async def _body(ctx: Context, application: Application) -> dict[str, object]:
    """What the authority needs to decide, and no more."""
    person = await rows.get(ctx, Person, application.person_id)
    stay = await rows.get(ctx, Stay, application.stay_id)
    dwelling = await rows.get(ctx, Dwelling, stay.dwelling_id)
    return {
        "number": application.number,
        "full_name": person.full_name,
        "id_number": await privacy.decrypt(ctx, person, "id_number"),
        "origin_code": stay.origin_code,
        "address": dwelling.address,
        "resident_since": (await resident_since(ctx, person.id) or stay.from_on).isoformat(),
        "ground": application.ground,
        "accepted_on": ctx.day_of(application.accepted_at).isoformat(),
        "decision_due_on": application.decision_due_on.isoformat(),
    }
