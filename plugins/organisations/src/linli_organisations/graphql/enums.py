"""The words of the register, as enumerations of the API."""

from __future__ import annotations

from linli_graphql.plugin import expose
from linli_organisations.terms import Grade, GradingState, Kind, Post, RegistrationState, Track

__all__ = ["Grade", "GradingState", "Kind", "Post", "RegistrationState", "Track"]

expose(
    Track,
    "The way into the register.",
    {"REGISTRATION": "Registered (登记), with legal personality.", "FILING": "Filed (备案)."},
)
expose(
    Kind,
    "What a social organisation is.",
    {
        "ASSOCIATION": "An association (社会团体).",
        "PRIVATE_NON_ENTERPRISE": "A private non-enterprise unit (民办非企业单位, 社会服务机构).",
        "FOUNDATION": "A foundation (基金会).",
    },
)
expose(
    RegistrationState,
    "Where an entry of the register stands.",
    {
        "APPLIED": "The application was entered.",
        "ACCEPTED": "The application was taken up (受理).",
        "REFUSED": "The application was refused; the applicant may object.",
        "OBJECTED": "The applicant objected to the refusal.",
        "REJECTED": "The refusal was upheld.",
        "WITHDRAWN": "The application was taken back.",
        "ACTIVE": "Registered or filed, as the track says.",
        "SUSPENDED": "Registered or filed, its activities are suspended.",
        "UPGRADED": "A filing that became a registration.",
        "CANCELLED": "Struck off (注销).",
    },
)
expose(
    Post,
    "The post of an officer.",
    {
        "LEGAL_REPRESENTATIVE": "The legal representative (法定代表人).",
        "PRESIDENT": "The president (会长, 理事长).",
        "VICE_PRESIDENT": "A vice president (副会长, 副理事长).",
        "SECRETARY_GENERAL": "The secretary general (秘书长).",
        "DIRECTOR": "A member of the board (理事).",
        "SUPERVISOR": "A supervisor (监事).",
    },
)
expose(
    Grade,
    "The grade of an assessment; A5 is 5A, the best.",
    {grade.name: f"The grade {grade.value}." for grade in Grade},
)
expose(
    GradingState,
    "Where a grading stands; only a published one counts.",
    {
        "DRAFT": "It was drafted, and waits for publication by somebody else.",
        "PUBLISHED": "It counts until its last day.",
        "DISCARDED": "It was given up before publication.",
        "REPLACED": "A later one was published.",
        "REVOKED": "It was taken back after publication.",
        "EXPIRED": "Its last day is over.",
    },
)
