"""What is refused of applicants and proposals; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class NotAnApplicant(Forbidden):
    """The caller is nobody who acts for this organisation."""

    code = "venture.not_an_applicant"


class AlreadyAMember(Conflict):
    """The person acts for this organisation already."""

    code = "venture.already_a_member"


class TooManyMembers(Conflict):
    """At most `limit` people act for an organisation."""

    code = "venture.too_many_members"


class OwnProposal(Forbidden):
    """Nobody checks or decides on a proposal of an organisation for which they act."""

    code = "venture.own_proposal"


class OwnCall(Forbidden):
    """Whoever acts for an applicant checks, reviews and decides nothing in the call in which it competes."""

    code = "venture.own_call"


class NotOpenYet(Conflict):
    """The call opens at `opens_at`."""

    code = "venture.not_open_yet"


class CallFull(Conflict):
    """A call takes in at most `limit` proposals."""

    code = "venture.call_full"


class LateEntry(Conflict):
    """The call closed at `closes_at`."""

    code = "venture.late_entry"


class CallNotOpen(Conflict):
    """The call takes no proposals in (`state`)."""

    code = "venture.call_not_open"


class CorrectionTooLate(Conflict):
    """The time for the correction was over at `until`."""

    code = "venture.correction_too_late"


class NotEditable(Conflict):
    """A proposal is changed while it is a draft or was returned (`state`)."""

    code = "venture.not_editable"


class UnknownField(Invalid):
    """The call has no such category (`category`)."""

    code = "venture.unknown_category"


class EndsBeforeStart(Invalid):
    """A project ends on the day it starts, or later."""

    code = "venture.ends_before_start"


class Incomplete(Invalid):
    """The proposal lacks something that a submission needs (`field`)."""

    code = "venture.incomplete"


class DeclarationMissing(Invalid):
    """An applicant makes every declaration (`declaration`)."""

    code = "venture.declaration_missing"


class OwnFundsTooLow(Invalid):
    """The grant is more than `percent` per cent of the budget."""

    code = "venture.own_funds_too_low"


class NothingToGrant(Invalid):
    """Own funds cover the whole budget."""

    code = "venture.nothing_to_grant"


class AboveCap(Invalid):
    """The grant is above what one project gets (`cap` in fen)."""

    code = "venture.above_cap"


class ApplicantNotRegistered(Conflict):
    """The organisation is not registered today."""

    code = "venture.applicant_not_registered"


class ApplicantBarred(Conflict):
    """The organisation is barred from applying for public funds today."""

    code = "venture.applicant_barred"


class BelowFloor(Conflict):
    """The organisation has no valid grade of `floor` or better."""

    code = "venture.below_floor"


class FundedTwice(Conflict):
    """The same project was awarded a grant before."""

    code = "venture.funded_twice"


class ReturnedAlready(Conflict):
    """A proposal is returned for correction once."""

    code = "venture.returned_already"


class ObjectionTooLate(Conflict):
    """The time to object was over at `until`."""

    code = "venture.objection_too_late"


class NoObjection(Conflict):
    """Nobody objected."""

    code = "venture.no_objection"


class ObjectedAlready(Conflict):
    """An objection was raised before."""

    code = "venture.objected_already"
