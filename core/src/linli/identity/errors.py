"""What the register and the keeper of accounts refuse."""

from __future__ import annotations

from linli.errors import Conflict, Forbidden, Invalid, Unauthenticated


class UnprintableText(Invalid):
    """A text has control characters, or is not proper Unicode."""

    code = "identity.unprintable_text"


class InvalidPhone(Invalid):
    """Neither a mobile number nor a number with an area code of the Chinese mainland."""

    code = "identity.phone"


class ImplausibleBirthDate(Invalid):
    """A birth date more than `years` years ago."""

    code = "identity.birth_date_implausible"


class AreaRetired(Conflict):
    """The area no longer exists; nothing new may be put there."""

    code = "identity.area_retired"


class PersonNotActive(Conflict):
    """The person has left, died, or was merged with another entry (`state`)."""

    code = "identity.person_not_active"


class SamePerson(Invalid):
    """An entry cannot be merged with itself."""

    code = "identity.same_person"


class MembershipOverlaps(Conflict):
    """The person is a member of this household at that time already."""

    code = "identity.membership_overlaps"


class NotAMember(Conflict):
    """The person is not a member of this household at present."""

    code = "identity.not_a_member"


class HouseholdDissolved(Conflict):
    """The household no longer exists."""

    code = "identity.household_dissolved"


class EndsBeforeItBegins(Invalid):
    """The last day lies before the first."""

    code = "identity.ends_before_it_begins"


class UsccTaken(Conflict):
    """An organisation with this unified social credit code is entered already."""

    code = "identity.uscc_taken"


class LoginNameTaken(Conflict):
    """An account with this login name exists already."""

    code = "identity.login_name_taken"


class InvalidLoginName(Invalid):
    """A login name that is not 2 to 64 lower-case letters, digits and `. _ @ -`."""

    code = "identity.login_name"


class WeakPassword(Invalid):
    """The password breaks the tenant's policy (`reason`, `length_min`, `kinds_min`)."""

    code = "identity.weak_password"


class WrongPassword(Forbidden):
    """The present password was not given rightly."""

    code = "identity.wrong_password"


class SignInFailed(Unauthenticated):
    """Name, password or code is wrong, or the account is locked or disabled: all look alike."""

    code = "identity.sign_in_failed"


class SecondFactorRequired(Unauthenticated):
    """The password is right; the code of the authenticator is wanted as well."""

    code = "identity.second_factor_required"


class SecondFactorEnrolled(Conflict):
    """The account has a confirmed second factor already; it must be reset first."""

    code = "identity.second_factor_enrolled"


class SecondFactorNotBegun(Conflict):
    """There is no second factor to be confirmed."""

    code = "identity.second_factor_not_begun"


class WrongCode(Invalid):
    """The code of the authenticator is wrong, out of date, or was used before."""

    code = "identity.wrong_code"


class NotOwnAccount(Forbidden):
    """This can only be done by an account for itself."""

    code = "identity.not_own_account"


class RoleIsGiven(Conflict):
    """The role comes from the tenant's profile or a plugin and is changed there (`source`)."""

    code = "identity.role_is_given"


class RoleInUse(Conflict):
    """The role was granted to somebody and must be kept."""

    code = "identity.role_in_use"


class GrantToSelf(Forbidden):
    """Nobody grants rights to themselves."""

    code = "identity.grant_to_self"


class GrantExceedsOwn(Forbidden):
    """The actor does not hold `permission` there, and so can neither give it nor act over who has it."""

    code = "identity.grant_exceeds_own"


class ScopeExceedsClient(Invalid):
    """A token was asked for with a scope that the client does not have (`scope`)."""

    code = "identity.scope_exceeds_client"


class ClientNotActive(Conflict):
    """The API client was revoked (`state`)."""

    code = "identity.client_not_active"
