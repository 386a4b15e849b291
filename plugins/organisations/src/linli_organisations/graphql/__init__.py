"""What the plugin adds to the API. Types and arguments only: the rules are in the modules above this one."""

from __future__ import annotations

from typing import Final

from linli_graphql.plugin import Contribution
from linli_organisations.graphql.mutations import MUTATIONS
from linli_organisations.graphql.nodes import (
    ORGANISATION_REGISTRATIONS,
    Grading,
    GradingAssessor,
    Officer,
    OrganisationBar,
    OrganisationCategory,
    SocialOrganisation,
)
from linli_organisations.graphql.queries import social_organisation_figures, social_organisation_grade

CONTRIBUTION: Final = Contribution(
    nodes=(SocialOrganisation, OrganisationCategory, Officer, Grading, GradingAssessor, OrganisationBar),
    queries=(social_organisation_figures, social_organisation_grade),
    mutations=MUTATIONS,
    extensions=(ORGANISATION_REGISTRATIONS,),
)
