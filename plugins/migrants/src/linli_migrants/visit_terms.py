"""The closed lists that visits, the census and services use."""

from __future__ import annotations

from enum import StrEnum


class VisitOutcome(StrEnum):
    """What a visit did for the person; facts of service only."""

    INFORMED = "informed"
    BOOKED = "booked"
    DELIVERED = "delivered"
    CORRECTED = "corrected"
    NOTHING_NEEDED = "nothing_needed"


class Tier(StrEnum):
    """Who answers for a visit that is overdue; each hands on to the next."""

    COORDINATOR = "coordinator"
    COMMUNITY = "community"
    STREET = "street"


class DwellingAnswer(StrEnum):
    """What a census found at a dwelling."""

    INHABITED = "inhabited"
    VACANT = "vacant"
    NOBODY_MET = "nobody_met"
    REFUSED = "refused"


class ServiceKind(StrEnum):
    """By which article of the Provisional Regulations on Residence Permits (居住证暂行条例) one is entitled.

    Source: art. 12 (public services), art. 13 (conveniences).
    """

    PUBLIC = "public"
    CONVENIENCE = "convenience"
