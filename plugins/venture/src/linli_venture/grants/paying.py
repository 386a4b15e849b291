"""Payments: a verified tranche goes to the organisation, unless a report is overdue."""

from __future__ import annotations

from uuid import UUID

from linli.plugin import Context, decision_facts, new_id, publish, rows
from linli_venture.grants import allocations
from linli_venture.grants.access import PAY, belonging, part_for, require_state
from linli_venture.grants.conditions import require_appraised
from linli_venture.grants.errors import AuditMissing, NothingPayable, NotVerified, ReportOverdue
from linli_venture.grants.events import TranchePaid
from linli_venture.grants.milestones import is_overdue
from linli_venture.grants.reading import milestones_of
from linli_venture.grants.states import MILESTONE
from linli_venture.grants.tables import Audit, Grant, Milestone, Payment
from linli_venture.grants.terms import GrantState, MilestoneState


async def pay(ctx: Context, milestone_id: UUID, *, expected_version: int | None = None) -> Payment:
    """Pay the tranche of a verified milestone; by somebody who neither showed nor verified it.

    Where the call's terms say so, it waits for an appraisal. The last one is paid after the audit; once there is one,
    no more is paid than it accepted.
    Raises: NotFound, PermissionDenied, GrantNotActive, NotVerified, UndefinedTransition, OwnWork, ReportOverdue,
    MidtermNotPassed, FinalNotPassed, AuditMissing, NothingPayable, StaleVersion.
    """
    milestone, grant = await part_for(ctx, Milestone, milestone_id, PAY)
    require_state(grant, (GrantState.ACTIVE, GrantState.FINAL))
    if milestone.state not in (MilestoneState.VERIFIED, MilestoneState.PAID):
        raise NotVerified(state=milestone.state)
    state = MILESTONE.apply(milestone.state, "pay", await decision_facts(ctx, milestone))
    fen = await payable(ctx, grant, milestone)
    if not fen:
        raise NothingPayable()
    payment = await rows.insert(
        ctx,
        Payment,
        action="pay",
        id=new_id(),
        **belonging(grant),
        milestone_id=milestone.id,
        amount_fen=fen,
        paid_on=ctx.today(),
        paid_by=ctx.actor.id,
    )
    await allocations.pay(ctx, grant, payment.id, fen)
    await rows.update(ctx, grant, action="pay", paid_fen=grant.paid_fen + fen)
    await rows.update(ctx, milestone, action="pay", expected_version=expected_version, state=state)
    await publish(ctx, TranchePaid(grant_id=grant.id, payment_id=payment.id, amount_fen=fen))
    return payment


async def payable(ctx: Context, grant: Grant, milestone: Milestone) -> int:
    """What would be paid for a verified milestone now, in fen.

    Raises: ReportOverdue, MidtermNotPassed, FinalNotPassed, AuditMissing.
    """
    milestones = await milestones_of(ctx, grant.id)
    late = next((one for one in milestones if is_overdue(ctx, one)), None)
    if late is not None:
        raise ReportOverdue(number=late.number, due_on=late.due_on)
    await require_appraised(ctx, grant, milestone)
    audit = await rows.find_by(ctx, Audit, grant_id=grant.id)
    if audit is None and milestone.number == milestones[-1].number:
        raise AuditMissing()
    if audit is None:
        return int(milestone.amount_fen)
    return int(max(0, min(milestone.amount_fen, audit.accepted_fen - held(grant))))


def held(grant: Grant) -> int:
    """What the organisation was paid and has neither given back nor accounted for, in fen."""
    return int(grant.paid_fen - grant.refunded_fen - grant.settled_fen)
