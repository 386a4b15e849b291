"""Putting a job down in the caller's transaction: it runs if, and only if, that is committed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from linli.errors import Invalid, TooLong
from linli.ids import new_id

if TYPE_CHECKING:
    from linli.context import Context

ARGUMENTS_MAX: Final = 20
ARGUMENTS_BYTES_MAX: Final = 2_048
TEXT_CHARACTERS_MAX: Final = 200
KEY_CHARACTERS_MAX: Final = 200

_INSERT = """
insert into jobs_job (tenant_id, id, name, args, key, run_at) values ($1, $2, $3, $4, $5, $6)"""

# A job that is running holds its row's lock and is skipped: it may have read its data before this change.
_JOIN_PENDING = """
update jobs_job set run_at = least(run_at, $4), updated_at = $5
where tenant_id = $1 and id = (
    select id from jobs_job
    where tenant_id = $1 and name = $2 and key = $3 and status = 'pending'
    order by id limit 1 for update skip locked)
returning id"""


class UnknownJob(Invalid):
    """No plugin that the tenant has on has a job of this name (`job`)."""

    code = "jobs.unknown_job"


class BadArguments(Invalid):
    """Arguments are ids, numbers and short codes, and few (`job`, `argument`)."""

    code = "jobs.bad_arguments"


async def enqueue(
    ctx: Context,
    name: str,
    args: Mapping[str, object] | None = None,
    *,
    run_at: datetime | None = None,
    key: str | None = None,
) -> UUID:
    """Put a job down; gives its id. It runs at once after the commit, or not before `run_at`.

    With a `key`, a job of the same name and key that has not begun is joined instead (its own arguments
    stay, the earlier time holds), so the key must say all that the arguments say. A job that has begun is
    never joined.

    Raises: UnknownJob, BadArguments, TooLong.
    """
    if name not in ctx.plugins.jobs:
        raise UnknownJob(job=name)
    content = _content(name, args or {})
    now = ctx.now()
    due = run_at or now
    if due.utcoffset() is None:
        raise BadArguments(path=("run_at",), job=name, argument="run_at")
    if key is not None:
        if len(key) > KEY_CHARACTERS_MAX:
            raise TooLong(path=("key",), limit=KEY_CHARACTERS_MAX)
        # Two callers with one key take turns; whoever is second sees the first's row.
        await ctx.db.take_turns(f"{name}/{key}")
        joined: UUID | None = await ctx.db.fetchval(_JOIN_PENDING, ctx.tenant_id, name, key, due, now)
        if joined is not None:
            return joined
    job_id = new_id()
    await ctx.db.execute(_INSERT, ctx.tenant_id, job_id, name, content, key, due)
    return job_id


def _content(name: str, args: Mapping[str, object]) -> str:
    plain: dict[str, object] = {}
    for argument, value in args.items():
        plain[argument] = str(value) if isinstance(value, UUID) else value
        allowed = value is None or isinstance(value, str | int | float | UUID)
        if not allowed or (isinstance(value, str) and len(value) > TEXT_CHARACTERS_MAX):
            raise BadArguments(path=("args", argument), job=name, argument=argument)
    try:
        content = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    except ValueError as error:
        raise BadArguments(path=("args",), job=name, argument="") from error
    if len(plain) > ARGUMENTS_MAX or len(content.encode()) > ARGUMENTS_BYTES_MAX:
        raise BadArguments(path=("args",), job=name, argument="")
    return content
