"""This plugin in the API: types, inputs and mutations. Only this package knows GraphQL."""

from __future__ import annotations

from linli_graphql.plugin import Contribution
from linli_volunteers.graphql.figures import volunteer_figures
from linli_volunteers.graphql.mutations import MUTATIONS
from linli_volunteers.graphql.nodes import (
    PERSON_VOLUNTEERING,
    Volunteer,
    VolunteerActivity,
    VolunteerCertificate,
    VolunteerEnrolment,
    VolunteerHours,
    VolunteerPopulation,
)

CONTRIBUTION = Contribution(
    nodes=(
        VolunteerActivity,
        Volunteer,
        VolunteerEnrolment,
        VolunteerHours,
        VolunteerCertificate,
        VolunteerPopulation,
    ),
    queries=(volunteer_figures,),
    mutations=MUTATIONS,
    extensions=(PERSON_VOLUNTEERING,),
)
