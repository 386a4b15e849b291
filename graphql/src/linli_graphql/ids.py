"""Global ids, as `Person_01920a3c-…`: the type and the UUID. Opaque to clients; PostgreSQL writes them cheaply."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from asyncpg.pgproto.pgproto import UUID as ParsedUUID  # a UUID too, and read ten times as fast

from linli.plugin import Invalid

_LENGTH_MAX = 120
NODES_MAX = 100
"""How many nodes can be asked for by their ids at a time."""


class InvalidId(Invalid):
    """An id is not one that this API gave out, or is of another type."""

    code = "invalid_id"


def to_global_id(type_name: str, row_id: UUID) -> str:
    """The global id of a row."""
    return f"{type_name}_{row_id}"


def from_global_id(text: str) -> tuple[str, UUID]:
    """The type's name and the row's id. Raises: InvalidId."""
    if len(text) > _LENGTH_MAX or not text.isascii():
        raise InvalidId()
    name, _, row = text.rpartition("_")
    try:
        row_id: UUID = ParsedUUID(row)
    except ValueError as error:
        raise InvalidId() from error
    if not name.isidentifier() or str(row_id) != row:
        raise InvalidId()
    return name, row_id


def type_in(text: str) -> str:
    """The name of the type in a global id, which need not be a good one; "" when there is none."""
    name = text.rpartition("_")[0]
    return name if len(text) <= _LENGTH_MAX and name.isidentifier() else ""


def types_in(texts: Sequence[str]) -> tuple[str, ...]:
    """The names of the types in some global ids, each once, in the order of the alphabet."""
    return tuple(sorted({type_in(text) for text in texts}))


def local_id(type_name: str, text: str, *, path: tuple[str, ...] = ()) -> UUID:
    """The row's id behind a global id that must be of one type. Raises: InvalidId naming `path`."""
    try:
        name, row_id = from_global_id(text)
    except InvalidId as error:
        raise InvalidId(path=path) from error
    if name != type_name:
        raise InvalidId(path=path)
    return row_id
