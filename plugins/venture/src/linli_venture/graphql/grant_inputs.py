"""What the mutations of grants take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, Amount, described, input_type
from linli_venture.graphql.grant_words import AppraisalKind, PaidFrom

_REASON = "Why; at most 500 characters."


@input_type
class VentureLineInput:
    """A line of the budget that the grant is to pay for."""

    name: str = described("What it is for; at most 100 characters.")
    amount_fen: Amount = described("How much, in fen; all lines add up to the grant.")


@input_type
class VentureMilestoneInput:
    """What is to be shown, and the share that is paid for it."""

    title: str = described("What is to be shown; at most 100 characters.")
    share_percent: int = described("The share of the grant; all shares add up to 100.")
    due_on: date = described("The last day to show it.")


@input_type
class PrepareVentureContractInput:
    """The contract of a grant; what was prepared before is replaced."""

    id: strawberry.ID = described("The grant.")
    starts_on: date = described("When the project starts.")
    ends_on: date = described("When it ends.")
    lines: list[VentureLineInput] = described("The budget: 1 to 100 lines.")
    milestones: list[VentureMilestoneInput] = described(
        "From 1 to 12 milestones, in the order of their days."
    )
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VentureGrantStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The grant, milestone, expenditure, refund or change.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VentureGrantReasonInput:
    """Which thing is decided on, and why."""

    id: strawberry.ID = described("The grant, milestone, expenditure, refund or change.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class TerminateVentureGrantInput:
    """A grant that is ended for a breach."""

    id: strawberry.ID = described("The grant.")
    reason: str = described(_REASON)
    rule: str = described("The rule, with its version, that it rests on; at most 200 characters.")
    accepted_fen: Amount | None = described(
        "How much of what was spent counts, in fen; nothing by default.", optional=True
    )
    barred_until: date | None = described(
        "The last day on which the unit may not apply; it is not barred by default.", optional=True
    )
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SubmitVentureMilestoneInput:
    """What was done; its evidence is attached at /files before."""

    id: strawberry.ID = described("The milestone.")
    report: str = described("What was done; at most 5,000 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class EnterVentureExpenditureInput:
    """What was spent under a line; its receipt is attached at /files after."""

    line_id: strawberry.ID = described("The line of the budget.")
    amount_fen: Amount = described("How much, in fen.")
    spent_on: date = described("When; while the project runs.")
    item: str = described("For what; at most 200 characters.")
    receipt_number: str = described("The number of the receipt, which counts once; at most 60 characters.")
    paid_from: PaidFrom | None = described("The grant, which is the default, or own funds.", optional=True)


@input_type
class TakeBackVentureMoneyInput:
    """Money that the organisation gave back."""

    id: strawberry.ID = described("The grant.")
    amount_fen: Amount = described("How much, in fen.")
    received_on: date = described("When; not in the future.")
    basis: str = described("The number of the bank voucher; at most 100 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VentureLineChangeInput:
    """The new amount of a line."""

    line_id: strawberry.ID = described("The line.")
    amount_fen: Amount = described("What it is to have, in fen.")


@input_type
class VentureDayChangeInput:
    """The new day of a milestone."""

    milestone_id: strawberry.ID = described("The milestone.")
    due_on: date = described("When it is to be due; not in the past.")


@input_type
class ProposeVentureChangeInput:
    """Other amounts of lines, or other days of milestones; not both."""

    grant_id: strawberry.ID = described("The grant.")
    reason: str = described(_REASON)
    lines: list[VentureLineChangeInput] | None = described(
        "New amounts; all lines still add up to the grant.", optional=True
    )
    milestones: list[VentureDayChangeInput] | None = described("New days.", optional=True)


@input_type
class AppraiseVentureGrantInput:
    """How a project was found."""

    grant_id: strawberry.ID = described("The grant.")
    kind: AppraisalKind = described("At half-time or at the end.")
    score: int = described("From 0 to 100.")
    summary: str = described("What was found, without names of people; at most 2,000 characters.")


@input_type
class AuditVentureGrantInput:
    """What an auditor found."""

    grant_id: strawberry.ID = described("The grant.")
    auditor: str = described("The firm or office, not a person; at most 200 characters.")
    report_number: str = described("The number of the report; at most 100 characters.")
    accepted_fen: Amount = described("How much of what was spent counts, in fen.")
    opinion: str = described("What was found; at most 2,000 characters.")
    audited_on: date = described("When; not in the future.")
