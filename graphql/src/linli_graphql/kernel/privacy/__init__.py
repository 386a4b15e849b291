"""Privacy services in the API, by subject: masked values, consents, service tags, requests about one's own data."""

from linli_graphql.kernel.privacy.consents import (
    CONSENT_MUTATIONS,
    CONSENT_NODES,
    CONSENT_QUERIES,
    PERSON_CONSENTS,
)
from linli_graphql.kernel.privacy.requests import REQUEST_MUTATIONS, REQUEST_NODES, REQUEST_QUERIES
from linli_graphql.kernel.privacy.reveals import (
    PERSON_REVEALS,
    REVEAL_MUTATIONS,
    REVEAL_NODES,
    REVEAL_QUERIES,
)
from linli_graphql.kernel.privacy.tags import PERSON_TAGS, TAG_MUTATIONS, TAG_NODES

PERSON_PRIVACY = (PERSON_TAGS, PERSON_CONSENTS, PERSON_REVEALS)
PRIVACY_NODES = (*REVEAL_NODES, *CONSENT_NODES, *TAG_NODES, *REQUEST_NODES)
PRIVACY_QUERIES = (*CONSENT_QUERIES, *REVEAL_QUERIES, *REQUEST_QUERIES)
PRIVACY_MUTATIONS = (*REVEAL_MUTATIONS, *CONSENT_MUTATIONS, *TAG_MUTATIONS, *REQUEST_MUTATIONS)
