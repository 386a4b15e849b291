"""What attachments keep about a person: listed for them, and removed at an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.files.keeping import forget
from linli.files.tables import File
from linli.privacy.subjects import ROWS_MAX, Item, Kept, SubjectData, rows_about

_OF: Final = """
select * from files_file where tenant_id = $1 and person_id = any($2) and removed_at is null
order by id limit $3 for update"""


async def _export(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    return await rows_about(ctx, File, ids, without=("uploaded_by", "address"))


async def _erase(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    while found := await ctx.db.fetch(_OF, ctx.tenant_id, list(ids), ROWS_MAX):  # each round leaves fewer
        for row in found:
            await forget(ctx, rows.from_record(File, row), "erase")
    return ()


PERSONAL_DATA: Final = (
    SubjectData("files.file", "附件", "Attachments", frozenset({"files_file"}), _export, _erase),
)
