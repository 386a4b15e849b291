"""This plugin in the API: one module for each area. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_venture.graphql.call_mutations import CALL_MUTATIONS
from linli_venture.graphql.calls import CALL_NODES
from linli_venture.graphql.decision_mutations import DECISION_MUTATIONS
from linli_venture.graphql.decisions import DECISION_NODES
from linli_venture.graphql.grant_mutations import GRANT_MUTATIONS
from linli_venture.graphql.grant_queries import GRANT_QUERIES
from linli_venture.graphql.grant_record_mutations import RECORD_MUTATIONS
from linli_venture.graphql.grant_records import RECORD_EXTENSIONS, RECORD_NODES
from linli_venture.graphql.grants import GRANT_NODES
from linli_venture.graphql.incubation import INCUBATION_EXTENSIONS, INCUBATION_MUTATIONS, INCUBATION_NODES
from linli_venture.graphql.money import MONEY_NODES
from linli_venture.graphql.money_mutations import MONEY_MUTATIONS
from linli_venture.graphql.objection_mutations import OBJECTION_MUTATIONS
from linli_venture.graphql.proposal_mutations import PROPOSAL_MUTATIONS
from linli_venture.graphql.proposals import PROPOSAL_NODES
from linli_venture.graphql.review import REVIEW_NODES
from linli_venture.graphql.review_mutations import REVIEW_MUTATIONS
from linli_venture.graphql.review_queries import REVIEW_QUERIES

CONTRIBUTION = Contribution(
    nodes=(
        *MONEY_NODES,
        *CALL_NODES,
        *PROPOSAL_NODES,
        *REVIEW_NODES,
        *GRANT_NODES,
        *RECORD_NODES,
        *DECISION_NODES,
        *INCUBATION_NODES,
    ),
    queries=(
        *REVIEW_QUERIES,
        *GRANT_QUERIES,
    ),
    mutations=(
        *CALL_MUTATIONS,
        *PROPOSAL_MUTATIONS,
        *REVIEW_MUTATIONS,
        *MONEY_MUTATIONS,
        *GRANT_MUTATIONS,
        *RECORD_MUTATIONS,
        *OBJECTION_MUTATIONS,
        *DECISION_MUTATIONS,
        *INCUBATION_MUTATIONS,
    ),
    extensions=(*RECORD_EXTENSIONS, *INCUBATION_EXTENSIONS),
)
