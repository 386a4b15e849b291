"""What the jobs of imports have in common: opening an import in a state, and coming to the next one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.errors import LinliError, Unavailable
from linli.transfer import files
from linli.transfer.imports import IMPORT_STATES
from linli.transfer.tables import DataImport
from linli.workflow import Facts

RESULT_JOB: Final = "transfer.write_result"
_ACTIONS: Final = {"checked": "show", "done": "finish", "failed": "fail", "cancelled": "cancel"}
# One worker at a time is at one import, and at one kind of a tenant, so that two files cannot create the same twice.
_LOCK: Final = "select pg_try_advisory_xact_lock(hashtextextended($1, 0))"


class AtWork(Unavailable):
    """Somebody else is at this import, or at another of its kind; the job is tried again."""

    code = "transfer.at_work"


async def open_import(ctx: Context, import_id: UUID, state: str) -> DataImport | None:
    """The import when it is in this state with its work not ended, for this transaction alone; else None.

    Its row is not held, so that others may ask to cancel. Raises: AtWork.
    """
    if not await ctx.db.fetchval(_LOCK, f"transfer/{ctx.tenant_id}/{import_id}"):
        raise AtWork()
    found = await rows.find(ctx, DataImport, import_id)
    return found if found is not None and found.state == state else None


async def hold_kind(ctx: Context, kind: str) -> None:
    """Keep other imports of this kind out until the transaction ends. Raises: AtWork."""
    if not await ctx.db.fetchval(_LOCK, f"transfer/{ctx.tenant_id}/{kind}"):
        raise AtWork()


async def come_to(
    ctx: Context,
    import_id: UUID,
    ending: str,
    *,
    error: LinliError | None = None,
    columns: Mapping[str, object] | None = None,
) -> str | None:
    """Enter how a step ended; gives the job that must follow, which writes the result and moves on, or None.

    What a file holds that could not be checked is removed: it may have columns that are never kept.
    """
    found = await rows.get(ctx, DataImport, import_id, lock=True)
    values: dict[str, Any] = dict(columns or {})
    if error is not None:
        values |= {"error_code": error.code, "error_details": dict(error.details)}
    refused = values.get("refused_count", found.refused_count)
    if found.state == "running" or (ending == "checked" and refused):
        await rows.update(ctx, found, action=ending, ending=ending, **values)
        return RESULT_JOB
    if ending == "failed":
        await files.forget_content(ctx, found.file_id)
    await move_on(ctx, found, ending, **values)
    return None


async def move_on(ctx: Context, found: DataImport, ending: str, **values: Any) -> None:
    """Move an import, which is held, to the state in which its work ended."""
    state = IMPORT_STATES.apply(found.state, _ACTIONS[ending], Facts(actor_id=found.acting_id))
    finished = None if ending == "checked" else ctx.now()
    await rows.update(ctx, found, action=ending, state=state, ending="", finished_at=finished, **values)


async def allow_long_work(ctx: Context) -> None:
    """Let this transaction wait for a file to be read, longer than a request may be idle."""
    await ctx.db.execute("set local idle_in_transaction_session_timeout = '15min'")
    await ctx.db.execute("set local statement_timeout = '10min'")


def is_refusal(error: LinliError) -> bool:
    """Whether an error says something about the import itself; a busy database only says to try again."""
    return not isinstance(error, Unavailable)


def reason_of(found: DataImport) -> str:
    """What the audit trail gives as the reason of whatever an import does."""
    return f"import {found.id}"
