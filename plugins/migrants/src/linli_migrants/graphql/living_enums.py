"""The enumerations of dwellings, stays, reports and contracts, described; inputs and nodes take them from here."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_migrants.states import ContractState, DwellingState, ReportState, StayState
from linli_migrants.terms import DwellingKind, Reporter, ReportField, StayReason

__all__ = [
    "ContractState",
    "DwellingKind",
    "DwellingState",
    "ReportField",
    "ReportState",
    "Reporter",
    "StayReason",
    "StayState",
]

expose(
    StayState,
    "Where a stay stands.",
    {
        "REPORTED": "It waits to be verified by somebody else.",
        "VERIFIED": "It was found right.",
        "ACTIVE": "It is on file: visits and services are planned.",
        "DEPARTED": "The person left.",
        "SETTLED": "The person entered the household register of this place.",
        "REFUSED": "The report was wrong.",
        "WITHDRAWN": "The report was taken back.",
    },
    name="MigrantStayState",
)
expose(
    StayReason,
    "Why somebody came.",
    {
        "WORK": "To work.",
        "BUSINESS": "To do business.",
        "STUDY": "To study.",
        "FAMILY": "To live with family.",
        "OTHER": "For another reason.",
    },
    name="MigrantStayReason",
)
expose(
    Reporter,
    "Who reported a stay.",
    {
        "PERSON": "The person who stays.",
        "LANDLORD": "Who lets the dwelling.",
        "EMPLOYER": "The unit for which the person works.",
        "OFFICER": "An officer.",
    },
    name="MigrantReporter",
)
expose(
    ReportState,
    "Where a landlord's or employer's report stands.",
    {
        "REPORTED": "It waits for an officer.",
        "TAKEN": "It became a stay.",
        "REFUSED": "It was wrong.",
        "WITHDRAWN": "It was taken back.",
    },
    name="MigrantReportState",
)
expose(
    ReportField,
    "What is encrypted in a report and can be revealed.",
    {"FULL_NAME": "The name.", "ID_NUMBER": "The identity number.", "PHONE": "The telephone."},
    name="MigrantReportField",
)
expose(
    DwellingKind,
    "What a dwelling is to those who live there.",
    {
        "RENTED": "They rent it.",
        "OWN": "They own it.",
        "EMPLOYER": "The employer provides it.",
        "SCHOOL": "The school provides it.",
        "OTHER": "Something else.",
    },
    name="MigrantDwellingKind",
)
expose(
    DwellingState,
    "Whether a dwelling is in use.",
    {"ACTIVE": "It is.", "RETIRED": "It is no longer."},
    name="MigrantDwellingState",
)
expose(
    ContractState,
    "Whether a tenancy contract holds.",
    {"ACTIVE": "It does, within its term.", "ENDED": "It was ended before its term."},
    name="MigrantContractState",
)
