"""What is refused about grants; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Invalid


class LinesMissing(Invalid):
    """A contract has 1 to `limit` lines."""

    code = "venture.lines_missing"


class LinesNotGrant(Invalid):
    """The lines add up to `sum_fen`, and the grant is `grant_fen`."""

    code = "venture.lines_not_grant"


class LineTwice(Invalid):
    """Two lines of one name, or one line or milestone named twice (`name`)."""

    code = "venture.line_twice"


class MilestoneSharesNotWhole(Invalid):
    """The shares of the milestones add up to `sum_percent`, not to 100."""

    code = "venture.milestone_shares_not_whole"


class SharesNotOfCall(Invalid):
    """The milestones have the shares of the tranches that the call was published with (`shares`)."""

    code = "venture.shares_not_of_call"


class MilestonesMissing(Invalid):
    """A contract has 1 to `limit` milestones, each with a share of at least one per cent and one fen."""

    code = "venture.milestones_missing"


class DatesOutOfOrder(Invalid):
    """The project ends before it starts, or a milestone is due before the one before it, or before the start."""

    code = "venture.dates_out_of_order"


class NotPrepared(Conflict):
    """The contract has no lines, milestones and days yet."""

    code = "venture.not_prepared"


class GrantNotActive(Conflict):
    """The grant does not stand where this can be done (`state`)."""

    code = "venture.grant_not_active"


class EvidenceMissing(Conflict):
    """A milestone is submitted with at least one file of evidence."""

    code = "venture.evidence_missing"


class NotVerified(Conflict):
    """A milestone is paid only once its evidence was verified (`state`)."""

    code = "venture.not_verified"


class ReportOverdue(Conflict):
    """Nothing is paid while a report is overdue (`number`, `due_on`)."""

    code = "venture.report_overdue"


class AuditMissing(Conflict):
    """The last tranche is paid, and a grant closed, only after the audit."""

    code = "venture.audit_missing"


class MidtermNotPassed(Conflict):
    """The tranche is paid once the midterm appraisal was passed, as the call's terms say."""

    code = "venture.midterm_not_passed"


class FinalNotPassed(Conflict):
    """The tranche is paid once the final appraisal was passed, as the call's terms say."""

    code = "venture.final_not_passed"


class NothingPayable(Conflict):
    """What the audit accepted is paid already."""

    code = "venture.nothing_payable"


class LineExceeded(Conflict):
    """More would be spent under the line than its amount and `percent` per cent (`line`, `left_fen`)."""

    code = "venture.line_exceeded"


class ReceiptUsed(Conflict):
    """The receipt counts for another expenditure, however its number is spaced and written."""

    code = "venture.receipt_used"


class ReceiptFileMissing(Conflict):
    """An expenditure is verified by its receipt, which is not attached."""

    code = "venture.receipt_file_missing"


class SpentOutside(Invalid):
    """The money was spent before the project started, or after it ended."""

    code = "venture.spent_outside"


class NothingChanged(Invalid):
    """The request changes nothing, or is of another kind than its items."""

    code = "venture.nothing_changed"


class ChangePending(Conflict):
    """Another request of this kind waits for a decision."""

    code = "venture.change_pending"


class MilestoneDone(Conflict):
    """The day of a milestone whose evidence is in cannot be moved (`number`)."""

    code = "venture.milestone_done"


class MilestonesOpen(Conflict):
    """Milestones are not verified yet (`numbers`)."""

    code = "venture.milestones_open"


class AppraisalMissing(Conflict):
    """The grant has no final appraisal."""

    code = "venture.appraisal_missing"


class AlreadyAppraised(Conflict):
    """The grant has passed an appraisal of this kind."""

    code = "venture.already_appraised"


class AlreadyAudited(Conflict):
    """The grant was audited."""

    code = "venture.already_audited"


class AcceptedTooMuch(Invalid):
    """More is accepted than was spent and verified, or than the grant less what was given back (`high_fen`)."""

    code = "venture.accepted_too_much"


class ExpendituresOpen(Conflict):
    """Expenditures are not decided yet (`count`)."""

    code = "venture.expenditures_open"


class PaymentDue(Conflict):
    """A tranche that the audit accepted is not paid yet (`fen`)."""

    code = "venture.payment_due"


class RefundDue(Conflict):
    """What is not accounted for has to be given back first (`fen`)."""

    code = "venture.refund_due"


class RefundTooHigh(Conflict):
    """More would be given back than the organisation holds of the grant and was not accepted (`high_fen`)."""

    code = "venture.refund_too_high"


class RefundsOpen(Conflict):
    """What was given back is not confirmed or rejected yet (`count`)."""

    code = "venture.refunds_open"


class SourceSpent(Conflict):
    """What went back to a source is reserved or spent; it lacks so much (`source`, `missing_fen`)."""

    code = "venture.source_spent"


class BasisTwice(Conflict):
    """The voucher counts for another refund of the grant."""

    code = "venture.basis_twice"


class ScoreOutOfRange(Invalid):
    """A score is from 0 to 100."""

    code = "venture.score_out_of_range"
