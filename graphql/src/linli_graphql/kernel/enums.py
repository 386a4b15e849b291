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


expose(
    PersonState,
    "Where a person's entry in the register stands.",
    {
        "ACTIVE": "Lives or stays here.",
        "LEFT": "Moved away.",
        "DECEASED": "Has died.",
        "MERGED": "Turned out to be another entry, which stands for both.",
    },
)
expose(
    Gender,
    "A person's gender, as stated.",
    {
        "FEMALE": "Female (女).",
        "MALE": "Male (男).",
        "OTHER": "Stated, and neither female nor male.",
        "UNKNOWN": "Not stated.",
    },
)
expose(
    HouseholdState,
    "Whether a household still exists.",
    {"ACTIVE": "It exists.", "DISSOLVED": "It was dissolved, and has no members any more."},
)
expose(
    OrganisationKind,
    "What kind of body a unit (单位) is.",
    {
        "SOCIAL_ORGANISATION": "A social organisation (社会组织).",
        "ENTERPRISE": "An enterprise (企业).",
        "GOVERNMENT": "A government office (机关).",
        "COMMITTEE": "A residents' or villagers' committee (居委会, 村委会).",
        "OTHER": "Any other body.",
    },
)
expose(
    OrganisationState,
    "Whether a unit still exists.",
    {"ACTIVE": "It exists.", "CLOSED": "It was closed; its entry stays readable."},
)
expose(
    AreaState,
    "Whether an area still exists.",
    {"ACTIVE": "It exists today.", "RETIRED": "It was dissolved, split or merged; its past stays readable."},
)
expose(
    AccountState,
    "Whether an account may be used.",
    {"ACTIVE": "It may be used.", "DISABLED": "It may not be used, and its sessions have ended."},
)
expose(
    TenantKind,
    "Whether a tenant is a city or a district.",
    {"CITY": "A city, which hands settings down.", "DISTRICT": "A district, alone or below a city."},
)
expose(
    TenantState,
    "A tenant serves requests only while it is active.",
    {
        "PROVISIONING": "It is being set up.",
        "ACTIVE": "It serves requests.",
        "SUSPENDED": "It serves no requests for now; its data stay.",
        "CLOSING": "It serves no requests any more, and is being handed over or removed.",
    },
)
