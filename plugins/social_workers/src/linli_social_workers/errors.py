"""What this plugin refuses; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict, Forbidden, Invalid


class OwnCase(Forbidden):
    """Nobody decides on their own case, on what they entered, or on both steps of one case."""

    code = "social_workers.own_case"


class PersonNotActive(Conflict):
    """The person's entry in the register is not active."""

    code = "social_workers.person_not_active"


class ResultKnown(Conflict):
    """There is a result of the person for this subject and year already."""

    code = "social_workers.result_known"


class NotThisSubject(Invalid):
    """The subject is not examined at this level."""

    code = "social_workers.not_this_subject"


class YearOutOfRange(Invalid):
    """The year is not from 2000 to this one."""

    code = "social_workers.year_out_of_range"


class NumberOutOfRange(Invalid):
    """The number is not from `minimum` to `maximum`."""

    code = "social_workers.number_out_of_range"


class NotPassed(Conflict):
    """The results do not certify this level."""

    code = "social_workers.not_passed"


class NumberTaken(Conflict):
    """There is a certificate or licence with this number already."""

    code = "social_workers.number_taken"


class HasCertificate(Conflict):
    """The person has a valid certificate of this level already."""

    code = "social_workers.has_certificate"


class NoCertificate(Conflict):
    """The person has no valid certificate."""

    code = "social_workers.no_certificate"


class CertificateOfOther(Conflict):
    """The certificate is somebody else's, or no longer valid."""

    code = "social_workers.certificate_unusable"


class HasRegistration(Conflict):
    """The person is registered, or has applied."""

    code = "social_workers.has_registration"


class NoRegistration(Conflict):
    """The person has no registration that is in force."""

    code = "social_workers.no_registration"


class RenewalTooEarly(Conflict):
    """A registration is renewed within its last three months, from `from_on`."""

    code = "social_workers.renewal_too_early"


class RenewalTooLate(Conflict):
    """The registration ended on `valid_until`: apply for a new one."""

    code = "social_workers.renewal_too_late"


class RenewalOpen(Conflict):
    """A renewal has been applied for already."""

    code = "social_workers.renewal_open"


class HoursShort(Conflict):
    """Of `required` hours of continuing education only `counted` are approved in this term."""

    code = "social_workers.hours_short"


class EndsBeforeStart(Invalid):
    """The end must be a later day than the beginning."""

    code = "social_workers.ends_before_start"


class PostOverlaps(Conflict):
    """The person has a post at that time: one worker is counted in one place."""

    code = "social_workers.post_overlaps"


class PostEnded(Conflict):
    """The post has ended already."""

    code = "social_workers.post_ended"


class UnitUnusable(Conflict):
    """There is no such unit, or it no longer exists."""

    code = "social_workers.unit_unusable"


class NoLicence(Conflict):
    """Solo practice needs a valid licence for all of its days."""

    code = "social_workers.no_licence"


class OwnSupervision(Invalid):
    """Nobody supervises themselves."""

    code = "social_workers.own_supervision"


class CourseCounted(Conflict):
    """The hours of this course were entered already: the same person, course, provider and last day."""

    code = "social_workers.course_counted"


class AlreadyDecided(Conflict):
    """It was decided on already: nothing can be attached to it or taken away."""

    code = "social_workers.already_decided"


class NothingPaid(Conflict):
    """Nothing was paid to the person in that `year`."""

    code = "social_workers.nothing_paid"


class MonthNotOver(Invalid):
    """Allowances are computed for a month that is over."""

    code = "social_workers.month_not_over"


class MonthComputed(Conflict):
    """The month's allowances were computed already; discard them first."""

    code = "social_workers.month_computed"


class EarlierRunOpen(Conflict):
    """The allowances of another month (`month`) that was computed earlier are not approved yet."""

    code = "social_workers.earlier_run_open"


class RunTooLarge(Conflict):
    """A run has at most `limit` lines."""

    code = "social_workers.run_too_large"
