"""New keys for old: at once for what is written, batch by batch for what is there, with both readable meanwhile.

No row's version changes, so nobody who works on a row meets a rotation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.db.encryption.algorithms import DIGEST_OF
from linli.db.encryption.columns import EncryptedColumn, encrypted_columns
from linli.db.encryption.errors import KeyDestroyed, ValueDamaged
from linli.db.encryption.fields import (
    cipher_of,
    index_of,
    key_id_of,
    opened_content,
    sealed_content,
    vault_of,
)
from linli.db.encryption.vault import DataKey
from linli.db.tables import TenantTable, table_name
from linli.ids import new_id
from linli.jobs import Job, enqueue
from linli.privacy.errors import UnknownPurpose
from linli.privacy.tables import Rotation

MANAGE: Final = "privacy.key.manage"
BATCH: Final = 1_000
BINARY_BATCH: Final = 16  # contents of up to a megabyte each
PASSES_MAX: Final = 20
_COLUMNS_MAX: Final = 1_000
_START: Final = UUID(int=0)

_DRAIN: Final = """
update privacy_data_key set state = 'draining', version = version + 1, updated_at = now()
where tenant_id = $1 and purpose = $2 and kind = any($3) and state = 'current'"""
_RETIRE: Final = """
update privacy_data_key set state = 'retired', version = version + 1, updated_at = now()
where tenant_id = $1 and purpose = $2 and kind = any($3) and state = 'draining'"""
_PURPOSES: Final = """
select purpose from privacy_data_key where tenant_id = $1 and state = 'current' group by purpose limit $2"""
_BEGIN: Final = """
insert into privacy_rotation (tenant_id, id, purpose, table_name, column_name, with_index, last_id)
values ($1, $2, $3, $4, $5, $6, $7)
on conflict (tenant_id, table_name, column_name) do update set purpose = excluded.purpose,
    with_index = excluded.with_index or (privacy_rotation.state <> 'done' and privacy_rotation.with_index),
    last_id = excluded.last_id, passes = 0, rows_done = 0, rows_left = 0, state = 'running', finished_at = null,
    version = privacy_rotation.version + 1"""
_OF_PURPOSE: Final = """
select * from privacy_rotation where tenant_id = $1 and purpose = $2 order by table_name, column_name limit $3
for update"""


@dataclass(frozen=True, slots=True)
class _Batch:
    """What became of some rows of a column; `last_id` is None at the end of the table."""

    last_id: UUID | None
    changed: int


async def rotate(ctx: Context, purpose: str | None = None, *, with_index: bool = False) -> Sequence[str]:
    """Put a new key in the place of a purpose's current one (of all purposes by default); gives the purposes.

    What is written from now on is under the new key, in the cipher that the setting names; a job moves what is
    there. `with_index` also replaces the key of the search index. Beginning again is harmless.
    Raises: PermissionDenied, UnknownPurpose, MasterKeyMissing, MasterKeyUnavailable.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    used = [row["purpose"] for row in await ctx.db.fetch(_PURPOSES, ctx.tenant_id, _COLUMNS_MAX)]
    wanted = used if purpose is None else [one for one in used if one == purpose]
    if purpose is not None and not wanted:
        raise UnknownPurpose(purpose=purpose[:80])
    for one in wanted:
        await _rotate_one(ctx, one, with_index=with_index)
    return wanted


async def continue_rotation(ctx: Context, arguments: Mapping[str, object]) -> None:
    """Move one batch of a purpose's values to its current key, and put down the next batch as a job of its own."""
    purpose = str(arguments["purpose"])
    found = await ctx.db.fetch(_OF_PURPOSE, ctx.tenant_id, purpose, _COLUMNS_MAX)
    rotations = [rows.from_record(Rotation, row) for row in found]
    running = next((one for one in rotations if one.state == "running"), None)
    if running is not None:
        await _advance(ctx, running)
        # Without a key: this job's own row is pending until the commit, and would be joined.
        await enqueue(ctx, JOB.name, {"purpose": purpose})
        return
    if all(one.state == "done" for one in rotations):
        kinds = ["cipher", *(["index"] if all(one.with_index for one in rotations) else [])]
        await ctx.db.execute(_RETIRE, ctx.tenant_id, purpose, kinds)


async def state(ctx: Context) -> Sequence[Rotation]:
    """How far the rotations of the tenant's columns are. Raises: PermissionDenied."""
    ctx.require(MANAGE, WHOLE_TENANT)
    sql = "select * from privacy_rotation where tenant_id = $1 order by table_name, column_name limit $2"
    return [rows.from_record(Rotation, row) for row in await ctx.db.fetch(sql, ctx.tenant_id, _COLUMNS_MAX)]


async def rewrap(ctx: Context) -> int:
    """Wrap the tenant's keys anew with the current master key; gives how many were. No value is touched.

    Raises: PermissionDenied, MasterKeyMissing, MasterKeyWrong, MasterKeyUnavailable.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    return await vault_of(ctx).rewrap(ctx.db, ctx.tenant_id)


async def _rotate_one(ctx: Context, purpose: str, *, with_index: bool) -> None:
    vault, cipher = vault_of(ctx), cipher_of(ctx)
    kinds = ["cipher", *(["index"] if with_index else [])]
    await ctx.db.execute(_DRAIN, ctx.tenant_id, purpose, kinds)
    await vault.add(ctx.db, ctx.tenant_id, purpose, "cipher", cipher)
    if with_index:
        await vault.add(ctx.db, ctx.tenant_id, purpose, "index", DIGEST_OF[cipher])
    for _table, column in columns_of(ctx, purpose):
        await ctx.db.execute(
            _BEGIN,
            ctx.tenant_id,
            new_id(),
            purpose,
            column.table,
            column.name,
            with_index and column.index is not None,
            _START,
        )
    await record(ctx, Change("rotate", "privacy_data_key", after={"purpose": purpose, "kinds": kinds}))
    await enqueue(ctx, JOB.name, {"purpose": purpose}, key=purpose)


def columns_of(ctx: Context, purpose: str) -> list[tuple[type[TenantTable], EncryptedColumn]]:
    """The encrypted columns of the tenant's plugins that are for one purpose."""
    return [
        (table, column)
        for table in ctx.plugins.tables
        for column in encrypted_columns(table)
        if column.purpose == purpose
    ]


async def _advance(ctx: Context, rotation: Rotation) -> None:
    found = columns_of(ctx, rotation.purpose)
    place = (rotation.table_name, rotation.column_name)
    match = next(((t, c) for t, c in found if (c.table, c.name) == place), None)
    if match is None:  # its plugin was switched off meanwhile: the old key stays readable
        await _store(ctx, rotation, state="incomplete", finished_at=ctx.now())
        return
    table, column = match
    keys = await _keys(ctx, column, with_index=rotation.with_index)
    batch = await _move(ctx, table, column, keys, rotation.last_id)
    done = rotation.rows_done + batch.changed
    if batch.last_id is not None:
        await _store(ctx, rotation, last_id=batch.last_id, rows_done=done)
        return
    left = await _left(ctx, column, keys[0])
    passes = rotation.passes + 1
    if left and passes < PASSES_MAX and done > rotation.rows_left:
        # Rows that somebody was writing were passed over; `rows_left` notes how many were done before this pass.
        await _store(ctx, rotation, last_id=_START, passes=passes, rows_done=done, rows_left=done)
        return
    ended = "incomplete" if left else "done"
    await _store(
        ctx, rotation, passes=passes, rows_done=done, rows_left=left, state=ended, finished_at=ctx.now()
    )


async def _keys(ctx: Context, column: EncryptedColumn, *, with_index: bool) -> tuple[DataKey, DataKey | None]:
    vault, cipher = vault_of(ctx), cipher_of(ctx)
    key = await vault.writing_key(ctx.db, ctx.tenant_id, column.purpose, "cipher", cipher)
    if not with_index:
        return key, None
    digests = DIGEST_OF[cipher]
    return key, await vault.writing_key(ctx.db, ctx.tenant_id, column.purpose, "index", digests)


async def _move(
    ctx: Context,
    table: type[TenantTable],
    column: EncryptedColumn,
    keys: tuple[DataKey, DataKey | None],
    after: UUID,
) -> _Batch:
    """Encrypt a batch anew. Rows that are being written are passed over: the job never waits with rows held."""
    key, index_key = keys
    name, index = column.name, column.index if index_key is not None else None
    size = BINARY_BATCH if column.binary else BATCH
    found = await ctx.db.fetch(
        f"select id, {name} as sealed from {table_name(table)} where tenant_id = $1 and id > $2"
        f" and {name} is not null order by id limit $3 for no key update skip locked",
        ctx.tenant_id,
        after,
        size,
    )
    ids: list[UUID] = []
    fresh: list[bytes] = []
    indexes: list[bytes | None] = []
    for row in found:
        if key_id_of(row["sealed"]) == key.id and index_key is None:
            continue
        try:
            content = await opened_content(ctx, column, row["id"], row["sealed"])
        except (KeyDestroyed, ValueDamaged):
            continue  # it could not be read before either
        ids.append(row["id"])
        fresh.append(sealed_content(key, column, row["id"], content))
        indexes.append(None if index_key is None else index_of(index_key, column, content.decode()))
    if ids:
        sets = f"{name} = v.fresh" + (f", {index} = v.digest" if index else "")
        await ctx.db.execute(
            f"update {table_name(table)} t set {sets}"
            " from unnest($2::uuid[], $3::bytea[], $4::bytea[]) as v(id, fresh, digest)"
            " where t.tenant_id = $1 and t.id = v.id",
            ctx.tenant_id,
            ids,
            fresh,
            indexes,
        )
    return _Batch(found[-1]["id"] if len(found) == size else None, len(ids))


async def _left(ctx: Context, column: EncryptedColumn, key: DataKey) -> int:
    sql = (
        f"select count(*) from {column.table} where tenant_id = $1 and {column.name} is not null"
        f" and substring({column.name} from 3 for 16) <> $2"
    )
    found: int = await ctx.db.fetchval(sql, ctx.tenant_id, key.id.bytes)
    return found


async def _store(ctx: Context, rotation: Rotation, **values: object) -> None:
    sets = ", ".join(f"{name} = ${i}" for i, name in enumerate(values, start=3))
    sql = f"update privacy_rotation set {sets}, updated_at = now() where tenant_id = $1 and id = $2"
    await ctx.db.execute(sql, ctx.tenant_id, rotation.id, *values.values())


JOB: Final = Job("privacy.continue_rotation", continue_rotation, timeout_s=60, attempts_max=20)
