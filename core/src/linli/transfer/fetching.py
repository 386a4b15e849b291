"""Who may fetch which file: the result of an import, the file of an export. Each fetching is audited."""

from __future__ import annotations

from uuid import UUID

from linli.audit.record import Change, record
from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.db.tables import table_name
from linli.errors import NotFound
from linli.transfer.errors import FileGone
from linli.transfer.imports import RUN, kind_for
from linli.transfer.tables import DataExport, DataImport, StoredFile


async def result_of(ctx: Context, import_id: UUID) -> StoredFile:
    """The result file of an import, for whoever sent it in, or who may import its kind everywhere.

    The file holds the rows in clear, of all places that the sender may reach; a colleague of one place may see less.
    Raises: NotFound, also while there is none, and FileGone.
    """
    found = await rows.find(ctx, DataImport, import_id)
    if found is None or not _is_own(ctx, found.uploaded_by):
        everywhere = found is not None and ctx.can(RUN, WHOLE_TENANT)
        if found is None or not (everywhere and ctx.can(kind_for(ctx, found.kind).permission, WHOLE_TENANT)):
            raise NotFound(kind=table_name(DataImport))
    return await _file(ctx, found.result_file_id)


async def file_of(ctx: Context, export_id: UUID) -> StoredFile:
    """The file of an export, for whoever asked for it and nobody else: it was written with their rights and masks.

    Raises: NotFound, also while there is none, and FileGone.
    """
    found = await rows.find(ctx, DataExport, export_id)
    if found is None or not _is_own(ctx, found.acting_id):
        raise NotFound(kind=table_name(DataExport))
    return await _file(ctx, found.file_id)


def _is_own(ctx: Context, principal_id: object) -> bool:
    return ctx.actor.id is not None and str(principal_id) == str(ctx.actor.id)


async def _file(ctx: Context, file_id: UUID | None) -> StoredFile:
    stored = await rows.find(ctx, StoredFile, file_id)
    if stored is None:
        raise NotFound(kind=table_name(StoredFile))
    if stored.removed_at:
        raise FileGone()
    after = {"name": stored.name, "sha256": stored.sha256}
    await record(ctx, Change("fetch", table_name(StoredFile), stored.id, before=after, after=after))
    return stored
