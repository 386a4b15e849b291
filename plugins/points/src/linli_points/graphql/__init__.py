"""This plugin in the API: types, inputs, queries and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_points.graphql.mutations import EARNING_MUTATIONS
from linli_points.graphql.nodes import (
    PERSON_POINTS,
    PointsClaim,
    PointsEvidence,
    PointsObjection,
    PointsParticipant,
    PointsRule,
    PointsRuleSet,
    PointsRuleSetArea,
    PointsSubcategory,
)
from linli_points.graphql.queries import EARNING_QUERIES
from linli_points.graphql.spending_mutations import SPENDING_MUTATIONS
from linli_points.graphql.spending_nodes import SPENDING_NODES
from linli_points.graphql.spending_queries import SPENDING_QUERIES

CONTRIBUTION = Contribution(
    nodes=(
        PointsSubcategory,
        PointsRuleSet,
        PointsRuleSetArea,
        PointsRule,
        PointsParticipant,
        PointsClaim,
        PointsEvidence,
        PointsObjection,
        *SPENDING_NODES,
    ),
    queries=(*EARNING_QUERIES, *SPENDING_QUERIES),
    mutations=(*EARNING_MUTATIONS, *SPENDING_MUTATIONS),
    extensions=(PERSON_POINTS,),
)
