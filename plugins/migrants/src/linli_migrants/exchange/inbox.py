"""The authority's answers: kept once, applied once, whatever comes late, twice or in another order.

| answer | application | what is done |
|---|---|---|
| approved | forwarded | it is approved |
| issued | forwarded, approved | it is approved, if it was not, and the permit is issued |
| refused | forwarded | it is refused |
| any | already so | nothing: stale |
| refused, by the reference of an earlier decision | forwarded anew | nothing: stale |
| any | otherwise, or what the rules refuse | set aside for people |
| error | any | our message is sent again, later each time |
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, LinliError, NotFound, Unavailable, checks, in_place, privacy, rows
from linli_migrants import permit_decisions, permits
from linli_migrants.exchange.errors import NotSetAside
from linli_migrants.exchange.outbox import MANAGE, send_again
from linli_migrants.exchange.port import AnswerBatch, AnswerGiven, AnswerKind, Exchange
from linli_migrants.exchange_states import AnswerState
from linli_migrants.exchange_tables import Answer
from linli_migrants.permit_states import ApplicationState
from linli_migrants.permit_tables import Application, Permit
from linli_migrants.permit_terms import Decision

BATCHES_MAX: Final = 20
TAKEN_MAX: Final = 500
_KNOWN: Final = """
select answer_key from migrants_answer where tenant_id = $1 and answer_key = any($2::text[]) limit 20000"""
_APPLICATION: Final = "select id from migrants_application where tenant_id = $1 and number = $2"
_ANSWERED: Final = """
update migrants_message set state = 'answered', answered_at = $3, version = version + 1, updated_at = $3
where tenant_id = $1 and application_id = $2 and state <> 'answered' and exists (
    select from migrants_application where tenant_id = $1 and id = $2 and state <> 'forwarded')"""
_APPROVED_TOO: Final = (ApplicationState.APPROVED, ApplicationState.ISSUED)
_REFUSED_TOO: Final = (ApplicationState.REFUSED, ApplicationState.OBJECTED, ApplicationState.CLOSED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an answer, and by which rule it was set aside."""

    state: AnswerState
    error_code: str = ""


async def receive_batch(ctx: Context, exchange: Exchange, batch: AnswerBatch) -> int:
    """Keep and apply at most 500 answers of a batch that are not kept yet; gives how many they were.

    A batch whose answers were all kept by an earlier transaction is done with: so nothing is lost when this one is not
    committed after all.
    """
    keys = [one.key for one in batch.answers]
    found = {row["answer_key"] for row in await ctx.db.fetch(_KNOWN, ctx.tenant_id, keys)}
    new = {one.key: one for one in batch.answers if one.key not in found}
    taken = list(new.values())[:TAKEN_MAX]
    for answer in taken:
        await _take(ctx, answer)
    if not taken:
        await exchange.done_with(batch.name)
    return len(taken)


async def reveal(ctx: Context, answer_id: UUID, *, reason: str) -> privacy.Revealed:
    """Show what an answer about an application says, for a reason that the person can read.

    Raises: NotFound, PermissionDenied, Required, TooLong.
    """
    answer = await rows.get(ctx, Answer, answer_id)
    if answer.person_id is None or not ctx.can(MANAGE, answer.area_path):
        raise NotFound(kind="migrants_answer")
    return await privacy.reveal(
        ctx, answer, "body", person_id=answer.person_id, permission=MANAGE, reason=reason
    )


async def settle(ctx: Context, answer_id: UUID, *, note: str, expected_version: int | None = None) -> Answer:
    """Note how people dealt with an answer that was set aside.

    Raises: NotFound, NotSetAside, Required, TooLong, StaleVersion.
    """
    answer = await rows.get(ctx, Answer, answer_id, lock=True)
    if not ctx.can(MANAGE, answer.area_path):
        raise NotFound(kind="migrants_answer")
    if answer.state != AnswerState.SET_ASIDE:
        raise NotSetAside()
    said = checks.line(note, "note", checks.REASON_MAX)
    return await rows.update(
        ctx,
        answer,
        action="settle",
        expected_version=expected_version,
        state=AnswerState.SETTLED.value,
        note=said,
        settled_by=ctx.actor.id,
    )


async def _take(ctx: Context, answer: AnswerGiven) -> None:
    application_id: UUID | None = await ctx.db.fetchval(_APPLICATION, ctx.tenant_id, answer.number)
    application = None
    if application_id is not None:
        application = await in_place(ctx, Application, application_id, lock=True)
    outcome = await _outcome(ctx, application, answer)
    await rows.insert(
        ctx,
        Answer,
        action="receive",
        area_id=application.area_id if application else None,
        area_path=application.area_path if application else "",
        answer_key=answer.key,
        number=answer.number,
        application_id=application_id,
        person_id=application.person_id if application else None,
        kind=answer.kind.value,
        body=json.dumps(dict(answer.details), ensure_ascii=False),
        state=outcome.state.value,
        error_code=outcome.error_code,
    )
    if application_id is None:
        return
    if answer.kind is AnswerKind.ERROR:
        await send_again(ctx, application_id)
    else:
        await ctx.db.execute(_ANSWERED, ctx.tenant_id, application_id, ctx.now())


async def _outcome(ctx: Context, application: Application | None, answer: AnswerGiven) -> Outcome:
    """Apply an answer within a savepoint of its own: what the rules refuse leaves nothing behind."""
    if application is None:
        return Outcome(AnswerState.SET_ASIDE, "not_found")
    try:
        async with ctx.db.savepoint():
            return await _applied(ctx, application, answer)
    except Unavailable:
        raise  # of no fault of the answer: the batch is taken again
    except LinliError as error:
        return Outcome(AnswerState.SET_ASIDE, error.code)


async def _applied(ctx: Context, application: Application, answer: AnswerGiven) -> Outcome:
    reference = answer.details.get("reference", "")[:100]
    state = application.state
    match answer.kind:
        case AnswerKind.APPROVED if state in _APPROVED_TOO:
            return Outcome(AnswerState.STALE)
        case AnswerKind.APPROVED:
            await permit_decisions.decided(ctx, application, Decision.APPROVED, reference, None)
        case AnswerKind.REFUSED if _known_refusal(application, reference):
            return Outcome(AnswerState.STALE)
        case AnswerKind.REFUSED if state == ApplicationState.APPROVED:
            return Outcome(AnswerState.SET_ASIDE, "refused_after_approval")
        case AnswerKind.REFUSED:
            reason = answer.details.get("reason")
            await permit_decisions.decided(ctx, application, Decision.REFUSED, reference, reason)
        case AnswerKind.ISSUED if state == ApplicationState.ISSUED:
            return await _same_permit(ctx, application, answer)
        case AnswerKind.ISSUED:
            if state == ApplicationState.FORWARDED:
                application = await permit_decisions.decided(
                    ctx, application, Decision.APPROVED, reference, None
                )
            await permits.issue(
                ctx,
                application,
                number=answer.details.get("permit_number", ""),
                issued_on=_day(answer.details.get("issued_on", "")),
            )
        case AnswerKind.ERROR:
            return Outcome(AnswerState.APPLIED, "authority_error")
    return Outcome(AnswerState.APPLIED)


def _known_refusal(application: Application, reference: str) -> bool:
    """Whether this refusal was entered before: it holds, or was taken back and the application forwarded anew."""
    before = application.state in (*_REFUSED_TOO, ApplicationState.FORWARDED)
    return before and bool(reference) and application.decision_reference == reference


async def _same_permit(ctx: Context, application: Application, answer: AnswerGiven) -> Outcome:
    permit = await rows.find_by(ctx, Permit, application_id=application.id)
    number = await privacy.decrypt(ctx, permit, "number") if permit is not None else None
    same = number == answer.details.get("permit_number", "").strip().upper()
    return Outcome(AnswerState.STALE) if same else Outcome(AnswerState.SET_ASIDE, "another_number")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.max  # refused as a day in the future
