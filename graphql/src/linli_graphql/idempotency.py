"""Idempotency keys: kept in the transaction of the mutation that they make repeatable."""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry

from linli.plugin import Conflict, Context, TooLong, new_id

KEY_LENGTH_MAX = 100
KEPT = timedelta(days=7)
_PURGE_ROWS = 5_000
_PURGE_ROUNDS_MAX = 20


class KeyReused(Conflict):
    """The idempotency key was used before for a different request."""

    code = "graphql.idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A call of a mutation field, with or without a key."""

    field: str
    key: str | None
    arguments: dict[str, Any]
    secret: str = dataclasses.field(repr=False)

    @property
    def request_hash(self) -> str:
        """Stands for the arguments; equal arguments have equal hashes.

        Keyed by the installation's secret: arguments can be few enough to be guessed, such as identity numbers.
        """
        text = json.dumps(_plain(self.arguments), ensure_ascii=False, sort_keys=True, default=str)
        return hmac.new(self.secret.encode(), text.encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Replayed:
    """An earlier call with the same key was done, and gave this row."""

    row_id: UUID | None


async def begin(ctx: Context, attempt: Attempt) -> Replayed | None:
    """Claim the key, or find what the earlier call gave. A concurrent call with the same key waits for this one.

    Raises: KeyReused, TooLong.
    """
    if attempt.key is None:
        return None
    if not 1 <= len(attempt.key) <= KEY_LENGTH_MAX:
        raise TooLong(path=("idempotency_key",), limit=KEY_LENGTH_MAX)
    claimed = await ctx.db.fetchval(
        "insert into graphql_idempotency (tenant_id, id, principal, field, key, request_hash)"
        " values ($1, $2, $3, $4, $5, $6) on conflict (tenant_id, principal, field, key) do nothing returning id",
        ctx.tenant_id,
        new_id(),
        _principal(ctx),
        attempt.field,
        attempt.key,
        attempt.request_hash,
    )
    if claimed is not None:
        return None
    row = await ctx.db.fetchrow(
        "select request_hash, row_id from graphql_idempotency"
        " where tenant_id = $1 and principal = $2 and field = $3 and key = $4",
        ctx.tenant_id,
        _principal(ctx),
        attempt.field,
        attempt.key,
    )
    if row is None or row["request_hash"] != attempt.request_hash:
        raise KeyReused(path=("idempotency_key",))
    return Replayed(row["row_id"])


async def finish(ctx: Context, attempt: Attempt, row_id: UUID | None) -> None:
    """Keep what the call gave."""
    if attempt.key is None or row_id is None:
        return
    await ctx.db.execute(
        "update graphql_idempotency set row_id = $5"
        " where tenant_id = $1 and principal = $2 and field = $3 and key = $4",
        ctx.tenant_id,
        _principal(ctx),
        attempt.field,
        attempt.key,
        row_id,
    )


async def purge(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Forget keys that are older than `KEPT`: at most 100,000 a run."""
    for _ in range(_PURGE_ROUNDS_MAX):
        tag = await ctx.db.execute(
            "delete from graphql_idempotency where tenant_id = $1 and id in (select id from graphql_idempotency"
            " where tenant_id = $1 and created_at < $2 order by created_at limit $3)",
            ctx.tenant_id,
            ctx.now() - KEPT,
            _PURGE_ROWS,
        )
        if tag == "DELETE 0":
            return


def _principal(ctx: Context) -> str:
    return f"{ctx.actor.kind.value}:{ctx.actor.id}"


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        pairs = ((item.name, getattr(value, item.name)) for item in dataclasses.fields(value))
        return {name: _plain(one) for name, one in pairs if one is not strawberry.UNSET}
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items() if one is not strawberry.UNSET}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value.value if isinstance(value, Enum) else value
