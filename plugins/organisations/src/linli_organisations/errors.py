"""What the register refuses. The messages are in `texts/`, under `problems.<code>`."""

from __future__ import annotations

from typing import ClassVar

from linli.plugin import Conflict, Forbidden, Invalid


class NotASocialOrganisation(Conflict):
    """The unit is entered as something else, or is closed; change its entry first."""

    code: ClassVar[str] = "organisations.not_a_social_organisation"


class AlreadyEntered(Conflict):
    """The organisation has an entry, or an application under way, on this track (`track`)."""

    code: ClassVar[str] = "organisations.already_entered"


class UpgradeInstead(Conflict):
    """The organisation is filed: its filing is upgraded, or cancelled first."""

    code: ClassVar[str] = "organisations.upgrade_instead"


class NotAFiling(Conflict):
    """Only an active filing can be upgraded."""

    code: ClassVar[str] = "organisations.not_a_filing"


class NumberTaken(Conflict):
    """Another entry has this number."""

    code: ClassVar[str] = "organisations.number_taken"


class UnknownCategory(Invalid):
    """There is no such category."""

    code: ClassVar[str] = "organisations.unknown_category"


class ObjectionTooLate(Conflict):
    """The time to object is over (`until`)."""

    code: ClassVar[str] = "organisations.objection_too_late"


class EndsBeforeEntry(Invalid):
    """The end lies before the entry."""

    code: ClassVar[str] = "organisations.ends_before_entry"


class EntryClosed(Conflict):
    """The entry or application is closed (`state`): nothing is added to it."""

    code: ClassVar[str] = "organisations.entry_closed"


class PersonOrName(Invalid):
    """Give a person of the register, or a name, and not both."""

    code: ClassVar[str] = "organisations.person_or_name"


class ServingOfficial(Forbidden):
    """A serving official (现职公务员) may not be an officer of a social organisation."""

    code: ClassVar[str] = "organisations.serving_official"


class PostTaken(Conflict):
    """This person holds the post at that time, or it has room for one and is taken."""

    code: ClassVar[str] = "organisations.post_taken"


class TermEnded(Conflict):
    """The officer's term was ended before."""

    code: ClassVar[str] = "organisations.term_ended"


class NotRegistered(Conflict):
    """Only organisations that are registered, not filed, are graded."""

    code: ClassVar[str] = "organisations.not_registered"


class RegisteredTooShortly(Conflict):
    """An assessment takes `years` years of registration."""

    code: ClassVar[str] = "organisations.registered_too_shortly"


class ScoreOutOfRange(Invalid):
    """A score is a number of points from 0 to `limit`."""

    code: ClassVar[str] = "organisations.score_out_of_range"


class AssessorsOutOfRange(Invalid):
    """An assessment has 1 to `limit` assessors, each of them once."""

    code: ClassVar[str] = "organisations.assessors_out_of_range"


class AssessorHasInterest(Forbidden):
    """An assessor declared an interest, or is or was an officer of the organisation (`number`, from 1)."""

    code: ClassVar[str] = "organisations.assessor_has_interest"


class PublishedBeforeAssessed(Invalid):
    """A grade is published on the day of its assessment or later."""

    code: ClassVar[str] = "organisations.published_before_assessed"


class NewerGrade(Conflict):
    """The organisation has a grade that was published on that day or later."""

    code: ClassVar[str] = "organisations.newer_grade"


class BadProfile(Invalid):
    """The profile's section `[plugins.organisations]` cannot be used (`key`, `message`)."""

    code: ClassVar[str] = "organisations.bad_profile"


class BarTooLong(Invalid):
    """A bar ends today or later, and within `years` years."""

    code: ClassVar[str] = "organisations.bar_too_long"


class AlreadyLifted(Conflict):
    """The bar was lifted before."""

    code: ClassVar[str] = "organisations.already_lifted"
