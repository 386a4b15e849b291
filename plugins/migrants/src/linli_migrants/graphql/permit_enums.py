"""The enumerations of permits and the exchange, described; inputs and nodes take them from here."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_migrants.exchange.port import AnswerKind
from linli_migrants.exchange_states import AnswerState, MessageState
from linli_migrants.permit_states import ApplicationState, PermitState
from linli_migrants.permit_terms import Decision, Ground, Missing, PaperKind

__all__ = [
    "AnswerKind",
    "AnswerState",
    "ApplicationState",
    "Decision",
    "Ground",
    "MessageState",
    "Missing",
    "PaperKind",
    "PermitState",
]

expose(
    ApplicationState,
    "Where an application for a residence permit stands.",
    {
        "DRAFT": "It is being prepared.",
        "SUBMITTED": "It waits for an officer.",
        "RETURNED": "It was returned, once, with all that it lacks.",
        "ACCEPTED": "It is complete; the time for the decision runs.",
        "FORWARDED": "The issuing authority has it.",
        "APPROVED": "The authority agreed; the permit is made.",
        "ISSUED": "The permit was issued.",
        "REFUSED": "It was refused; one can object.",
        "OBJECTED": "The applicant objected; somebody else decides.",
        "CLOSED": "The refusal stands.",
        "WITHDRAWN": "The applicant gave it up.",
    },
    name="MigrantApplicationState",
)
expose(
    PermitState,
    "Whether a residence permit can be used.",
    {
        "ACTIVE": "It can, until its next anniversary.",
        "SUSPENDED": "It was not endorsed in time, and can be used once it is.",
        "TERMINATED": "It ended for good.",
    },
    name="MigrantPermitState",
)
expose(
    Ground,
    "By what somebody lives here lawfully and steadily.",
    {
        "WORK": "Lawful, stable work.",
        "HOUSING": "Lawful, stable housing.",
        "SCHOOLING": "Continuous schooling.",
    },
    name="MigrantPermitGround",
)
expose(
    PaperKind,
    "A paper that is shown with an application.",
    {
        "IDENTITY": "The identity card.",
        "PHOTO": "A photograph.",
        "LABOUR_CONTRACT": "A contract of labour (for work).",
        "EMPLOYER_PROOF": "A letter of the employer (for work).",
        "BUSINESS_LICENCE": "A business licence (for work).",
        "TENANCY_CONTRACT": "A tenancy contract (for housing).",
        "PROPERTY_CERTIFICATE": "A certificate of property (for housing).",
        "HOUSING_PROOF": "A letter of the landlord, employer or school (for housing).",
        "SCHOOL_PROOF": "A student card or letter of the school (for schooling).",
    },
    name="MigrantPaperKind",
)
expose(
    Missing,
    "What an application lacks.",
    {
        "IDENTITY": "The identity card.",
        "PHOTO": "The photograph.",
        "GROUND_PROOF": "A paper for its ground.",
        "STAY": "A stay on file.",
    },
    name="MigrantMissing",
)
expose(
    Decision,
    "What the issuing authority decided.",
    {"APPROVED": "It agreed.", "REFUSED": "It refused."},
    name="MigrantPermitDecision",
)
expose(
    MessageState,
    "Where a message to the authority stands.",
    {
        "QUEUED": "It is to be sent.",
        "SENT": "It was handed over.",
        "ANSWERED": "The authority answered.",
        "FAILED": "It was given up after many tries; people can send it anew.",
    },
    name="MigrantMessageState",
)
expose(
    AnswerState,
    "What became of an answer of the authority.",
    {
        "APPLIED": "It was carried out.",
        "STALE": "It said what was known.",
        "SET_ASIDE": "It contradicts what is known, and waits for people.",
        "SETTLED": "People dealt with it.",
    },
    name="MigrantAnswerState",
)
expose(
    AnswerKind,
    "What the authority says of an application.",
    {
        "APPROVED": "It agreed.",
        "REFUSED": "It refused.",
        "ISSUED": "It issued the permit.",
        "ERROR": "It could not read the message.",
    },
    name="MigrantAnswerKind",
)
