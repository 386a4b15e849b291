"""Turns what PostgreSQL refuses into errors that a caller understands.

Only failures that a request can cause are translated; anything else goes on as it is and is logged as our fault.
"""

from __future__ import annotations

import re
from types import TracebackType
from typing import Final

import asyncpg

from linli.errors import Conflict, Invalid, LinliError, Unavailable

_SHARD_SUFFIX = re.compile(r"_\d{5,}$")


class Duplicate(Conflict):
    """A row with the same key exists already (`constraint`)."""

    code = "duplicate"


class BrokenReference(Invalid):
    """A row refers to one that does not exist in this tenant (`constraint`)."""

    code = "broken_reference"


class RefusedByRule(Invalid):
    """A check constraint or data type of the database refused the value (`constraint`)."""

    code = "refused_value"


_BUSY: Final = (
    asyncpg.LockNotAvailableError,
    asyncpg.OperatorInterventionError,  # a time-out; the server ends, or has not begun
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.PostgresConnectionError,
    asyncpg.TooManyConnectionsError,
    asyncpg.InternalClientError,  # the server ended the connection while nobody used it
    OSError,  # nobody listens at its address, or no connection got free in time (TimeoutError is one)
)


class DatabaseBusy(Unavailable):
    """A lock, a time-out or a lost connection; trying again may help."""

    code = "database_busy"


class translated:  # noqa: N801 (used as a function is)
    """Raise a `LinliError` for the database failures that a request can cause."""

    __slots__ = ()

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Raise what stands for the failure, if there is one; else let it go its way."""
        if error is not None and (refusal := _refusal_for(error)) is not None:
            raise refusal from error


def _refusal_for(error: BaseException) -> LinliError | None:
    match error:
        case asyncpg.UniqueViolationError() | asyncpg.ExclusionViolationError():
            return Duplicate(constraint=_constraint(error))
        case asyncpg.ForeignKeyViolationError():
            return BrokenReference(constraint=_constraint(error))
        case asyncpg.CheckViolationError() | asyncpg.NotNullViolationError():
            return RefusedByRule(constraint=_constraint(error))
        case asyncpg.StringDataRightTruncationError() | asyncpg.CharacterNotInRepertoireError():
            return RefusedByRule(constraint="text")
        case asyncpg.InterfaceError():
            # Any other wrong call is our own mistake.
            return DatabaseBusy() if "connection" in str(error) else None
        case error if isinstance(error, _BUSY):
            return DatabaseBusy()
    return None


def _constraint(error: asyncpg.PostgresError) -> str:
    return _SHARD_SUFFIX.sub("", getattr(error, "constraint_name", None) or "")
