"""What this plugin refuses of residence permits; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class OwnApplication(Forbidden):
    """Nobody decides on an application that is their own or that they submitted."""

    code = "migrants.own_application"


class OwnPermit(Forbidden):
    """Nobody endorses their own permit."""

    code = "migrants.own_permit"


class SameDecider(Forbidden):
    """An objection is decided by somebody who did not refuse the application."""

    code = "migrants.same_decider"


class ReturnedBefore(Conflict):
    """An application is returned once, with all that is missing; now it is accepted or refused."""

    code = "migrants.returned_before"


class ReturnTooLate(Conflict):
    """What was not returned within `limit` working days counts as accepted (Administrative Licensing Law, art. 32)."""

    code = "migrants.return_too_late"


class NothingMissing(Conflict):
    """A complete application is not returned."""

    code = "migrants.nothing_missing"


class PapersMissing(Conflict):
    """The application lacks something (`missing`)."""

    code = "migrants.papers_missing"


class PermitForLocals(Conflict):
    """Whoever is in the household register of this place needs no residence permit."""

    code = "migrants.permit_for_locals"


class NotYetEligible(Conflict):
    """Half a year of residence is over on `eligible_from`."""

    code = "migrants.not_yet_eligible"


class NoActiveStay(Conflict):
    """The person has no stay on file."""

    code = "migrants.no_active_stay"


class HasPermit(Conflict):
    """The person has a residence permit already."""

    code = "migrants.has_permit"


class HasApplication(Conflict):
    """An application of the person is open already."""

    code = "migrants.has_application"


class NotChangeable(Conflict):
    """In this `state` the application's papers and ground stand."""

    code = "migrants.application_not_changeable"


class NotAccepted(Conflict):
    """There is a slip once an application was accepted, unless it was withdrawn."""

    code = "migrants.application_not_accepted"


class PaperGiven(Conflict):
    """The application has a paper of this kind already."""

    code = "migrants.paper_given"


class IssuedBeforeAcceptance(Conflict):
    """A permit is issued after the application was accepted, not before that day."""

    code = "migrants.issued_before_acceptance"


class NumberTaken(Conflict):
    """There is a permit with this number already."""

    code = "migrants.permit_number_taken"


class NotYetEndorsable(Conflict):
    """The permit can be endorsed from `opens_on`, a month before its anniversary."""

    code = "migrants.not_yet_endorsable"


class ObjectionTooLate(Conflict):
    """An objection was possible until `until`."""

    code = "migrants.objection_too_late"


class UnknownNumber(Invalid):
    """A permit's number has 6 to 30 letters and digits."""

    code = "migrants.not_a_permit_number"
