"""This plugin in the API: types, inputs, queries and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_migrants.graphql.living_mutations import LIVING_MUTATIONS
from linli_migrants.graphql.living_nodes import LIVING_NODES, PERSON_STAYS
from linli_migrants.graphql.permit_mutations import PERMIT_MUTATIONS
from linli_migrants.graphql.permit_nodes import PERMIT_NODES, PERSON_PERMITS
from linli_migrants.graphql.service_mutations import SERVICE_MUTATIONS
from linli_migrants.graphql.visit_mutations import VISIT_MUTATIONS
from linli_migrants.graphql.visit_nodes import PERSON_VISITS, VISIT_NODES
from linli_migrants.graphql.visit_queries import VISIT_QUERIES

CONTRIBUTION = Contribution(
    nodes=(*LIVING_NODES, *VISIT_NODES, *PERMIT_NODES),
    queries=(*VISIT_QUERIES,),
    mutations=(*LIVING_MUTATIONS, *VISIT_MUTATIONS, *SERVICE_MUTATIONS, *PERMIT_MUTATIONS),
    extensions=(PERSON_STAYS, PERSON_VISITS, PERSON_PERMITS),
)
