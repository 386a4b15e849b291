"""The words of the register, as enumerations; their values are what the database holds."""

from __future__ import annotations

from enum import StrEnum


class Track(StrEnum):
    """The two ways into the register: 登记 gives legal personality, 备案 takes note of smaller groups."""

    REGISTRATION = "registration"
    FILING = "filing"


class Kind(StrEnum):
    """What a social organisation is: 社会团体, 民办非企业单位 (社会服务机构) or 基金会."""

    ASSOCIATION = "association"
    PRIVATE_NON_ENTERPRISE = "private_non_enterprise"
    FOUNDATION = "foundation"


class RegistrationState(StrEnum):
    """Where an entry stands. An active entry is registered or filed, as its track says."""

    APPLIED = "applied"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    OBJECTED = "objected"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    UPGRADED = "upgraded"
    CANCELLED = "cancelled"


class Post(StrEnum):
    """The post of an officer (负责人)."""

    LEGAL_REPRESENTATIVE = "legal_representative"
    PRESIDENT = "president"
    VICE_PRESIDENT = "vice_president"
    SECRETARY_GENERAL = "secretary_general"
    DIRECTOR = "director"
    SUPERVISOR = "supervisor"


class Grade(StrEnum):
    """The grade of an assessment (评估等级), from 1A to 5A."""

    A1 = "1A"
    A2 = "2A"
    A3 = "3A"
    A4 = "4A"
    A5 = "5A"

    def meets(self, floor: Grade) -> bool:
        """Whether this grade is `floor` or better."""
        return self.value >= floor.value


class GradingState(StrEnum):
    """Where a grading stands. Only a published one counts, and only until its last day."""

    DRAFT = "draft"
    PUBLISHED = "published"
    DISCARDED = "discarded"
    REPLACED = "replaced"
    REVOKED = "revoked"
    EXPIRED = "expired"
