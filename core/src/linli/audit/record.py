"""Adding an entry to the audit trail, in the transaction of the thing that it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.db.unit_of_work import Touched
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.context import Context

_encode: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str).encode
_COLUMNS: Final[Mapping[str, str]] = {
    "tenant_id": "uuid",
    "id": "uuid",
    "occurred_at": "timestamptz",
    "actor_kind": "text",
    "actor_id": "uuid",
    "actor_name": "text",
    "action": "text",
    "subject_table": "text",
    "subject_id": "uuid",
    "request_id": "text",
    "origin": "text",
    "reason": "text",
    "before": "jsonb",
    "after": "jsonb",
}
_SQL_MANY = """
insert into audit_entry (tenant_id, id, occurred_at, actor_kind, actor_id, actor_name, action, subject_table,
    subject_id, request_id, origin, reason, before, after)
select $1, e.id, $2, $3, $4, $5, e.action, e.subject_table, e.subject_id, $6, $7, $8, e.before::jsonb, e.after::jsonb
from unnest($9::uuid[], $10::text[], $11::text[], $12::uuid[], $13::text[], $14::text[])
    as e (id, action, subject_table, subject_id, before, after)"""


@dataclass(frozen=True, slots=True)
class Change:
    """What was done to one subject. `before` and `after` are plain values, masked where personal."""

    action: str
    subject_table: str = ""
    subject_id: UUID | None = None
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None


def insertion(first: int = 1) -> str:
    """The start of a statement that adds an entry, `insert into … select …`; a `from …` may follow.

    Its parameters are numbered from `first`, and their values are those of `values_of`.
    """
    places = ", ".join(f"${i}::{kind}" for i, kind in enumerate(_COLUMNS.values(), start=first))
    return f"insert into audit_entry ({', '.join(_COLUMNS)}) select {places}"


_SQL: Final = insertion()


async def record(ctx: Context, change: Change) -> UUID:
    """Add an entry; gives its id. The entry is sealed into the hash chain soon after the commit."""
    entry_id = new_id()
    note(ctx, change)
    await ctx.db.execute(_SQL, *values_of(ctx, change, entry_id))
    return entry_id


async def record_many(ctx: Context, changes: Sequence[Change]) -> None:
    """Add an entry for each change, in one statement."""
    if not changes:
        return
    for one in changes:
        note(ctx, one)
    await ctx.db.execute(
        _SQL_MANY,
        ctx.tenant_id,
        ctx.now(),
        ctx.actor.kind.value,
        ctx.actor.id,
        ctx.actor.name,
        ctx.request_id,
        ctx.origin,
        ctx.reason,
        [new_id() for _ in changes],
        [one.action for one in changes],
        [one.subject_table for one in changes],
        [one.subject_id for one in changes],
        [_json(one.before) for one in changes],
        [_json(one.after) for one in changes],
    )


def note(ctx: Context, change: Change) -> None:
    """Remember that the trail tells of a table; `record` does it too, a statement made with `insertion` does not."""
    created = change.before is None and change.after is not None
    ctx.db.touched.add(Touched(change.subject_table, change.action, created))


def values_of(ctx: Context, change: Change, entry_id: UUID) -> tuple[object, ...]:
    """The values of an entry, in the order of `insertion`."""
    actor = ctx.actor
    return (
        ctx.tenant_id, entry_id, ctx.now(), actor.kind.value, actor.id, actor.name, change.action,
        change.subject_table, change.subject_id, ctx.request_id, ctx.origin, ctx.reason,
        _json(change.before), _json(change.after),
    )  # fmt: skip


def _json(content: Mapping[str, object] | None) -> str | None:
    return None if content is None else _encode(content)
