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


class DwellingKind(StrEnum):
    """What a dwelling is to those who live there."""

    RENTED = "rented"
    OWN = "own"
    EMPLOYER = "employer"
    SCHOOL = "school"
    OTHER = "other"
