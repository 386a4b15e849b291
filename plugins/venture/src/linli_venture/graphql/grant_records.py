"""What was paid, spent, given back, changed and judged of a grant, in the API."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import Amount, Area, Connection, Node, Organisation, column, extend, many, node, one
from linli_venture.grants import tables
from linli_venture.graphql.grant_words import (
    AppraisalGrade,
    AppraisalKind,
    ChangeKind,
    ChangeState,
    ExpenditureState,
    PaidFrom,
    RefundKind,
    RefundState,
)
from linli_venture.graphql.grants import TEAM, VentureGrant, VentureGrantLine, VentureMilestone
from linli_venture.objecting import ObjectionState


@node(
    tables.Payment,
    plural="venture_payments",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("paid_on", "grant"),
    order_by=("paid_on",),
    group_by=("area", "paid_on"),
    sums=("amount_fen",),
)
class VenturePayment(Node):
    """A tranche that was paid."""

    amount_fen: Amount = column("How much, in fen.")
    paid_on: date = column("When.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")
    milestone: VentureMilestone | None = one("milestone_id", "What it was paid for.")


@node(
    tables.Expenditure,
    plural="venture_expenditures",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("spent_on", "grant", "line", "paid_from"),
    order_by=("spent_on",),
    group_by=("state", "area", "spent_on", "paid_from"),
    sums=("amount_fen",),
)
class VentureExpenditure(Node):
    """What the organisation spent under a line, by a receipt."""

    amount_fen: Amount = column("How much, in fen.")
    spent_on: date = column("When.")
    item: str = column("For what.")
    paid_from: PaidFrom = column("What it was paid from.")
    receipt_number: str = column("The number of the receipt; its file is read at /files.")
    state: ExpenditureState = column("Whether it counts.")
    decided_at: datetime | None = column("When that was decided.")
    decided_reason: str = column("Why it does not count; empty when it does.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")
    line: VentureGrantLine | None = one("line_id", "The line of the budget.")


@node(
    tables.Refund,
    plural="venture_refunds",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("received_on", "grant", "state"),
    order_by=("received_on",),
)
class VentureRefund(Node):
    """Money that the organisation gave back."""

    kind: RefundKind = column("Why.")
    amount_fen: Amount = column("How much, in fen.")
    received_on: date = column("When.")
    basis: str = column("The number of the bank voucher.")
    state: RefundState = column("Whether it counts.")
    decided_at: datetime | None = column("When it was confirmed or rejected.")
    decided_reason: str = column("Why it was rejected; empty when it was not.")
    undone_at: datetime | None = column("When it was reversed or repaid.")
    undone_reason: str = column("Why; empty when it was not.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


@node(
    tables.Change,
    plural="venture_changes",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("state", "grant"),
)
class VentureChange(Node):
    """A request to change the contract."""

    kind: ChangeKind = column("What is to be changed.")
    reason: str = column("Why.")
    state: ChangeState = column("Where it stands.")
    decided_at: datetime | None = column("When it was decided.")
    decided_reason: str = column("Why it was rejected; empty when it was not.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")
    items: Connection[VentureChangeItem] = many("change_id", "What is to be as new.")


@node(tables.ChangeItem, plural="venture_change_items", permission="venture.grant.read", filters=("change",))
class VentureChangeItem(Node):
    """A new amount of a line, or a new day of a milestone."""

    old_amount_fen: Amount | None = column("What the line had when that was asked for, in fen.")
    amount_fen: Amount | None = column("What it is to have.")
    old_due_on: date | None = column("When the milestone was due when that was asked for.")
    due_on: date | None = column("When it is to be due.")
    area: Area | None = one("area_id", "Where the project is.")
    change: VentureChange | None = one("change_id", "The request.")
    line: VentureGrantLine | None = one("line_id", "The line.")
    milestone: VentureMilestone | None = one("milestone_id", "The milestone.")


@node(
    tables.Appraisal,
    plural="venture_appraisals",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("appraised_on", "grant"),
    order_by=("appraised_on",),
    group_by=("kind", "grade", "area"),
)
class VentureAppraisal(Node):
    """How a project was found at half-time or at its end."""

    kind: AppraisalKind = column("At half-time or at the end.")
    score: int = column("From 0 to 100.")
    grade: AppraisalGrade = column("What the score means.")
    summary: str = column("What was found.")
    appraised_on: date = column("When.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


@node(
    tables.Audit,
    plural="venture_audits",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("audited_on", "grant"),
    order_by=("audited_on",),
)
class VentureAudit(Node):
    """What an auditor found: how much of what was spent counts."""

    auditor: str = column("The firm or office.")
    report_number: str = column("The number of the report.")
    accepted_fen: Amount = column("How much counts, in fen.")
    opinion: str = column("What was found.")
    audited_on: date = column("When.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


@node(
    tables.TerminationObjection,
    plural="venture_termination_objections",
    permission="venture.grant.read",
    own_through=TEAM,
    filters=("state", "grant"),
)
class VentureTerminationObjection(Node):
    """An objection to the termination of a grant."""

    state: ObjectionState = column("Where it stands.")
    reason: str = column("What is objected.")
    raised_at: datetime = column("When it was raised.")
    terminated_on: date = column("When the grant was terminated.")
    end_reason: str = column("Why it was terminated.")
    end_rule: str = column("The rule, with its version, that the termination rests on.")
    recovery_fen: Amount = column("What had to be given back with it, in fen.")
    decided_at: datetime | None = column("When it was decided.")
    decision_reason: str = column("Why it was upheld or dismissed.")
    area: Area | None = one("area_id", "Where the project is.")
    grant: VentureGrant | None = one("grant_id", "The grant.")


class GrantRecords:
    """What belongs to a grant."""

    payments: Connection[VenturePayment] = many("grant_id", "What was paid.")
    expenditures: Connection[VentureExpenditure] = many("grant_id", "What was spent.")
    refunds: Connection[VentureRefund] = many("grant_id", "What was given back.")
    changes: Connection[VentureChange] = many("grant_id", "What was to be changed.")
    appraisals: Connection[VentureAppraisal] = many("grant_id", "How it was found.")
    audits: Connection[VentureAudit] = many("grant_id", "The audit, once there is one.")
    termination_objections: Connection[VentureTerminationObjection] = many(
        "grant_id", "The objections to its termination."
    )


class UnitGrants:
    """What a unit was awarded."""

    venture_grants: Connection[VentureGrant] = many("organisation_id", "What the unit was awarded so far.")


RECORD_NODES = (
    VenturePayment,
    VentureExpenditure,
    VentureRefund,
    VentureChange,
    VentureChangeItem,
    VentureAppraisal,
    VentureAudit,
    VentureTerminationObjection,
)
RECORD_EXTENSIONS = (extend(VentureGrant)(GrantRecords), extend(Organisation)(UnitGrants))
