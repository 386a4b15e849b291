"""What this plugin refuses; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class ImpossibleTime(Invalid):
    """A moment without a time zone, or of another century."""

    code = "volunteers.impossible_time"


class EndsBeforeStart(Invalid):
    """The end does not lie after the beginning."""

    code = "volunteers.ends_before_start"


class ShiftTooLong(Invalid):
    """An activity lasts longer than one may (`limit`, in hours)."""

    code = "volunteers.shift_too_long"


class PlacesOutOfRange(Invalid):
    """The number of places is not from 1 to `limit`."""

    code = "volunteers.places_out_of_range"


class OrganiserUnusable(Conflict):
    """There is no such organisation, or it no longer exists."""

    code = "volunteers.organiser_unusable"


class NotChangeable(Conflict):
    """In its `state` this `field` of the activity stands."""

    code = "volunteers.not_changeable"


class FewerPlacesThanEnrolled(Conflict):
    """More volunteers are enrolled (`enrolled`) than there would be places."""

    code = "volunteers.fewer_places_than_enrolled"


class HoursOpen(Conflict):
    """Entries of hours (`count`) are neither posted nor reversed yet."""

    code = "volunteers.hours_open"


class PersonNotActive(Conflict):
    """The person's entry in the register is not active."""

    code = "volunteers.person_not_active"


class AlreadyRegistered(Conflict):
    """The person is a volunteer already."""

    code = "volunteers.already_registered"


class NotAVolunteer(Conflict):
    """The volunteer has withdrawn."""

    code = "volunteers.not_a_volunteer"


class NotRecruiting(Conflict):
    """Nobody can enrol for an activity in this `state`."""

    code = "volunteers.not_recruiting"


class NoPlaceLeft(Conflict):
    """All `places` are taken."""

    code = "volunteers.no_place_left"


class AlreadyEnrolled(Conflict):
    """The volunteer is enrolled for this activity already."""

    code = "volunteers.already_enrolled"


class EnrolmentOverlaps(Conflict):
    """The volunteer is enrolled for another activity at that time."""

    code = "volunteers.enrolment_overlaps"


class HasHours(Conflict):
    """The volunteer's hours at this activity stand, so the enrolment does too."""

    code = "volunteers.has_hours"


class NotEnrolled(Conflict):
    """Hours are claimed by those who were enrolled."""

    code = "volunteers.not_enrolled"


class NotClaimable(Conflict):
    """Hours are claimed while an activity runs or once it is finished, not in this `state`."""

    code = "volunteers.not_claimable"


class BeyondShift(Invalid):
    """The hours lie outside the activity, or last longer than it did."""

    code = "volunteers.beyond_shift"


class HoursOverlap(Conflict):
    """The person has other hours at that time."""

    code = "volunteers.hours_overlap"


class AlreadyClaimed(Conflict):
    """The person has hours at this activity; a wrong entry is reversed first."""

    code = "volunteers.already_claimed"


class SelfVerification(Forbidden):
    """Nobody verifies hours that they served or claimed themselves."""

    code = "volunteers.self_verification"


class NothingToCertify(Conflict):
    """No posted hours lie on or before the day."""

    code = "volunteers.nothing_to_certify"


class ResidentsOutOfRange(Invalid):
    """The number of residents is not from 0 to `limit`."""

    code = "volunteers.residents_out_of_range"
