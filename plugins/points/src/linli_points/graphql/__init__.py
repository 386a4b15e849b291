"""This plugin in the API: types, inputs, queries and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_points.graphql.nodes import PointsParticipant
from linli_points.graphql.spending_mutations import SPENDING_MUTATIONS
from linli_points.graphql.spending_nodes import SPENDING_NODES
from linli_points.graphql.spending_queries import SPENDING_QUERIES

CONTRIBUTION = Contribution(
    nodes=(PointsParticipant, *SPENDING_NODES),
    queries=SPENDING_QUERIES,
    mutations=SPENDING_MUTATIONS,
)
