"""The closed lists of this plugin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Final


class Level(StrEnum):
    """The level of a certificate, from the lowest."""

    ASSISTANT = "assistant"
    INTERMEDIATE = "intermediate"
    SENIOR = "senior"


class Subject(StrEnum):
    """What is examined."""

    COMPREHENSIVE = "comprehensive"
    PRACTICE = "practice"
    LAW = "law"
    SENIOR_PRACTICE = "senior_practice"


class Source(StrEnum):
    """By what a certificate is known here."""

    EXAM = "exam"
    ELSEWHERE = "elsewhere"


class FactKind(StrEnum):
    """What a dated fact is about; allowances are computed from facts alone."""

    CERTIFICATE = "certificate"
    REGISTRATION = "registration"
    POST = "post"


class LineKind(StrEnum):
    """Whether a line pays for its run's month, or corrects an earlier one."""

    REGULAR = "regular"
    DIFFERENCE = "difference"


RANK: Final[Mapping[str, int]] = {level.value: rank for rank, level in enumerate(Level, start=1)}
SUBJECTS: Final[Mapping[Level, tuple[Subject, ...]]] = {
    Level.ASSISTANT: (Subject.COMPREHENSIVE, Subject.PRACTICE),
    Level.INTERMEDIATE: (Subject.COMPREHENSIVE, Subject.PRACTICE, Subject.LAW),
    Level.SENIOR: (Subject.SENIOR_PRACTICE,),
}
# Within how many consecutive years all subjects of a level are passed.
YEARS: Final[Mapping[Level, int]] = {Level.ASSISTANT: 1, Level.INTERMEDIATE: 2, Level.SENIOR: 1}
TERM_YEARS: Final = 3
# Hours of continuing education in a term.
HOURS: Final[Mapping[Level, int]] = {Level.ASSISTANT: 72, Level.INTERMEDIATE: 90, Level.SENIOR: 90}


def last_day(valid_until: date) -> date:
    """The last day of a term that runs up to, and without, a day: what people are told and shown."""
    return valid_until - timedelta(days=1)
