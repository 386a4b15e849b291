"""Suspending, finishing, closing and terminating a grant; what is unspent goes back to where it came from."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from linli.plugin import (
    Context,
    Deadline,
    WorkingDays,
    checks,
    decision_facts,
    due_if_known,
    ledger,
    publish,
    rows,
)
from linli_organisations.api import impose_bar
from linli_venture.grants import allocations
from linli_venture.grants.access import WRITE, grant_for, tell_grantee
from linli_venture.grants.appraising import verified_spending
from linli_venture.grants.conditions import missing_appraisals
from linli_venture.grants.errors import (
    AcceptedTooMuch,
    AppraisalMissing,
    AuditMissing,
    MilestonesOpen,
    PaymentDue,
    RefundDue,
)
from linli_venture.grants.events import GrantEnded
from linli_venture.grants.paying import held
from linli_venture.grants.reading import milestones_of
from linli_venture.grants.refunding import require_none_waiting, waiting_fen
from linli_venture.grants.states import GRANT
from linli_venture.grants.tables import Appraisal, Audit, Grant, Milestone
from linli_venture.grants.terms import AppraisalKind, GrantState, MilestoneState

RULE_MAX: Final = 200
OBJECTION_SETTING: Final = "venture.objection_working_days"
UNDATED_MAX: Final = 500
_DONE: Final = (MilestoneState.VERIFIED, MilestoneState.PAID)

_UNDATED: Final = """
select id from venture_grant where tenant_id = $1 and state = 'terminated' and object_until is null
order by id limit $2"""


async def suspend(ctx: Context, grant_id: UUID, *, reason: str, expected_version: int | None = None) -> Grant:
    """Pay and verify nothing for the time being.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    values = {"suspended_on": ctx.today(), "suspend_reason": why}
    grant = await _step(ctx, grant_id, "suspend", expected_version, values)
    await tell_grantee(ctx, grant, "venture.grant_suspended", key=f"{grant.id}/{grant.version}")
    return grant


async def resume(ctx: Context, grant_id: UUID, *, expected_version: int | None = None) -> Grant:
    """Go on after a suspension. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    return await _step(
        ctx, grant_id, "resume", expected_version, {"suspended_on": None, "suspend_reason": ""}
    )


async def finish(ctx: Context, grant_id: UUID, *, expected_version: int | None = None) -> Grant:
    """The work is done, and all milestones but the last are verified: appraisal and audit follow.

    Raises: NotFound, PermissionDenied, UndefinedTransition, MilestonesOpen, StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, WRITE)
    GRANT.transition(grant.state, "finish")
    _require_done((await milestones_of(ctx, grant.id))[:-1])
    return await _step(ctx, grant_id, "finish", expected_version, {"finished_on": ctx.today()})


async def close(ctx: Context, grant_id: UUID, *, expected_version: int | None = None) -> Grant:
    """All is shown, appraised, audited, paid and given back: settle what was accepted, release what is unspent.

    A tranche that waits for an appraisal which was not passed is not paid any more: it is released too. By somebody
    else than who recorded the audit.
    Raises: NotFound, PermissionDenied, UndefinedTransition, OwnWork, RefundsOpen, AuditMissing, AppraisalMissing,
    MilestonesOpen, RefundDue, PaymentDue, StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "close", await decision_facts(ctx, grant))
    await require_none_waiting(ctx, grant)
    milestones = await milestones_of(ctx, grant.id)
    audit = await rows.find_by(ctx, Audit, grant_id=grant.id)
    if audit is None:
        raise AuditMissing()
    if await rows.find_by(ctx, Appraisal, grant_id=grant.id, kind=AppraisalKind.FINAL) is None:
        raise AppraisalMissing()
    _require_done(milestones)
    accepted, has = audit.accepted_fen, held(grant)
    if has > accepted:
        raise RefundDue(fen=has - accepted)
    if has < accepted and await _has_payable(ctx, grant, milestones):
        raise PaymentDue(fen=accepted - has)
    return await _end(ctx, grant, "close", state, expected_version, settled=has, values={})


async def terminate(
    ctx: Context,
    grant_id: UUID,
    *,
    reason: str,
    rule: str,
    accepted_fen: int | None = None,
    barred_until: date | None = None,
    expected_version: int | None = None,
) -> Grant:
    """End a grant for a breach: what is not accepted of what was paid has to be given back.

    At most what was spent and verified is accepted, nothing by default, and nothing that was given back. The
    organisation may be barred with it.
    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, AcceptedTooMuch, StaleVersion; as
    `impose_bar`.
    """
    why, by = checks.line(reason, "reason", checks.REASON_MAX), checks.line(rule, "rule", RULE_MAX)
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "terminate", await decision_facts(ctx, grant))
    accepted = accepted_fen or 0
    high = min(held(grant) - await waiting_fen(ctx, grant), await verified_spending(ctx, grant))
    if not 0 <= accepted <= high:
        raise AcceptedTooMuch(path=("accepted_fen",), high_fen=high)
    values = {
        "recovery_fen": held(grant) - accepted,
        "end_reason": why,
        "end_rule": by,
        "object_until": _last_day_to_object(ctx, ctx.today()),
    }
    ended = await _end(ctx, grant, "terminate", state, expected_version, settled=accepted, values=values)
    if barred_until is not None:
        bar = await impose_bar(
            ctx, organisation_id=grant.organisation_id, barred_until=barred_until, reason=why
        )
        ended = await rows.update(ctx, ended, action="bar", bar_id=bar.id)
    await tell_grantee(ctx, ended, "venture.grant_terminated", key=f"{ended.id}/{ended.reinstated}")
    return ended


async def fill_last_days(ctx: Context) -> int:
    """Fill in the last days to object that waited for a year's official calendar, at most 500; gives how many."""
    filled = 0
    for row in await ctx.db.fetch(_UNDATED, ctx.tenant_id, UNDATED_MAX):
        grant = await rows.get(ctx, Grant, row["id"], lock=True)
        day = _last_day_to_object(ctx, grant.ended_on) if grant.state == GrantState.TERMINATED else None
        if day is not None:
            await rows.update(ctx, grant, action="date", object_until=day)
            filled += 1
    return filled


async def _step(
    ctx: Context, grant_id: UUID, action: str, expected_version: int | None, values: dict[str, Any]
) -> Grant:
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, action, await decision_facts(ctx, grant))
    return await rows.update(
        ctx, grant, action=action, expected_version=expected_version, state=state, **values
    )


async def _end(
    ctx: Context,
    grant: Grant,
    action: str,
    state: str,
    expected_version: int | None,
    *,
    settled: int,
    values: dict[str, Any],
) -> Grant:
    """Release what was not paid, settle what was accepted, and close the account when nothing is left on it."""
    reason = str(values.get("end_reason", ""))
    released = await allocations.release_all(ctx, grant, reason)
    await allocations.settle(ctx, grant, settled, reason)
    changed = await rows.update(
        ctx,
        grant,
        action=action,
        expected_version=expected_version,
        state=state,
        released_fen=released,
        settled_fen=settled,
        ended_by=ctx.actor.id,
        ended_on=ctx.today(),
        **values,
    )
    if not held(changed):
        await ledger.close(ctx, grant.account_id)
    event = GrantEnded(grant_id=grant.id, organisation_id=grant.organisation_id, state=state)
    await publish(ctx, event)
    return changed


async def _has_payable(ctx: Context, grant: Grant, milestones: Sequence[Milestone]) -> bool:
    """Whether a tranche can be paid that was not."""
    verified = [one for one in milestones if one.state == MilestoneState.VERIFIED]
    return None in await missing_appraisals(ctx, grant, verified)


def _require_done(milestones: Sequence[Milestone]) -> None:
    """Go on only when all of these are verified. Raises: MilestonesOpen."""
    waiting = [one.number for one in milestones if one.state not in _DONE]
    if waiting:
        raise MilestonesOpen(numbers=", ".join(map(str, waiting)))


def _last_day_to_object(ctx: Context, ended_on: date) -> date | None:
    """The last day to object to a decision of a day; None, which is no end, while the calendar is not known."""
    days = WorkingDays(max(1, int(str(ctx.setting(OBJECTION_SETTING)))))
    due = due_if_known(Deadline(ctx.start_of(ended_on), days, zone=ctx.time_zone))
    return ctx.day_of(due) if due else None
