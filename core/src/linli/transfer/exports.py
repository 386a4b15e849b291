"""Exports, as their users ask for them, and as the interface that reads the lists moves them on."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from linli.areas.locking import hold_tree
from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.errors import LinliError
from linli.transfer import files
from linli.transfer.acting import Asking
from linli.transfer.formats import Format
from linli.transfer.leftovers import PREFIX
from linli.transfer.tables import DataExport
from linli.workflow import Facts, StateMachine, Transition

RUN: Final = "transfer.export.run"
READ: Final = "transfer.export.read"

EXPORT_STATES: Final = StateMachine(
    "transfer.export",
    "waiting",
    transitions=[Transition("finish", "waiting", "done"), Transition("fail", "waiting", "failed")],
    final=("done", "failed"),
)
_AT: Final = "select id from areas_area where tenant_id = $1 and path = $2"


async def start(
    ctx: Context,
    *,
    connection: str,
    permission: str,
    conditions: Mapping[str, Any],
    order_by: str,
    columns: Sequence[str],
    file_format: Format,
) -> DataExport:
    """Enter that a list is to be exported; `permission` is what reading it takes. The caller enqueues the work.

    The export lies where the actor may export, so that supervisors of that place see it. Raises: PermissionDenied.
    """
    ctx.require(RUN)
    ctx.require(permission)
    path = ctx.scopes(RUN)[0]
    await hold_tree(ctx)
    return await rows.insert(
        ctx,
        DataExport,
        action="start",
        area_id=await ctx.db.fetchval(_AT, ctx.tenant_id, path) if path else None,
        area_path=path,
        connection=connection,
        filter=dict(conditions),
        order_by=order_by,
        columns=list(columns),
        format=file_format.value,
        **Asking.of(ctx).columns,
    )


@asynccontextmanager
async def export_folder() -> AsyncIterator[Path]:
    """A folder for the file while it is written."""
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as folder:
        yield Path(folder)


async def finish(
    ctx: Context, found: DataExport, path: Path, *, name: str, table: str, rows_done: int
) -> None:
    """Store the written file, and enter in the audit trail who exported what, by which filter, and how many rows.

    `ctx` is that of whoever asked. Raises: FileTooLarge.
    """
    with path.open("rb") as content:
        stored = await files.store(
            ctx, content, purpose="export", name=name, file_format=Format(found.format)
        )
    fresh = await rows.get(ctx, DataExport, found.id, lock=True)
    state = EXPORT_STATES.apply(fresh.state, "finish", Facts(actor_id=ctx.actor.id))
    await rows.update(
        ctx,
        fresh,
        action="finish",
        state=state,
        file_id=stored.id,
        rows_done=rows_done,
        finished_at=ctx.now(),
    )
    told = {
        "export_id": str(found.id),
        "connection": found.connection,
        "filter": found.filter,
        "columns": list(found.columns),
        "format": found.format,
        "rows": rows_done,
        "sha256": stored.sha256,
    }
    await record(ctx, Change("export", table, found.id, before=told, after=told))


async def fail(ctx: Context, export_id: UUID, error: LinliError) -> None:
    """Enter that an export came to nothing, and why."""
    found = await rows.get(ctx, DataExport, export_id, lock=True)
    if found.state != "waiting":
        return
    state = EXPORT_STATES.apply(found.state, "fail", Facts(actor_id=found.acting_id))
    await rows.update(
        ctx,
        found,
        action="fail",
        state=state,
        error_code=error.code,
        error_details=dict(error.details),
        finished_at=ctx.now(),
    )
