"""The closed lists that stays, dwellings and contracts use."""

from __future__ import annotations

from enum import StrEnum


class StayReason(StrEnum):
    """Why somebody came."""

    WORK = "work"
    BUSINESS = "business"
    STUDY = "study"
    FAMILY = "family"
    OTHER = "other"


class Reporter(StrEnum):
    """Who reported a stay."""

    PERSON = "person"
    LANDLORD = "landlord"
    EMPLOYER = "employer"
    OFFICER = "officer"


class ReportField(StrEnum):
    """What is encrypted in a report and can be revealed."""

    FULL_NAME = "full_name"
    ID_NUMBER = "id_number"
    PHONE = "phone"


class DwellingKind(StrEnum):
    """What a dwelling is to those who live there."""

    RENTED = "rented"
    OWN = "own"
    EMPLOYER = "employer"
    SCHOOL = "school"
    OTHER = "other"
