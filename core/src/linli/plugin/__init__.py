"""The public plugin API: all that a plugin may import from the kernel."""

from linli.context import Actor, ActorKind, Context
from linli.db.tables import AreaTable, TenantTable
from linli.errors import (
    Conflict,
    Forbidden,
    FutureDate,
    Invalid,
    LinliError,
    NotFound,
    Required,
    StaleVersion,
    TooLong,
    Unavailable,
    UnknownValue,
)
from linli.ids import new_id

__all__ = [
    "Actor",
    "ActorKind",
    "AreaTable",
    "Conflict",
    "Context",
    "Forbidden",
    "FutureDate",
    "Invalid",
    "LinliError",
    "NotFound",
    "Required",
    "StaleVersion",
    "TenantTable",
    "TooLong",
    "Unavailable",
    "UnknownValue",
    "new_id",
]
