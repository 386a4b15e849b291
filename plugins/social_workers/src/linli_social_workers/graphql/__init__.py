"""This plugin in the API: types, inputs, queries and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_social_workers.graphql.mutations import MUTATIONS
from linli_social_workers.graphql.nodes import NODES, PERSON_SOCIAL_WORK
from linli_social_workers.graphql.papers import PAPER_MUTATIONS
from linli_social_workers.graphql.queries import QUERIES

CONTRIBUTION = Contribution(
    nodes=NODES,
    queries=QUERIES,
    mutations=(*MUTATIONS, *PAPER_MUTATIONS),
    extensions=(PERSON_SOCIAL_WORK,),
)
