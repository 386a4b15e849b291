"""Adding an entry to the audit trail, in the transaction of the thing that it tells of."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from linli.db.unit_of_work import Touched
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.context import Context

_SQL = """
insert into audit_entry (tenant_id, id, occurred_at, actor_kind, actor_id, actor_name, action, subject_table,
    subject_id, request_id, origin, reason, before, after)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)"""


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


async def record(ctx: Context, change: Change) -> UUID:
    """Add an entry; gives its id. The entry is sealed into the hash chain soon after the commit."""
    entry_id = new_id()
    created = change.before is None and change.after is not None
    ctx.db.touched.add(Touched(change.subject_table, change.action, created))
    await ctx.db.execute(
        _SQL,
        ctx.tenant_id,
        entry_id,
        ctx.now(),
        ctx.actor.kind.value,
        ctx.actor.id,
        ctx.actor.name,
        change.action,
        change.subject_table,
        change.subject_id,
        ctx.request_id,
        ctx.origin,
        ctx.reason,
        _json(change.before),
        _json(change.after),
    )
    return entry_id


async def record_many(ctx: Context, changes: Sequence[Change]) -> None:
    """Add an entry for each change, in one statement."""
    if not changes:
        return
    ctx.db.touched.update(
        Touched(one.subject_table, one.action, one.before is None and one.after is not None)
        for one in changes
    )
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


def _json(content: Mapping[str, object] | None) -> str | None:
    return None if content is None else json.dumps(content, ensure_ascii=False, sort_keys=True, default=str)
