"""What is refused of needs and calls; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Invalid


class SharesNotWhole(Invalid):
    """The shares of the tranches add up to `total` per cent, not to 100."""

    code = "venture.shares_not_whole"


class WeightsNotWhole(Invalid):
    """The weights of the scoring sheet add up to `total`, not to 100."""

    code = "venture.weights_not_whole"


class NoNeedsCriterion(Invalid):
    """The scoring sheet needs the criterion `needs`, by which ties are broken."""

    code = "venture.no_needs_criterion"


class GivenTwice(Invalid):
    """Something that stands once on a list is given twice (`value`)."""

    code = "venture.given_twice"


class ClosesBeforeOpening(Invalid):
    """A call closes after it opens."""

    code = "venture.closes_before_opening"


class OpensInThePast(Conflict):
    """A call is published before it opens."""

    code = "venture.opens_in_the_past"


class CallFrozen(Conflict):
    """A call that was published is changed by amendments only (`state`)."""

    code = "venture.call_frozen"


class ClosingMovedForward(Invalid):
    """An amendment can only put the closing off."""

    code = "venture.closing_moved_forward"


class AmendedTooLate(Conflict):
    """A call is amended before it closes."""

    code = "venture.amended_too_late"


class NothingAmended(Invalid):
    """An amendment changes the closing or the guide."""

    code = "venture.nothing_amended"


class StillOpen(Conflict):
    """The call is open until `closes_at`."""

    code = "venture.still_open"


class NeedNotPublished(Conflict):
    """Only a published need can be answered."""

    code = "venture.need_not_published"


class SeedChanged(Conflict):
    """The seed that is kept is not the one that was committed to: nobody is drawn from it."""

    code = "venture.seed_changed"
