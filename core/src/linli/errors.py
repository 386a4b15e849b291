"""The errors of Linli: every refusal has a stable code, and data that a translation can name.

A business refusal is data for the caller: the API turns a `LinliError` into a *problem* (code, translated
message, path) and rolls the transaction back. Anything else that is raised is our own fault, logged once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar


class LinliError(Exception):
    """Base of all expected errors.

    `code` is stable and part of the API; its message is looked up in the catalogues under `problems.<code>`.
    `path` names the input at fault (`("input", "name")`); `details` fill the message's parameters and must
    never hold a secret or another person's data.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, *, path: Sequence[str] = (), **details: object) -> None:
        super().__init__(self.code, details)
        self.path = tuple(path)
        self.details: Mapping[str, object] = MappingProxyType(details)

    def __str__(self) -> str:
        details = ", ".join(f"{name}={value!r}" for name, value in self.details.items())
        return f"{self.code}({details})" if details else self.code


class NotFound(LinliError):
    """There is no such thing, or the caller may not know of it: the two look alike."""

    code: ClassVar[str] = "not_found"


class Conflict(LinliError):
    """The thing exists but its state forbids the request."""

    code: ClassVar[str] = "conflict"


class StaleVersion(Conflict):
    """The caller changed a version of the row that is no longer the newest."""

    code: ClassVar[str] = "stale_version"


class Forbidden(LinliError):
    """The actor may know of the thing but may not do this."""

    code: ClassVar[str] = "forbidden"


class Unauthenticated(LinliError):
    """The request has no credential, or one that is not (or no longer) good."""

    code: ClassVar[str] = "unauthenticated"


class Invalid(LinliError):
    """The input breaks a rule that can be checked without looking at anything else."""

    code: ClassVar[str] = "invalid"


class Required(Invalid):
    """A value that must be given is missing or empty."""

    code: ClassVar[str] = "required"


class TooLong(Invalid):
    """A text is longer than its limit (`limit`, in characters)."""

    code: ClassVar[str] = "too_long"


class FutureDate(Invalid):
    """A fact is dated in the future."""

    code: ClassVar[str] = "future_date"


class UnknownValue(Invalid):
    """A value is not among the allowed ones (`value`, `allowed`)."""

    code: ClassVar[str] = "unknown_value"


class Unavailable(LinliError):
    """Something that we depend on is away or too busy; trying later may help."""

    code: ClassVar[str] = "unavailable"


class TenantSuspended(Unavailable):
    """The tenant is suspended or closing; nothing can be read or written."""

    code: ClassVar[str] = "tenant_suspended"
