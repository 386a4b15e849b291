"""What other plugins may import, when their manifest requires this one.

The questions ask for no permission of the actor: whether an organisation is registered or barred, and which grade
counts, is public; who is an officer is asked about people whom one knows. Is a grade good enough?
`grade.meets(Grade.A3)`. `impose_bar` and `lift_bar` ask for none either: the decision they belong to did. Events are
subscribed to by name, and read as the types below.
"""

from __future__ import annotations

from linli_organisations.bars import impose_bar, is_barred, lift_bar
from linli_organisations.events import GradeExpired, GradePublished, Registered, RegistrationCancelled
from linli_organisations.gradings import valid_grade
from linli_organisations.officers import officers_among
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
    "impose_bar",
    "is_barred",
    "is_registered",
    "lift_bar",
    "officers_among",
    "valid_grade",
]
