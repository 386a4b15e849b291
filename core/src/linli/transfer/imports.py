"""Imports, as their users move them on: send a file, have it checked, confirm, cancel. Jobs do the work itself."""

from __future__ import annotations

from enum import StrEnum
from typing import BinaryIO, Final
from uuid import UUID

from linli.areas.locking import hold_tree
from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.db.tables import table_name
from linli.errors import NotFound
from linli.identity.places import Place, place_for
from linli.jobs import enqueue
from linli.transfer import files
from linli.transfer.acting import Asking
from linli.transfer.errors import RowsRefused, UnknownKind
from linli.transfer.formats import FILE_BYTES_MAX, format_of, plain_name
from linli.transfer.kinds import ImportKind
from linli.transfer.tables import DataImport
from linli.workflow import Facts, StateMachine, Transition

RUN: Final = "transfer.import.run"
READ: Final = "transfer.import.read"
CHECK_JOB: Final = "transfer.check"
RUN_JOB: Final = "transfer.run"

IMPORT_STATES: Final = StateMachine(
    "transfer.import",
    "uploaded",
    transitions=[
        Transition("check", "uploaded", "checking"),
        Transition("check", "checked", "checking"),
        Transition("show", "checking", "checked"),
        Transition("confirm", "checked", "running"),
        Transition("finish", "running", "done"),
        Transition("fail", "checking", "failed"),
        Transition("fail", "running", "failed"),
        Transition("cancel", "uploaded", "cancelled"),
        Transition("cancel", "checking", "cancelled"),
        Transition("cancel", "checked", "cancelled"),
        Transition("cancel", "running", "cancelled"),
    ],
    final=("done", "failed", "cancelled"),
)

_AT: Final = "select id from areas_area where tenant_id = $1 and path = $2"


class ImportMode(StrEnum):
    """What becomes of the good rows of a file that has bad ones."""

    ALL_OR_NOTHING = "all_or_nothing"
    GOOD_ROWS = "good_rows"


async def send(
    ctx: Context, content: BinaryIO, *, kind: str, name: str, area_id: UUID | None = None
) -> DataImport:
    """Take in a file of this kind. It lies at the area, or where the actor may import; colleagues there see it.

    Raises: PermissionDenied, NotFound, AreaRetired, UnknownKind, UnknownFormat, FileTooLarge,
    StorageFull.
    """
    known = kind_for(ctx, kind)
    ctx.require(known.permission)
    await files.require_room(ctx)
    place = await _place(ctx, area_id)
    name = plain_name(name)
    stored = await files.store(
        ctx, content, purpose="import", name=name, file_format=format_of(name), bytes_max=FILE_BYTES_MAX
    )
    return await rows.insert(
        ctx,
        DataImport,
        action="send",
        area_id=place.area_id,
        area_path=place.area_path,
        kind=known.name,
        file_id=stored.id,
        file_name=name,
        uploaded_by=ctx.actor.id,
        **Asking.of(ctx).columns,
    )


async def preview(ctx: Context, import_id: UUID, *, by_worker: bool = True) -> DataImport:
    """Have the file checked, or checked again: what would become of each row. Nothing is written.

    Without `by_worker` the caller does the job's work. Raises: NotFound, PermissionDenied, UndefinedTransition,
    UnknownKind.
    """
    found = await _for_step(ctx, import_id)
    state = IMPORT_STATES.apply(found.state, "check", Facts(actor_id=ctx.actor.id))
    found = await rows.update(
        ctx,
        found,
        action="check",
        state=state,
        cancel_asked_at=None,
        rows_done=0,
        result_file_id=None,
        has_result=False,
        **Asking.of(ctx).columns,
    )
    if by_worker:
        await enqueue(ctx, CHECK_JOB, {"import_id": found.id})
    return found


async def confirm(ctx: Context, import_id: UUID, *, mode: ImportMode, by_worker: bool = True) -> DataImport:
    """Import the file that was checked, with the actor's rights as they are when it runs.

    Raises: NotFound, PermissionDenied, UndefinedTransition, UnknownKind, RowsRefused when all or nothing is to be
    imported and the check found rows that cannot be.
    """
    found = await _for_step(ctx, import_id)
    state = IMPORT_STATES.apply(found.state, "confirm", Facts(actor_id=ctx.actor.id))
    if mode is ImportMode.ALL_OR_NOTHING and found.refused_count:
        raise RowsRefused(path=("mode",), refused=found.refused_count)
    found = await rows.update(
        ctx,
        found,
        action="confirm",
        state=state,
        mode=mode.value,
        cancel_asked_at=None,
        rows_done=0,
        blocks_done=0,
        created_count=0,
        updated_count=0,
        unchanged_count=0,
        refused_count=0,
        problem_count=0,
        result_file_id=None,
        has_result=False,
        **Asking.of(ctx).columns,
    )
    await ctx.db.execute(
        "delete from transfer_problem where tenant_id = $1 and import_id = $2", ctx.tenant_id, found.id
    )
    if by_worker:
        await enqueue(ctx, RUN_JOB, {"import_id": found.id})
    return found


async def cancel(ctx: Context, import_id: UUID) -> DataImport:
    """Give an import up: at once, or between two batches when it is at work; what was imported by then stays.

    Raises: NotFound, PermissionDenied, UndefinedTransition.
    """
    found = await _for_step(ctx, import_id)
    state = IMPORT_STATES.apply(found.state, "cancel", Facts(actor_id=ctx.actor.id))
    if found.state in ("checking", "running"):
        return await rows.update(ctx, found, action="ask_cancel", cancel_asked_at=ctx.now())
    return await rows.update(ctx, found, action="cancel", state=state, finished_at=ctx.now())


def kind_for(ctx: Context, name: str) -> ImportKind:
    """The kind of import of this name. Raises: UnknownKind."""
    found = ctx.plugins.imports.get(name)
    if found is None:
        raise UnknownKind(path=("kind",), kind=name[:100])
    return found


def kinds_of(ctx: Context) -> list[ImportKind]:
    """The kinds that the actor may import somewhere, by name."""
    if not ctx.can(RUN):
        return []
    return [kind for _name, kind in sorted(ctx.plugins.imports.items()) if ctx.can(kind.permission)]


async def _for_step(ctx: Context, import_id: UUID) -> DataImport:
    """The import, held against other writers, for somebody who may import where it lies."""
    found = await rows.get(ctx, DataImport, import_id, lock=True)
    if not ctx.can(RUN, found.area_path):
        if not ctx.can(READ, found.area_path):
            raise NotFound(kind=table_name(DataImport))
        ctx.require(RUN, found.area_path)
    ctx.require(kind_for(ctx, found.kind).permission)
    return found


async def _place(ctx: Context, area_id: UUID | None) -> Place:
    scopes = ctx.scopes(RUN)
    if area_id is not None or scopes == (WHOLE_TENANT,) or not scopes:
        return await place_for(ctx, area_id, RUN)
    await hold_tree(ctx)
    return Place(await ctx.db.fetchval(_AT, ctx.tenant_id, scopes[0]), scopes[0])
