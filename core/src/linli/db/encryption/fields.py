"""Encrypting and decrypting the columns of rows. A ciphertext is bound to its tenant, table, column and row.

Its bytes: version (1), cipher, the key's id (16), nonce (12), ciphertext, tag (16).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final, TypeVar
from uuid import UUID

from linli.db.encryption import algorithms
from linli.db.encryption.algorithms import (
    CIPHERS,
    DIGEST_OF,
    NONCE_BYTES,
    TAG_BYTES,
    Algorithm,
    Forged,
    digest,
)
from linli.db.encryption.columns import EncryptedColumn, encrypted_column, encrypted_columns
from linli.db.encryption.errors import MasterKeyMissing, UnknownCipher, ValueDamaged
from linli.db.encryption.vault import DataKey, Vault
from linli.db.tables import TenantTable, table_name
from linli.errors import TooLong

if TYPE_CHECKING:
    from linli.context import Context
    from linli.db.unit_of_work import UnitOfWork

T = TypeVar("T", bound=TenantTable)
VERSION: Final = 1
HEADER_BYTES: Final = 18
OVERHEAD_BYTES: Final = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
FOUND_MAX: Final = 100
_CIPHER_CODES: Final = {Algorithm.AES_256_GCM: 1, Algorithm.SM4_GCM: 2}
_CIPHER_OF: Final = {code: cipher for cipher, code in _CIPHER_CODES.items()}


async def encrypted_values(
    ctx: Context, table: type[TenantTable], row_id: UUID, values: Mapping[str, object]
) -> Mapping[str, object]:
    """The values of a row with encrypted columns as ciphertext, and their indexes added.

    Raises: TooLong, MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable, UnknownCipher.
    """
    wanted = [column for column in encrypted_columns(table) if column.name in values]
    if not wanted:
        return values
    stored = dict(values)
    for column in wanted:
        text = values[column.name]
        if text is not None and not isinstance(text, str):
            raise TypeError(f"{column.table}.{column.name}: give the text, not {type(text).__name__}")
        stored |= await _stored(ctx, column, row_id, text)
    return stored


async def decrypt(ctx: Context, row: TenantTable, column: str) -> str | None:
    """The text in an encrypted column of a row that was read in this context's tenant; None for nothing.

    Raises: KeyDestroyed, ValueDamaged, MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
    """
    return (await decrypt_all(ctx, [row], column))[0]


async def decrypt_all(ctx: Context, found: Sequence[TenantTable], column: str) -> list[str | None]:
    """The texts of many rows of one table, in their order. Raises: as `decrypt`."""
    if not found:
        return []
    declared = encrypted_column(type(found[0]), column)
    texts: list[str | None] = []
    for row in found:
        sealed = getattr(row, column)
        texts.append(None if sealed is None else await opened(ctx, declared, row.id, sealed))
    return texts


async def find_equal(
    ctx: Context, table: type[T], column: str, value: str, *, limit: int = FOUND_MAX
) -> list[T]:
    """The rows whose encrypted column holds this value, found by its index: nothing is decrypted.

    Raises: MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
    """
    from linli.db.rows import from_record

    declared = encrypted_column(table, column)
    assert declared.index is not None, f"{declared.table}.{column} has no BlindIndex"
    keys = await vault_of(ctx).search_keys(ctx.db, ctx.tenant_id, declared.purpose)
    wanted = [index_of(key, declared, value) for key in keys]
    sql = (
        f"select * from {table_name(table)} where tenant_id = $1 and {declared.index} = any($2)"
        " order by id limit $3"
    )
    found = await ctx.db.fetch(sql, ctx.tenant_id, wanted, min(limit, FOUND_MAX)) if wanted else []
    return [from_record(table, row) for row in found]


def vault_of(ctx: Context) -> Vault:
    """The keys of the process that the context belongs to. Raises: MasterKeyMissing."""
    if ctx.db.vault is None:
        raise MasterKeyMissing(key_id="-")
    return ctx.db.vault


def cipher_of(ctx: Context) -> Algorithm:
    """The cipher that the tenant has chosen for new keys. Raises: UnknownCipher."""
    chosen = str(ctx.setting("privacy.cipher"))
    if chosen not in CIPHERS:
        raise UnknownCipher(value=chosen[:40], allowed=", ".join(CIPHERS))
    return Algorithm(chosen)


async def _stored(ctx: Context, column: EncryptedColumn, row_id: UUID, text: str | None) -> dict[str, object]:
    if text is None:
        return {column.name: None, **({column.index: None} if column.index else {})}
    if len(text) > column.limit:
        raise TooLong(path=(column.name,), limit=column.limit)
    vault, cipher = vault_of(ctx), cipher_of(ctx)
    key = await vault.writing_key(ctx.db, ctx.tenant_id, column.purpose, "cipher", cipher)
    found: dict[str, object] = {column.name: sealed_text(key, column, row_id, text)}
    if column.index:
        digests = DIGEST_OF[cipher]
        key = await vault.writing_key(ctx.db, ctx.tenant_id, column.purpose, "index", digests)
        found[column.index] = index_of(key, column, text)
    return found


def sealed_text(key: DataKey, column: EncryptedColumn, row_id: UUID, text: str) -> bytes:
    """A text as the database keeps it."""
    return sealed_content(key, column, row_id, text.encode())


def sealed_content(key: DataKey, column: EncryptedColumn, row_id: UUID, content: bytes) -> bytes:
    """A content as the database keeps it."""
    header = bytes((VERSION, _CIPHER_CODES[key.algorithm])) + key.id.bytes
    associated = _associated(header, key.tenant_id, column, row_id)
    return header + algorithms.encrypt(key.algorithm, key.secret, content, associated)


async def seal_content(
    ctx: Context, table: type[TenantTable], name: str, row_id: UUID, content: bytes
) -> bytes:
    """A content for the column `name` of the row that will have this id.

    Raises: TooLong, MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable, UnknownCipher.
    """
    column = encrypted_column(table, name)
    if len(content) > column.limit:
        raise TooLong(path=(name,), limit=column.limit)
    key = await vault_of(ctx).writing_key(ctx.db, ctx.tenant_id, column.purpose, "cipher", cipher_of(ctx))
    return sealed_content(key, column, row_id, content)


async def open_content(
    db: UnitOfWork, tenant_id: UUID, table: type[TenantTable], name: str, row_id: UUID, sealed: bytes
) -> bytes:
    """The content of a column that was read in a unit of work of this tenant. Raises: as `decrypt`."""
    return await _opened(db, tenant_id, encrypted_column(table, name), row_id, sealed)


async def opened(ctx: Context, column: EncryptedColumn, row_id: UUID, sealed: bytes) -> str:
    """The text that the database keeps of one row. Raises: as `decrypt`."""
    return (await opened_content(ctx, column, row_id, sealed)).decode()


async def opened_content(ctx: Context, column: EncryptedColumn, row_id: UUID, sealed: bytes) -> bytes:
    """The bytes of a text or content that the database keeps of one row. Raises: as `decrypt`."""
    return await _opened(ctx.db, ctx.tenant_id, column, row_id, sealed)


async def _opened(
    db: UnitOfWork, tenant_id: UUID, column: EncryptedColumn, row_id: UUID, sealed: bytes
) -> bytes:
    if db.vault is None:
        raise MasterKeyMissing(key_id="-")
    key_id = key_id_of(sealed)
    key = None if key_id is None else await db.vault.reading_key(db, tenant_id, key_id)
    if key is None:
        raise ValueDamaged(table=column.table, column=column.name)
    header, body = sealed[:HEADER_BYTES], sealed[HEADER_BYTES:]
    try:
        return algorithms.decrypt(
            key.algorithm, key.secret, body, _associated(header, key.tenant_id, column, row_id)
        )
    except Forged as error:
        raise ValueDamaged(table=column.table, column=column.name) from error


def index_of(key: DataKey, column: EncryptedColumn, text: str) -> bytes:
    """The keyed hash by which equal values of a column are found."""
    place = f"{column.table}.{column.name}\0".encode()
    return digest(key.algorithm, key.secret, place + column.normal(text).encode())


def key_id_of(sealed: bytes) -> UUID | None:
    """The id of the key that a stored value names; None for what is no such value."""
    known = len(sealed) >= OVERHEAD_BYTES and sealed[0] == VERSION and sealed[1] in _CIPHER_OF
    return UUID(bytes=sealed[2:HEADER_BYTES]) if known else None


def _associated(header: bytes, tenant_id: UUID, column: EncryptedColumn, row_id: UUID) -> bytes:
    place = f"{column.table}.{column.name}".encode()
    return b"linli field\0" + header + tenant_id.bytes + row_id.bytes + place
