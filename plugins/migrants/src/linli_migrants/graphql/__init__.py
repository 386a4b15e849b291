"""This plugin in the API: types, inputs and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_migrants.graphql.living_mutations import LIVING_MUTATIONS
from linli_migrants.graphql.living_nodes import LIVING_NODES, PERSON_STAYS
from linli_migrants.graphql.permit_mutations import PERMIT_MUTATIONS
from linli_migrants.graphql.permit_nodes import PERMIT_NODES, PERSON_PERMITS

CONTRIBUTION = Contribution(
    nodes=(*LIVING_NODES, *PERMIT_NODES),
    queries=(),
    mutations=(*LIVING_MUTATIONS, *PERMIT_MUTATIONS),
    extensions=(PERSON_STAYS, PERSON_PERMITS),
)
