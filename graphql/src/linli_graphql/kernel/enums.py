"""The kernel's enumerations in the API."""

from __future__ import annotations

from enum import Enum

from linli.tenancy.catalogue import TenantKind, TenantState
from linli_graphql.inputs import expose


class PersonState(Enum):
    """Where an entry in the register stands."""

    ACTIVE = "active"
    LEFT = "left"
    DECEASED = "deceased"
    MERGED = "merged"


class Gender(Enum):
    """As the person states it."""

    FEMALE = "female"
    MALE = "male"
    OTHER = "other"
    UNKNOWN = "unknown"


class HouseholdState(Enum):
    """Whether a household still exists."""

    ACTIVE = "active"
    DISSOLVED = "dissolved"


class OrganisationKind(Enum):
    """What kind of body a unit is."""

    SOCIAL_ORGANISATION = "social_organisation"
    ENTERPRISE = "enterprise"
    GOVERNMENT = "government"
    COMMITTEE = "committee"
    OTHER = "other"


class OrganisationState(Enum):
    """Whether a unit still exists."""

    ACTIVE = "active"
    CLOSED = "closed"


class AreaState(Enum):
    """Whether an area still exists."""

    ACTIVE = "active"
    RETIRED = "retired"


class AccountState(Enum):
    """Whether an account or API client may be used."""

    ACTIVE = "active"
    DISABLED = "disabled"


expose(PersonState, "Where a person's entry in the register stands.")
expose(Gender, "A person's gender, as stated.")
expose(HouseholdState, "Whether a household still exists.")
expose(OrganisationKind, "What kind of body a unit (单位) is.")
expose(OrganisationState, "Whether a unit still exists.")
expose(AreaState, "Whether an area still exists.")
expose(AccountState, "Whether an account may be used.")
expose(TenantKind, "Whether a tenant is a city or a district.")
expose(TenantState, "A tenant serves requests only while it is active.")
