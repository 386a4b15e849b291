"""The kernel's own part of the API."""

from linli_graphql.contribution import Contribution
from linli_graphql.kernel.access import Account, ApiClient, Role, RoleGrant
from linli_graphql.kernel.access_mutations import ACCESS_MUTATIONS
from linli_graphql.kernel.area_changes import AREA_MUTATIONS, AreaChangeSet
from linli_graphql.kernel.areas import AREA_QUERIES, Area, AreaLevel
from linli_graphql.kernel.audit import AuditEntry
from linli_graphql.kernel.documents import DOCUMENT_MUTATIONS, DOCUMENT_NODES, PERSON_DOCUMENTS
from linli_graphql.kernel.handover import HANDOVER_NODES, HANDOVER_QUERIES
from linli_graphql.kernel.handover_mutations import HANDOVER_MUTATIONS
from linli_graphql.kernel.identity import Household, HouseholdMember, Organisation, Person
from linli_graphql.kernel.ledger import (
    LEDGER_OF,
    LEDGER_QUERIES,
    LedgerAccount,
    LedgerEntry,
    LedgerPosting,
)
from linli_graphql.kernel.notifications import (
    NOTIFICATION_MUTATIONS,
    NOTIFICATION_NODES,
    NOTIFICATION_QUERIES,
)
from linli_graphql.kernel.operations import OPERATIONS_MUTATIONS, Event, EventDelivery, Job
from linli_graphql.kernel.privacy import (
    PERSON_PRIVACY,
    PRIVACY_MUTATIONS,
    PRIVACY_NODES,
    PRIVACY_QUERIES,
)
from linli_graphql.kernel.register_mutations import REGISTER_MUTATIONS
from linli_graphql.kernel.tenancy import TENANCY_MUTATIONS, TENANCY_QUERIES
from linli_graphql.kernel.transfer import TRANSFER_MUTATIONS, TRANSFER_NODES, TRANSFER_QUERIES

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
        AreaChangeSet,
        Event,
        EventDelivery,
        Job,
        LedgerAccount,
        LedgerEntry,
        LedgerPosting,
        *TRANSFER_NODES,
        *PRIVACY_NODES,
        *NOTIFICATION_NODES,
        *HANDOVER_NODES,
        *DOCUMENT_NODES,
    ),
    queries=(
        *TENANCY_QUERIES,
        *AREA_QUERIES,
        *LEDGER_QUERIES,
        *TRANSFER_QUERIES,
        *PRIVACY_QUERIES,
        *NOTIFICATION_QUERIES,
        *HANDOVER_QUERIES,
    ),
    mutations=(
        *REGISTER_MUTATIONS,
        *ACCESS_MUTATIONS,
        *AREA_MUTATIONS,
        *TENANCY_MUTATIONS,
        *OPERATIONS_MUTATIONS,
        *TRANSFER_MUTATIONS,
        *PRIVACY_MUTATIONS,
        *NOTIFICATION_MUTATIONS,
        *HANDOVER_MUTATIONS,
        *DOCUMENT_MUTATIONS,
    ),
    extensions=(*LEDGER_OF, *PERSON_PRIVACY, PERSON_DOCUMENTS),
)
