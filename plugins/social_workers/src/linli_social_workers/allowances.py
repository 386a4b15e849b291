"""Monthly allowances (岗位津贴): computed → reviewed → approved → exported → paid, by three different people.

A run is computed from what is known at that moment, and can be computed again from it at any later date. What became
known later about months that are paid is corrected by a difference in the next run, with its reason.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from linli.plugin import (
    Context,
    NotFound,
    add_months,
    checks,
    enqueue,
    insert_many,
    last_of_month,
    publish,
    rows,
)
from linli_social_workers import facts
from linli_social_workers.access import facts_of
from linli_social_workers.amounts import Due, due_for, lacking
from linli_social_workers.errors import (
    EarlierRunOpen,
    MonthComputed,
    MonthNotOver,
    NumberOutOfRange,
    RunTooLarge,
)
from linli_social_workers.events import AllowancesApproved
from linli_social_workers.states import RUN
from linli_social_workers.tables import AllowanceLine, AllowanceRule, AllowanceRun
from linli_social_workers.terms import Level, LineKind

READ: Final = "social_workers.allowance.read"
COMPUTE: Final = "social_workers.allowance.compute"
REVIEW: Final = "social_workers.allowance.review"
APPROVE: Final = "social_workers.allowance.approve"
PAY: Final = "social_workers.allowance.pay"
RULE: Final = "social_workers.allowance.rule"
TELL_PAID_JOB: Final = "social_workers.tell_paid"
AMOUNT_MAX: Final = 100_000_000
LINES_MAX: Final = 200_000
MONTHS_BACK: Final = 24
_INSERTED_AT_ONCE: Final = 5_000
_KNOWN: Final = """
select state, month from social_workers_allowance_run
where tenant_id = $1 and state <> 'discarded' and (month = $2 or state in ('computed', 'reviewed')) limit 2"""
_EARLIER: Final = """
select month from social_workers_allowance_run
where tenant_id = $1 and month < $2 and month >= $3 and state in ('approved', 'exported', 'paid')
order by month limit 100"""
_PAID: Final = """
select l.person_id, sum(l.amount_fen)::bigint as amount_fen from social_workers_allowance_line l
join social_workers_allowance_run r on r.tenant_id = $1 and r.id = l.run_id
where l.tenant_id = $1 and l.for_month = $2 and r.state in ('approved', 'exported', 'paid')
group by l.person_id"""
_PLACES: Final = (
    "select id, area_id, area_path from identity_person where tenant_id = $1 and id = any($2::uuid[])"
)
_LINES: Final = """
select person_id, level, amount_fen from social_workers_allowance_line
where tenant_id = $1 and run_id = $2 and kind = 'regular'"""


async def set_rule(ctx: Context, *, level: str, amount_fen: int, from_on: date) -> AllowanceRule:
    """From a month's first day on, which may lie in the past, a level is paid this amount in fen a month.

    Raises: PermissionDenied, UnknownValue, NumberOutOfRange.
    """
    ctx.require(RULE, "")
    wanted = checks.one_of(level, tuple(Level), "level")
    if not 0 <= amount_fen <= AMOUNT_MAX:
        raise NumberOutOfRange(path=("amount_fen",), minimum=0, maximum=AMOUNT_MAX)
    await ctx.db.take_turns("social_workers.rules")
    await ctx.db.go_beside(facts.TURNS)
    begin = from_on.replace(day=1)
    sql = """select * from social_workers_allowance_rule where tenant_id = $1 and level = $2
        and superseded_at is null and (to_on is null or to_on > $3) order by from_on for update"""
    for row in await ctx.db.fetch(sql, ctx.tenant_id, wanted, begin):
        known = rows.from_record(AllowanceRule, row)
        await rows.update(ctx, known, action="supersede", superseded_at=ctx.now())
        if known.from_on < begin:
            await _add_rule(ctx, wanted, known.amount_fen, known.from_on, begin)
    return await _add_rule(ctx, wanted, amount_fen, begin, None)


async def compute(ctx: Context, *, month: date) -> AllowanceRun:
    """Compute the allowances of the month that a day lies in, with the differences of the two years before.

    Raises: PermissionDenied, MonthNotOver, MonthComputed, EarlierRunOpen, RunTooLarge.
    """
    ctx.require(COMPUTE, "")
    await ctx.db.take_turns(facts.TURNS)
    begin = month.replace(day=1)
    if last_of_month(begin) >= ctx.today():
        raise MonthNotOver(path=("month",))
    await _check_order(ctx, begin)
    known_at = ctx.now()
    lines = await _regular(ctx, begin, known_at) + await _differences(ctx, begin, known_at)
    if len(lines) > LINES_MAX:
        raise RunTooLarge(limit=LINES_MAX)
    run = await rows.insert(
        ctx,
        AllowanceRun,
        action="compute",
        month=begin,
        known_at=known_at,
        people=len({line["person_id"] for line in lines}),
        total_fen=sum(line["amount_fen"] for line in lines),
        computed_by=ctx.actor.id,
    )
    for start in range(0, len(lines), _INSERTED_AT_ONCE):
        entries = [{"run_id": run.id, **line} for line in lines[start : start + _INSERTED_AT_ONCE]]
        await insert_many(ctx, AllowanceLine, entries, action="compute")
    return run


async def review(ctx: Context, run_id: UUID, *, expected_version: int | None = None) -> AllowanceRun:
    """Find a run right. Raises: NotFound, PermissionDenied, OwnCase, UndefinedTransition, StaleVersion."""
    return await _step(ctx, run_id, "review", REVIEW, expected_version, reviewed_by=ctx.actor.id)


async def approve(ctx: Context, run_id: UUID, *, expected_version: int | None = None) -> AllowanceRun:
    """Let a run be paid; by somebody who neither computed nor reviewed it. Raises: as `review`."""
    run = await _step(ctx, run_id, "approve", APPROVE, expected_version, approved_by=ctx.actor.id)
    await publish(ctx, AllowancesApproved(run_id=run.id, month=run.month))
    return run


async def mark_exported(ctx: Context, run_id: UUID, *, expected_version: int | None = None) -> AllowanceRun:
    """The list was handed to whoever pays. Raises: as `review`, without OwnCase."""
    return await _step(ctx, run_id, "export", PAY, expected_version)


async def mark_paid(
    ctx: Context, run_id: UUID, *, paid_on: date, reference: str, expected_version: int | None = None
) -> AllowanceRun:
    """The list was paid on a day. Raises: FutureDate, Required, TooLong; as `mark_exported`."""
    day = checks.not_future(ctx, paid_on, "paid_on")
    said = checks.line(reference, "reference", 100)
    run = await _step(ctx, run_id, "pay", PAY, expected_version, paid_on=day, reference=said)
    await enqueue(ctx, TELL_PAID_JOB, {"run_id": str(run.id)})
    return run


async def discard(ctx: Context, run_id: UUID, *, expected_version: int | None = None) -> AllowanceRun:
    """Give up a run that is not approved; its month can be computed anew. Raises: as `mark_exported`."""
    return await _step(ctx, run_id, "discard", COMPUTE, expected_version)


async def disagreements(ctx: Context, run_id: UUID) -> list[UUID]:
    """The people for whom a run, computed again from what was known then, gives something else; none, if all is right.

    Raises: NotFound, PermissionDenied.
    """
    ctx.require(READ, "")
    run = await rows.get(ctx, AllowanceRun, run_id)
    due = await due_for(ctx, run.month, run.known_at)
    now = {one.person_id: (one.level, one.amount_fen) for one in due.values()}
    found = await ctx.db.fetch(_LINES, ctx.tenant_id, run.id)
    then = {row["person_id"]: (row["level"], row["amount_fen"]) for row in found}
    return sorted(person for person in now.keys() | then.keys() if now.get(person) != then.get(person))


async def _check_order(ctx: Context, month: date) -> None:
    """A month is computed once, and one run at a time: two would hold the same differences."""
    found = await ctx.db.fetch(_KNOWN, ctx.tenant_id, month)
    if any(row["month"] == month for row in found):
        raise MonthComputed(path=("month",))
    for row in found:
        raise EarlierRunOpen(path=("month",), month=row["month"])


async def _regular(ctx: Context, month: date, known_at: datetime) -> list[dict[str, Any]]:
    due = await due_for(ctx, month, known_at)
    return [_line(one, LineKind.REGULAR, month, one.amount_fen, "") for one in due.values()]


async def _differences(ctx: Context, month: date, known_at: datetime) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    since = add_months(month, -MONTHS_BACK)
    for row in await ctx.db.fetch(_EARLIER, ctx.tenant_id, month, since):
        earlier: date = row["month"]
        due = await due_for(ctx, earlier, known_at)
        found = await ctx.db.fetch(_PAID, ctx.tenant_id, earlier)
        paid: dict[UUID, int] = {one["person_id"]: one["amount_fen"] for one in found}
        changed = [
            person
            for person in sorted(due.keys() | paid.keys())
            if paid.get(person, 0) != (due[person].amount_fen if person in due else 0)
        ]
        lines += await _corrections(ctx, earlier, known_at, changed, due, paid)
    return lines


async def _corrections(
    ctx: Context,
    month: date,
    known_at: datetime,
    changed: Sequence[UUID],
    due: Mapping[UUID, Due],
    paid: Mapping[UUID, int],
) -> list[dict[str, Any]]:
    gone = [person for person in changed if person not in due]
    why = await lacking(ctx, month, known_at, gone) if gone else {}
    found = await ctx.db.fetch(_PLACES, ctx.tenant_id, gone) if gone else []
    places = {row["id"]: (row["area_id"], row["area_path"]) for row in found}
    lines = []
    for person in changed:
        if person in due:
            one = due[person]
            reason = "late" if not paid.get(person) else "changed"
        else:
            area_id, area_path = places.get(person, (None, ""))
            one = Due(person, "", 0, area_id, area_path)
            reason = why.get(person, "rule")
        amount = one.amount_fen - paid.get(person, 0)
        lines.append(_line(one, LineKind.DIFFERENCE, month, amount, _reason(ctx, reason)))
    return lines


def _line(due: Due, kind: LineKind, month: date, amount_fen: int, reason: str) -> dict[str, Any]:
    return {
        "area_id": due.area_id,
        "area_path": due.area_path,
        "person_id": due.person_id,
        "kind": kind.value,
        "for_month": month,
        "level": due.level,
        "amount_fen": amount_fen,
        "reason": reason,
    }


def _reason(ctx: Context, key: str) -> str:
    return ctx.plugins.texts.translate(f"social_workers.reasons.{key}", ctx.locale)


async def _step(
    ctx: Context, run_id: UUID, action: str, permission: str, expected_version: int | None, **changes: object
) -> AllowanceRun:
    if not ctx.can(READ, "") and not ctx.can(permission, ""):
        raise NotFound(kind="social_workers_allowance_run")
    run = await rows.get(ctx, AllowanceRun, run_id, lock=True)
    ctx.require(permission, "")
    state = RUN.apply(run.state, action, await facts_of(ctx, run, None))
    return await rows.update(
        ctx, run, action=action, expected_version=expected_version, state=state, **changes
    )


async def _add_rule(
    ctx: Context, level: str, amount_fen: int, from_on: date, to_on: date | None
) -> AllowanceRule:
    return await rows.insert(
        ctx,
        AllowanceRule,
        action="set",
        level=level,
        amount_fen=amount_fen,
        from_on=from_on,
        to_on=to_on,
        recorded_at=ctx.now(),
    )
