"""Turns what PostgreSQL refuses into errors that a caller understands.

Only failures that a request can cause are translated; anything else goes on as it is and is logged as our fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg

from linli.errors import Conflict, Invalid, Unavailable

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


class DatabaseBusy(Unavailable):
    """A lock, a time-out or a lost connection; trying again may help."""

    code = "database_busy"


@contextmanager
def translated() -> Iterator[None]:
    """Raise a `LinliError` for the database failures that a request can cause."""
    try:
        yield
    except asyncpg.UniqueViolationError as error:
        raise Duplicate(constraint=_constraint(error)) from error
    except asyncpg.ExclusionViolationError as error:
        raise Duplicate(constraint=_constraint(error)) from error
    except asyncpg.ForeignKeyViolationError as error:
        raise BrokenReference(constraint=_constraint(error)) from error
    except (asyncpg.CheckViolationError, asyncpg.NotNullViolationError) as error:
        raise RefusedByRule(constraint=_constraint(error)) from error
    except (asyncpg.StringDataRightTruncationError, asyncpg.CharacterNotInRepertoireError) as error:
        raise RefusedByRule(constraint="text") from error
    except (
        asyncpg.LockNotAvailableError,
        asyncpg.OperatorInterventionError,  # a time-out; the server ends, or has not begun
        asyncpg.DeadlockDetectedError,
        asyncpg.SerializationError,
        asyncpg.PostgresConnectionError,
        asyncpg.TooManyConnectionsError,
        asyncpg.InternalClientError,  # the server ended the connection while nobody used it
    ) as error:
        raise DatabaseBusy() from error
    except asyncpg.InterfaceError as error:
        if "connection" not in str(error):
            raise  # a wrong call is our own mistake
        raise DatabaseBusy() from error


def _constraint(error: asyncpg.PostgresError) -> str:
    return _SHARD_SUFFIX.sub("", getattr(error, "constraint_name", None) or "")
