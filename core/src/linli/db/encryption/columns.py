"""Columns for a plugin's tables: a text that is stored encrypted, and the index by which it is found."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, overload

from piccolo.columns import Bytea
from piccolo.table import Table

PLAIN_CHARACTERS_MAX: Final = 2_000


def normal_text(value: str) -> str:
    """The form in which texts are compared: NFKC, upper case, without white space at the ends."""
    return unicodedata.normalize("NFKC", value).strip().upper()


class EncryptedText(Bytea):
    """A text that is stored encrypted under the tenant's key for `purpose`.

    `rows.insert` and `rows.update` take the text and encrypt it; a row that was read holds the ciphertext, and
    `privacy.decrypt(ctx, row, "column")` gives the text. In the database it is a nullable `bytea`. A text has at
    most `limit` characters.
    """

    value_type = bytes

    def __init__(self, *, purpose: str, limit: int = PLAIN_CHARACTERS_MAX, **options: Any) -> None:
        self.purpose = purpose
        self.limit = limit
        options.setdefault("default", None)
        options.setdefault("null", True)
        super().__init__(**options)

    @overload  # type: ignore[override]  # a bytea that may be null
    def __get__(self, obj: Table, objtype: Any = None) -> bytes | None: ...

    @overload
    def __get__(self, obj: None, objtype: Any = None) -> EncryptedText: ...

    def __get__(self, obj: Table | None, objtype: Any = None) -> bytes | EncryptedText | None:
        return obj.__dict__[self._meta.name] if obj is not None else self

    def __set__(self, obj: Table, value: bytes | None) -> None:
        obj.__dict__[self._meta.name] = value


class EncryptedBytes(EncryptedText):
    """A content that is stored encrypted as `EncryptedText` is, of at most `limit` bytes.

    Whoever writes it seals it (`seal_content`), and opens what was read (`open_content`).
    """


class BlindIndex(Bytea):
    """The keyed hash of the encrypted column `of`, by which equal values are found without decrypting any.

    `rows` fills it. `normal` gives the form in which values are compared. In the database it is a nullable
    `bytea` with an index.
    """

    value_type = bytes

    def __init__(self, *, of: str, normal: Callable[[str], str] = normal_text, **options: Any) -> None:
        self.of = of
        self.normal = normal
        options.setdefault("default", None)
        options.setdefault("null", True)
        options.setdefault("secret", True)
        super().__init__(**options)


@dataclass(frozen=True, slots=True)
class EncryptedColumn:
    """What is declared of an encrypted column; `index` is None when it cannot be searched."""

    table: str
    name: str
    purpose: str
    limit: int
    index: str | None
    normal: Callable[[str], str]
    binary: bool = False


@lru_cache(maxsize=1_024)
def encrypted_columns(table: type[Table]) -> tuple[EncryptedColumn, ...]:
    """The encrypted columns of a table, in the order of their declaration. Raises: TypeError for a bad index."""
    columns = table._meta.columns
    indexes = {column.of: column for column in columns if isinstance(column, BlindIndex)}
    found = tuple(
        EncryptedColumn(
            table=table._meta.tablename,
            name=column._meta.name,
            purpose=column.purpose,
            limit=column.limit,
            index=indexes[column._meta.name]._meta.name if column._meta.name in indexes else None,
            normal=indexes[column._meta.name].normal if column._meta.name in indexes else normal_text,
            binary=isinstance(column, EncryptedBytes),
        )
        for column in columns
        if isinstance(column, EncryptedText)
    )
    if strange := indexes.keys() - {one.name for one in found}:
        raise TypeError(f"{table.__name__}: an index of {sorted(strange)}, which are not encrypted")
    return found


def encrypted_column(table: type[Table], name: str) -> EncryptedColumn:
    """The declaration of one encrypted column. Raises: TypeError when it is none."""
    found = next((one for one in encrypted_columns(table) if one.name == name), None)
    if found is None:
        raise TypeError(f"{table.__name__}.{name} is not declared as EncryptedText")
    return found
