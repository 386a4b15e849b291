"""The enumerations of visits, the census, services and figures, described; inputs and nodes take them from here."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_migrants.figures import Measure, RatioStatus
from linli_migrants.visit_figures import StaysBy
from linli_migrants.visit_states import DeliveryState, RoundState, ServiceState, VisitState
from linli_migrants.visit_terms import DwellingAnswer, ServiceKind, Tier, VisitOutcome
from linli_migrants.work_items import WorkSection

__all__ = [
    "DeliveryState",
    "DwellingAnswer",
    "Measure",
    "RatioStatus",
    "RoundState",
    "ServiceKind",
    "ServiceState",
    "StaysBy",
    "Tier",
    "VisitOutcome",
    "VisitState",
    "WorkSection",
]

expose(
    VisitState,
    "Where a visit stands.",
    {
        "PLANNED": "It is due this month; no time is agreed on.",
        "APPOINTED": "A time is agreed on.",
        "DONE": "It was made.",
        "DECLINED": "The person wanted none, which has no consequence.",
        "MISSED": "It is overdue.",
        "CANCELLED": "The stay ended first.",
    },
    name="MigrantVisitState",
)
expose(
    VisitOutcome,
    "What a visit did for the person.",
    {
        "INFORMED": "The person was told of services.",
        "BOOKED": "A service was booked.",
        "DELIVERED": "A service was delivered.",
        "CORRECTED": "Data on file were corrected.",
        "NOTHING_NEEDED": "Nothing was needed.",
    },
    name="MigrantVisitOutcome",
)
expose(
    Tier,
    "Who answers for an overdue visit.",
    {
        "COORDINATOR": "Who is posted there.",
        "COMMUNITY": "The community office.",
        "STREET": "The street or town.",
    },
    name="MigrantVisitTier",
)
expose(
    RoundState,
    "Where a census round stands.",
    {"OPEN": "It goes on.", "CLOSED": "Every dwelling was answered.", "CANCELLED": "It was a mistake."},
    name="MigrantCensusState",
)
expose(
    DwellingAnswer,
    "What a census found at a dwelling.",
    {
        "INHABITED": "People live there.",
        "VACANT": "Nobody lives there.",
        "NOBODY_MET": "Nobody was met.",
        "REFUSED": "Nobody wanted to answer, which has no consequence.",
    },
    name="MigrantCensusAnswerKind",
)
expose(
    ServiceKind,
    "By what newcomers are entitled.",
    {"PUBLIC": "A public service.", "CONVENIENCE": "A convenience."},
    name="MigrantServiceKind",
)
expose(
    ServiceState,
    "Whether a service is offered.",
    {"ACTIVE": "It is.", "RETIRED": "It is no longer."},
    name="MigrantServiceState",
)
expose(
    DeliveryState,
    "Where a service for a person stands.",
    {
        "OFFERED": "It was offered.",
        "BOOKED": "It was booked.",
        "DELIVERED": "It was delivered.",
        "CANCELLED": "It was not wanted, or could not be given.",
    },
    name="MigrantDeliveryState",
)
expose(
    Measure,
    "What is counted, and of what.",
    {
        "PEOPLE_ON_FILE": "Newcomers on file.",
        "COORDINATORS": "Coordinators posted.",
        "PEOPLE_CHECKED": "People checked, of those who were to be.",
        "CONTRACTS_ON_FILE": "Tenancy contracts on file, by tenancies.",
        "VISITS_DONE": "Visits made, of those due.",
        "SERVICES_DELIVERED": "Services delivered, by people on file.",
        "PERMITS_ISSUED": "Residence permits issued, of people eligible.",
        "PERMITS_VALID": "Residence permits valid, of people eligible.",
        "ENDORSEMENTS_ON_TIME": "Endorsements made in time, of those due.",
    },
    name="MigrantMeasure",
)
expose(
    RatioStatus,
    "Whether a ratio has a value.",
    {
        "DEFINED": "It has one.",
        "NOT_DEFINED": "The denominator is zero or unknown.",
        "SUPPRESSED": "It tells of fewer than five people.",
    },
    name="MigrantRatioStatus",
)
expose(
    StaysBy,
    "By what stays are counted.",
    {
        "STATE": "All stays, by state.",
        "REASON": "Stays on file, by the reason for coming.",
        "ORIGIN": "Stays on file, by the first two digits of the origin's code: the province.",
    },
    name="MigrantStaysBy",
)
expose(
    WorkSection,
    "The sections of the work list.",
    {
        "VISITS_TODAY": "Visits that are appointed for today.",
        "VISITS_OVERDUE": "Visits that are overdue.",
        "VISITS_TO_APPOINT": "This month's visits for which no time is agreed on.",
        "CENSUS_OPEN": "Dwellings without an answer in an open census round.",
        "ENDORSEMENTS_DUE": "Residence permits to be endorsed now, suspended ones too.",
        "APPLICATIONS_OPEN": "Applications for residence permits that wait for the applicant or an officer.",
    },
    name="MigrantWorkSection",
)
