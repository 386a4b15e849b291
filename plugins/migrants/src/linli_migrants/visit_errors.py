"""What this plugin refuses of posts, visits, the census, services and figures; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class NoPostHere(Forbidden):
    """Whoever made the visit was posted at no area around it on that day."""

    code = "migrants.no_post_here"


class PostTaken(Conflict):
    """The account is posted at this area at that time already."""

    code = "migrants.post_taken"


class PostEnded(Conflict):
    """The post has ended already."""

    code = "migrants.post_ended"


class AccountUnusable(Conflict):
    """There is no such account, or it is disabled."""

    code = "migrants.account_unusable"


class OwnVisit(Forbidden):
    """Nobody visits themselves."""

    code = "migrants.own_visit"


class AppointmentOutOfRange(Invalid):
    """An appointment lies between now and `days` days from now."""

    code = "migrants.appointment_out_of_range"


class VisitOutsideItsTime(Invalid):
    """A visit is made within its month or later, and before the stay ends."""

    code = "migrants.visit_outside_its_time"


class QuarterOutOfRange(Invalid):
    """A quarter is 1 to 4 of a year since 2000, and has begun."""

    code = "migrants.quarter_out_of_range"


class RoundOverlaps(Conflict):
    """A round of this quarter covers this area, a part of it, or an area around it already."""

    code = "migrants.round_overlaps"


class RoundNotOpen(Conflict):
    """The round is not open."""

    code = "migrants.round_not_open"


class RoundAnswered(Conflict):
    """The round has answers already (`count`)."""

    code = "migrants.round_answered"


class DwellingNotInRound(Conflict):
    """The dwelling lies outside the round's area."""

    code = "migrants.dwelling_not_in_round"


class DwellingsOpen(Conflict):
    """There are dwellings without an answer (`count`)."""

    code = "migrants.dwellings_open"


class CountsOnlyWhenInhabited(Invalid):
    """People are counted only where a dwelling was found inhabited."""

    code = "migrants.counts_only_when_inhabited"


class PeopleOutOfRange(Invalid):
    """The number of people is negative or above `limit`."""

    code = "migrants.people_out_of_range"


class NotOnFile(Conflict):
    """The person has no active stay."""

    code = "migrants.not_on_file"


class ServiceNotOffered(Conflict):
    """The service is no longer offered."""

    code = "migrants.service_not_offered"


class ServiceTaken(Conflict):
    """There is a service with this code already."""

    code = "migrants.service_taken"


class ServiceOpen(Conflict):
    """The service is offered to the person, or booked, already."""

    code = "migrants.service_open"


class OnlyByThePerson(Forbidden):
    """This service is voluntary: only the person books it, and it is delivered only when booked."""

    code = "migrants.only_by_the_person"


class OwnDelivery(Forbidden):
    """Nobody notes a service to themselves as delivered."""

    code = "migrants.own_delivery"


class ForbiddenService(Invalid):
    """The name says something for which there is no service here (`word`)."""

    code = "migrants.forbidden_service"


class BadServiceCode(Invalid):
    """A code is 2 to 60 lower-case letters, digits and underscores, and begins with a letter."""

    code = "migrants.bad_service_code"


class FigureOutOfRange(Invalid):
    """A number is negative or above `limit`."""

    code = "migrants.figure_out_of_range"


class NumeratorAboveDenominator(Invalid):
    """The part is larger than the whole of which it is counted."""

    code = "migrants.numerator_above_denominator"


class PeriodOutOfRange(Invalid):
    """A period ends on the day it begins or later, and lasts at most `days` days."""

    code = "migrants.period_out_of_range"


class BadWorkCursor(Invalid):
    """The place in the work list is none that this list gave."""

    code = "migrants.bad_work_cursor"


class OneSectionOnly(Invalid):
    """A work list goes on in one section at a time."""

    code = "migrants.one_section_only"
