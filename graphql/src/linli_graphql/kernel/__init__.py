"""The kernel's own part of the API."""

from linli_graphql.contribution import Contribution
from linli_graphql.kernel.access import Account, ApiClient, Role, RoleGrant
from linli_graphql.kernel.areas import Area, AreaLevel
from linli_graphql.kernel.audit import AuditEntry
from linli_graphql.kernel.identity import Household, HouseholdMember, Organisation, Person

CONTRIBUTION = Contribution(
    nodes=(
        Area,
        AreaLevel,
        Person,
        Household,
        HouseholdMember,
        Organisation,
        Account,
        Role,
        RoleGrant,
        ApiClient,
        AuditEntry,
    ),
)
