"""The tables of grants. All lie where the grant does; amounts are in fen, and money itself is in the ledger."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Grant(AreaTable, tablename="venture_grant"):
    """What an organisation was awarded for a project.

    The database keeps `paid_fen` <= `verified_fen` <= `amount_fen`. `released_fen` went back to the pool without being
    paid, `refunded_fen` came back from the organisation, `settled_fen` was accounted for, and `recovery_fen` is what
    had to be given back when the grant was terminated.
    """

    call_id = UUID()
    pool_id = UUID()
    proposal_id = UUID()
    decision_id = UUID()
    organisation_id = UUID()
    title = Text()
    category = Text(default="")
    project_digest = Text(help_text="tells an organisation's projects apart, as for proposals")
    amount_fen = BigInt()
    own_fen = BigInt(default=0, help_text="what the organisation promised to add of its own")
    own_shown_fen = BigInt(default=0, help_text="what of it was spent and verified")
    state = Text(default="awarded")
    account_id = UUID()
    verified_fen = BigInt(default=0)
    paid_fen = BigInt(default=0)
    released_fen = BigInt(default=0)
    refunded_fen = BigInt(default=0)
    settled_fen = BigInt(default=0)
    recovery_fen = BigInt(default=0)
    awarded_by = UUID(default=None, null=True)
    awarded_at = Timestamptz()
    starts_on = Date(default=None, null=True)
    ends_on = Date(default=None, null=True)
    prepared_by = UUID(default=None, null=True)
    signed_by = UUID(default=None, null=True)
    signed_on = Date(default=None, null=True)
    document_id = UUID(default=None, null=True)
    contract_number = Text(default="", help_text="under which anybody can check the contract")
    started_on = Date(default=None, null=True)
    suspended_on = Date(default=None, null=True)
    suspend_reason = Text(default="")
    finished_on = Date(default=None, null=True)
    audited_by = UUID(default=None, null=True)
    ended_by = UUID(default=None, null=True)
    ended_on = Date(default=None, null=True)
    end_reason = Text(default="")
    end_rule = Text(default="", help_text="the rule, with its version, that a termination rests on")
    object_until = Date(default=None, null=True, help_text="the last day to object to a termination")
    bar_id = UUID(default=None, null=True, help_text="the bar of organisations that came with a termination")
    reinstated = Integer(default=0, help_text="how often a termination was undone")


class Allocation(AreaTable, tablename="venture_allocation"):
    """How much of a grant comes from one source; the hold on the source's money."""

    grant_id = UUID()
    source_id = UUID()
    hold_id = UUID()
    place = Integer(help_text="the order in which sources pay; money comes back in the opposite one")
    amount_fen = BigInt()
    paid_fen = BigInt(default=0)
    released_fen = BigInt(default=0)
    refunded_fen = BigInt(default=0)


class GrantLine(AreaTable, tablename="venture_grant_line"):
    """A line of the budget that the grant pays for."""

    grant_id = UUID()
    organisation_id = UUID()
    place = Integer()
    name = Text()
    amount_fen = BigInt()


class Milestone(AreaTable, tablename="venture_milestone"):
    """What is to be shown by when, and the share of the grant that is paid for it."""

    grant_id = UUID()
    organisation_id = UUID()
    number = Integer()
    title = Text()
    share_percent = Integer()
    amount_fen = BigInt()
    due_on = Date()
    state = Text(default="planned")
    report = Text(default="")
    submitted_by = UUID(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    decided_reason = Text(default="")
    verified_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)


class Payment(AreaTable, tablename="venture_payment"):
    """A tranche that was paid; the entries of the ledger name it as their source."""

    grant_id = UUID()
    organisation_id = UUID()
    milestone_id = UUID()
    amount_fen = BigInt()
    paid_on = Date()
    paid_by = UUID(default=None, null=True)


class Expenditure(AreaTable, tablename="venture_expenditure"):
    """What the organisation spent under a line, by a receipt; own funds do not count for the line's amount."""

    grant_id = UUID()
    organisation_id = UUID()
    line_id = UUID()
    amount_fen = BigInt()
    spent_on = Date()
    item = Text()
    paid_from = Text(default="grant")
    receipt_number = Text()
    receipt_digest = Text(help_text="tells receipts apart, however their numbers are written")
    state = Text(default="entered")
    entered_by = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_reason = Text(default="")


class Refund(AreaTable, tablename="venture_refund"):
    """Money that the organisation gave back: it counts, and stands in the ledger, while it is confirmed.

    `undone_*` tell of its reversal, when it was a mistake, or of its repayment, when the termination was undone.
    """

    grant_id = UUID()
    organisation_id = UUID()
    kind = Text()
    amount_fen = BigInt()
    received_on = Date()
    basis = Text(help_text="the number of the bank voucher")
    state = Text(default="recorded")
    recorded_by = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_reason = Text(default="")
    undone_by = UUID(default=None, null=True)
    undone_at = Timestamptz(default=None, null=True)
    undone_reason = Text(default="")


class Change(AreaTable, tablename="venture_change"):
    """A request to change the contract."""

    grant_id = UUID()
    organisation_id = UUID()
    kind = Text()
    reason = Text()
    state = Text(default="proposed")
    proposed_by = UUID(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decided_reason = Text(default="")


class ChangeItem(AreaTable, tablename="venture_change_item"):
    """A new amount of a line, or a new day of a milestone; `old_*` is what it was when that was asked for."""

    change_id = UUID()
    line_id = UUID(default=None, null=True)
    milestone_id = UUID(default=None, null=True)
    old_amount_fen = BigInt(default=None, null=True)
    amount_fen = BigInt(default=None, null=True)
    old_due_on = Date(default=None, null=True)
    due_on = Date(default=None, null=True)


class Appraisal(AreaTable, tablename="venture_appraisal"):
    """How a project was found at half-time or at its end; the last final one is published when the grant is closed."""

    grant_id = UUID()
    organisation_id = UUID()
    kind = Text()
    score = Integer()
    grade = Text()
    summary = Text()
    appraised_by = UUID(default=None, null=True)
    appraised_on = Date()


class Audit(AreaTable, tablename="venture_audit"):
    """What an auditor found: how much of what was spent counts."""

    grant_id = UUID()
    organisation_id = UUID()
    auditor = Text(help_text="the firm or office, not a person")
    report_number = Text()
    accepted_fen = BigInt()
    opinion = Text()
    audited_on = Date()
    recorded_by = UUID(default=None, null=True)


class TerminationObjection(AreaTable, tablename="venture_termination_objection"):
    """An objection to the termination of a grant, with what is objected to."""

    grant_id = UUID()
    organisation_id = UUID()
    terminated_by = UUID(default=None, null=True)
    terminated_on = Date()
    end_reason = Text()
    end_rule = Text()
    recovery_fen = BigInt()
    state = Text(default="raised")
    reason = Text()
    raised_by = UUID(default=None, null=True)
    raised_at = Timestamptz()
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decision_reason = Text(default="")
