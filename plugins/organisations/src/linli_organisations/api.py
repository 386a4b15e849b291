"""What other plugins may import, when their manifest requires this one.

The two questions ask for no permission of the actor: whether an organisation is registered, and which grade
counts, is public. Is a grade good enough? `grade.meets(Grade.A3)`. Events are subscribed to by name, and read as
the types below.
"""

from __future__ import annotations

from linli_organisations.events import GradeExpired, GradePublished, Registered, RegistrationCancelled
from linli_organisations.gradings import valid_grade
from linli_organisations.registrations import is_registered
from linli_organisations.terms import Grade, Kind, Track

__all__ = [
    "Grade",
    "GradeExpired",
    "GradePublished",
    "Kind",
    "Registered",
    "RegistrationCancelled",
    "Track",
    "is_registered",
    "valid_grade",
]
