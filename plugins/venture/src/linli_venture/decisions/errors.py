"""What is refused of decisions and objections; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class NotRanked(Conflict):
    """A call is decided once it was ranked."""

    code = "venture.not_ranked"


class DecisionExists(Conflict):
    """There is a decision on the call already that is neither discarded nor withdrawn."""

    code = "venture.decision_exists"


class OutcomeMissing(Invalid):
    """A decision says of each ranked proposal once what becomes of it (`number`)."""

    code = "venture.outcome_missing"


class AboveRequest(Invalid):
    """A grant is at most what was asked for: `limit` fen for proposal `number`."""

    code = "venture.above_request"


class OutOfRank(Invalid):
    """Awards follow the ranks, then the reserve list, unless a reason for another order is given (`number`)."""

    code = "venture.out_of_rank"


class AwardsAbovePool(Conflict):
    """The awards add up to `total_fen`; besides others under notice, the pool has `left_fen` for their categories."""

    code = "venture.awards_above_pool"


class NoticeRunning(Conflict):
    """Objections are possible until `until`."""

    code = "venture.notice_running"


class NoticeOver(Conflict):
    """Objections were possible until `until`."""

    code = "venture.notice_over"


class NotUnderNotice(Conflict):
    """The awards are not under public notice."""

    code = "venture.not_under_notice"


class OwnObjection(Forbidden):
    """An objection is decided by somebody with no part in the review and the awards, who acts for no applicant."""

    code = "venture.own_objection"


class NotNextInReserve(Conflict):
    """Proposal `number` comes first on the reserve list."""

    code = "venture.not_next_in_reserve"
