"""The words of the plugin in the API."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_social_workers.states import (
    CertificateState,
    CreditState,
    RegistrationState,
    RenewalState,
    RunState,
)
from linli_social_workers.terms import Level, LineKind, Source, Subject
from linli_social_workers.worklist import WorkSection

__all__ = [
    "CertificateState",
    "CreditState",
    "Level",
    "LineKind",
    "RegistrationState",
    "RenewalState",
    "RunState",
    "Source",
    "Subject",
    "WorkSection",
]

expose(
    Level,
    "The level of a certificate.",
    {
        "ASSISTANT": "Assistant social worker (助理社会工作师).",
        "INTERMEDIATE": "Social worker (社会工作师).",
        "SENIOR": "Senior social worker (高级社会工作师).",
    },
    name="SocialWorkerLevel",
)
expose(
    Subject,
    "What is examined.",
    {
        "COMPREHENSIVE": "Comprehensive ability (综合能力).",
        "PRACTICE": "Practice (实务).",
        "LAW": "Law and policy (法规与政策).",
        "SENIOR_PRACTICE": "Practice at the senior level.",
    },
    name="SocialWorkerSubject",
)
expose(
    Source,
    "By what a certificate is known here.",
    {"EXAM": "By the results that are kept here.", "ELSEWHERE": "By its paper; it was issued elsewhere."},
    name="SocialWorkerCertificateSource",
)
expose(
    CertificateState,
    "Whether a certificate or licence may be relied on.",
    {"VALID": "It may be relied on.", "REVOKED": "It was taken back."},
    name="SocialWorkerCertificateState",
)
expose(
    RegistrationState,
    "Where a registration stands.",
    {
        "APPLIED": "It waits for the first review.",
        "REVIEWED": "It waits for the final review.",
        "REGISTERED": "It is in force.",
        "SUSPENDED": "It does not count until it is restored.",
        "REFUSED": "A review refused it.",
        "LAPSED": "Its term is over, and it was not renewed.",
        "CANCELLED": "It was struck off.",
        "WITHDRAWN": "The applicant took it back.",
    },
    name="SocialWorkerRegistrationState",
)
expose(
    RenewalState,
    "Where a renewal stands.",
    {"APPLIED": "It waits for a decision.", "APPROVED": "Three more years.", "REFUSED": "It was refused."},
    name="SocialWorkerRenewalState",
)
expose(
    CreditState,
    "Whether hours of education count.",
    {
        "CLAIMED": "They wait to be approved.",
        "APPROVED": "They count.",
        "REFUSED": "They do not.",
        "ANNULLED": "They were approved, and count no longer.",
    },
    name="SocialWorkerCreditState",
)
expose(
    RunState,
    "Where the allowances of a month stand.",
    {
        "COMPUTED": "They wait to be reviewed.",
        "REVIEWED": "They wait to be approved.",
        "APPROVED": "They can be paid.",
        "EXPORTED": "The list was handed to whoever pays.",
        "PAID": "They were paid.",
        "DISCARDED": "They were given up before they were approved.",
    },
    name="SocialWorkerRunState",
)
expose(
    LineKind,
    "What a line pays for.",
    {"REGULAR": "The month of its run.", "DIFFERENCE": "A correction of an earlier month."},
    name="SocialWorkerLineKind",
)
expose(
    WorkSection,
    "The sections of the work list.",
    {
        "RENEWALS_7": "Registrations that end within 7 days and are not applied for.",
        "RENEWALS_30": "Those that end within 30 days.",
        "RENEWALS_90": "Those that end within 90 days.",
        "APPLICATIONS": "Applications that wait for a review.",
        "RENEWALS_APPLIED": "Renewals that wait for a decision.",
        "HOURS_SHORT": "Registrations that end within 90 days and lack hours of education.",
    },
    name="SocialWorkerWorkSection",
)
