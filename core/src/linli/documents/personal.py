"""What issued documents keep about a person: given out to them, and emptied at an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.documents.tables import Document
from linli.privacy.subjects import Item, Kept, SubjectData, rows_about

_OF: Final = """
select * from documents_document where tenant_id = $1 and person_id = any($2)
    and (content is not null or holder_masked <> '' or revoke_reason <> '' or state = 'valid')
order by id limit $3 for update"""
_AT_ONCE: Final = 200  # they come with their files
_ANY: Final = "select exists (select from documents_document where tenant_id = $1 and person_id = any($2))"
NUMBERS: Final = Kept(
    "documents",
    "文书的原件、姓名和撤销理由已删除；编号、类型和日期保留，以便核验时告知文书已撤销。",
    "Files, names and reasons are erased; numbers, kinds and dates stay: a check tells that documents were revoked.",
)


async def _export(ctx: Context, ids: Sequence[UUID]) -> Sequence[Item]:
    return await rows_about(ctx, Document, ids, without=("subject_id",))


async def _erase(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    while found := await ctx.db.fetch(_OF, ctx.tenant_id, list(ids), _AT_ONCE):  # each round leaves fewer
        for row in found:
            document = rows.from_record(Document, row)
            await rows.update(
                ctx,
                document,
                action="erase",
                content=None,
                holder_masked="",
                revoke_reason="",
                state="revoked",
                revoked_at=document.revoked_at or ctx.now(),
            )
    return (NUMBERS,) if await ctx.db.fetchval(_ANY, ctx.tenant_id, list(ids)) else ()


PERSONAL_DATA: Final = (
    SubjectData(
        "documents.document", "文书", "Documents", frozenset({"documents_document"}), _export, _erase
    ),
)
