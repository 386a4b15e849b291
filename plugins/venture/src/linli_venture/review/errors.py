"""What is refused of experts, draws and reviews; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class ExpertTaken(Conflict):
    """The person is an expert already."""

    code = "venture.expert_taken"


class UncheckedProposals(Conflict):
    """`count` proposals wait for the check or for their correction."""

    code = "venture.unchecked_proposals"


class ObjectionOpen(Conflict):
    """`count` applicants may still object, or wait for a decision on their objection."""

    code = "venture.objection_open"


class NothingToReview(Conflict):
    """No proposal is eligible."""

    code = "venture.nothing_to_review"


class TooFewExperts(Conflict):
    """For proposal `number` in `category` there are `count` experts without a known interest; `needed` are needed."""

    code = "venture.too_few_experts"


class DeclareFirst(Conflict):
    """An expert declares interests before opening a proposal."""

    code = "venture.declare_first"


class DeclaredAlready(Conflict):
    """The expert's interests in a call are declared once; one found later is declared on the review."""

    code = "venture.declared_already"


class NotDrawn(Forbidden):
    """The caller was not drawn as a reviewer of this call."""

    code = "venture.not_drawn"


class ReviewerManages(Forbidden):
    """Whoever was drawn as a reviewer of a call does not manage its review."""

    code = "venture.reviewer_manages"


class NotAnApplicantHere(Invalid):
    """The organisation does not apply in this call."""

    code = "venture.no_applicant_here"


class Conflicted(Forbidden):
    """Whoever has an interest in an applicant reviews neither its proposal nor those of its rivals."""

    code = "venture.conflicted"


class ScoreFinal(Conflict):
    """A score that was submitted is never changed."""

    code = "venture.score_final"


class SheetIncomplete(Invalid):
    """A sheet has points for each criterion, once (`criterion`)."""

    code = "venture.sheet_incomplete"


class TooFewReviews(Conflict):
    """Proposal `number` has `count` reviews; `needed` are needed."""

    code = "venture.too_few_reviews"


class NotReviewing(Conflict):
    """The call is not under review (`state`)."""

    code = "venture.not_reviewing"


class RankedAlready(Conflict):
    """The call was ranked: scores are open, and the ranking stays."""

    code = "venture.ranked_already"


class NoDefence(Conflict):
    """The call has no defence."""

    code = "venture.no_defence"


class NotShortlisted(Conflict):
    """The proposal is not heard in the defence."""

    code = "venture.not_shortlisted"


class ShortlistedAlready(Conflict):
    """It was said who defends."""

    code = "venture.shortlisted_already"
