"""Paying, spending, giving back and judging; each calls one service, which has the rules."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_venture.grants import appraising, paying, refunding, spending, tables
from linli_venture.graphql.grant_inputs import (
    AppraiseVentureGrantInput,
    AuditVentureGrantInput,
    EnterVentureExpenditureInput,
    TakeBackVentureMoneyInput,
    VentureGrantReasonInput,
    VentureGrantStepInput,
)
from linli_venture.graphql.grant_records import (
    VentureAppraisal,
    VentureAudit,
    VentureExpenditure,
    VenturePayment,
    VentureRefund,
)
from linli_venture.graphql.grant_words import PaidFrom

_EXPENDITURE = {"id": "VentureExpenditure"}
_REFUND = {"id": "VentureRefund"}


@mutation(gives=VenturePayment)
async def pay_venture_tranche(ctx: Context, input: VentureGrantStepInput) -> tables.Payment:
    """Pay the tranche of a milestone that was verified; by somebody who neither showed nor verified it."""
    values = values_of(input, ids={"id": "VentureMilestone"})
    return await paying.pay(ctx, values.pop("id"), **values)


@mutation(gives=VentureRefund)
async def take_back_venture_money(ctx: Context, input: TakeBackVentureMoneyInput) -> tables.Refund:
    """Record money that the organisation gave back; somebody else confirms it."""
    values = values_of(input, ids={"id": "VentureGrant"})
    return await refunding.take_back(ctx, values.pop("id"), **values)


@mutation(gives=VentureRefund)
async def confirm_venture_refund(ctx: Context, input: VentureGrantStepInput) -> tables.Refund:
    """Say that what somebody else recorded came in; it goes where it came from."""
    values = values_of(input, ids=_REFUND)
    return await refunding.confirm(ctx, values.pop("id"), **values)


@mutation(gives=VentureRefund)
async def reject_venture_refund(ctx: Context, input: VentureGrantReasonInput) -> tables.Refund:
    """Say that what somebody else recorded did not come in."""
    values = values_of(input, ids=_REFUND)
    return await refunding.reject(ctx, values.pop("id"), **values)


@mutation(gives=VentureRefund)
async def reverse_venture_refund(ctx: Context, input: VentureGrantReasonInput) -> tables.Refund:
    """Take back a refund that two others recorded and confirmed by mistake."""
    values = values_of(input, ids=_REFUND)
    return await refunding.reverse(ctx, values.pop("id"), **values)


@mutation(gives=VentureExpenditure)
async def enter_venture_expenditure(ctx: Context, input: EnterVentureExpenditureInput) -> tables.Expenditure:
    """Enter what was spent under a line of the budget."""
    values = values_of(input, ids={"line_id": "VentureGrantLine"})
    values["paid_from"] = values.get("paid_from") or PaidFrom.GRANT
    return await spending.enter(ctx, **values)


@mutation(gives=VentureExpenditure)
async def verify_venture_expenditure(ctx: Context, input: VentureGrantStepInput) -> tables.Expenditure:
    """Say that what somebody else entered was spent as its receipt says."""
    values = values_of(input, ids=_EXPENDITURE)
    return await spending.verify(ctx, values.pop("id"), **values)


@mutation(gives=VentureExpenditure)
async def reject_venture_expenditure(ctx: Context, input: VentureGrantReasonInput) -> tables.Expenditure:
    """Say that what somebody else entered does not count."""
    values = values_of(input, ids=_EXPENDITURE)
    return await spending.reject(ctx, values.pop("id"), **values)


@mutation(gives=VentureAppraisal)
async def appraise_venture_grant(ctx: Context, input: AppraiseVentureGrantInput) -> tables.Appraisal:
    """Judge a project at half-time or at its end."""
    return await appraising.appraise(ctx, **values_of(input, ids={"grant_id": "VentureGrant"}))


@mutation(gives=VentureAudit)
async def audit_venture_grant(ctx: Context, input: AuditVentureGrantInput) -> tables.Audit:
    """Record what an auditor found, once the work is done."""
    return await appraising.record_audit(ctx, **values_of(input, ids={"grant_id": "VentureGrant"}))


RECORD_MUTATIONS = (
    pay_venture_tranche,
    take_back_venture_money,
    confirm_venture_refund,
    reject_venture_refund,
    reverse_venture_refund,
    enter_venture_expenditure,
    verify_venture_expenditure,
    reject_venture_expenditure,
    appraise_venture_grant,
    audit_venture_grant,
)
