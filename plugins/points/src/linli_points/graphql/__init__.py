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
    ),
    queries=EARNING_QUERIES,
    mutations=EARNING_MUTATIONS,
    extensions=(PERSON_POINTS,),
)
