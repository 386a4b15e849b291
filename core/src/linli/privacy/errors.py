"""What the privacy services refuse; what encryption refuses is in `linli.db.encryption.errors`."""

from __future__ import annotations

from linli.errors import Conflict, Forbidden, Invalid, UnknownValue


class UnknownPurpose(UnknownValue):
    """No encrypted column of the tenant's plugins has this purpose (`purpose`)."""

    code = "privacy.unknown_purpose"


class UnknownConsentPurpose(UnknownValue):
    """No plugin that the tenant has on declares this purpose of consents (`purpose`)."""

    code = "privacy.unknown_consent_purpose"


class ConsentMissing(Forbidden):
    """The person has not consented to this purpose, or no longer does (`purpose`)."""

    code = "privacy.consent_missing"


class ConsentGiven(Conflict):
    """The person has consented to this purpose already (`purpose`)."""

    code = "privacy.consent_given"


class ConsentTextOutdated(Invalid):
    """The text that was agreed to is not the present one (`version`)."""

    code = "privacy.consent_text_outdated"


class ForbiddenTag(Forbidden):
    """People are never tagged for this (`word`); no setting allows it."""

    code = "privacy.forbidden_tag"


class TagKindTaken(Conflict):
    """The catalogue has a kind of tag with this key."""

    code = "privacy.tag_kind_taken"


class TagKindRetired(Conflict):
    """Tags of this kind are no longer granted."""

    code = "privacy.tag_kind_retired"


class TagPeriod(Invalid):
    """A tag ends after today and within `limit` days."""

    code = "privacy.tag_period"


class RequestKindUnfit(Conflict):
    """What was asked for, or where the request stands, does not allow this (`kind`, `state`)."""

    code = "privacy.request_kind_unfit"


class AlreadyExtended(Conflict):
    """The time to answer is extended once, and not after the answer."""

    code = "privacy.already_extended"


class PersonStillServed(Conflict):
    """Only the entry of somebody who left or died is erased."""

    code = "privacy.person_still_served"


class UnknownDataClass(UnknownValue):
    """No plugin that the tenant has on declares this class of data (`data_class`)."""

    code = "privacy.unknown_data_class"


class RetentionOutOfRange(Invalid):
    """A period lies between `minimum` and `maximum` days; logs are kept for six months at least."""

    code = "privacy.retention_out_of_range"
