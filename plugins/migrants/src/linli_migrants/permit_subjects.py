"""What is kept about a person in applications, permits and the exchange, and what becomes of it at an erasure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.plugin import Context, Kept, rows, subject_table
from linli_migrants import exchange_tables, permit_tables

ROWS_MAX: Final = 1_000
_PERMITS: Final = """
select * from migrants_permit where tenant_id = $1 and person_id = any($2) and number is not null
order by id limit $3 for update"""
_PAPERS: Final = """
delete from migrants_paper where tenant_id = $1 and person_id = any($2)"""
_BODIES: Final = """
update {table} set body = null, version = version + 1, updated_at = $3 where tenant_id = $1 and person_id = any($2)"""
_DECISIONS: Final = Kept(
    "migrants.application",
    "居住证申请的受理、决定和签注日期作为行政许可档案保存（《行政许可法》第六十一条）；证件号码、材料编号和往来内容已删除。",
    "Dates and decisions of applications and endorsements are kept as records (Administrative Licensing Law art. 61); "
    "the number of the permit, papers and what was exchanged are erased.",
)


async def _erase_papers(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_PAPERS, ctx.tenant_id, list(ids))
    return ()


async def _erase_permits(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    for row in await ctx.db.fetch(_PERMITS, ctx.tenant_id, list(ids), ROWS_MAX):
        await rows.update(ctx, rows.from_record(permit_tables.Permit, row), action="erase", number=None)
    return ()


async def _erase_messages(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_BODIES.format(table="migrants_message"), ctx.tenant_id, list(ids), ctx.now())
    return ()


async def _erase_answers(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    await ctx.db.execute(_BODIES.format(table="migrants_answer"), ctx.tenant_id, list(ids), ctx.now())
    return ()


_OFFICERS: Final = ("submitted_by", "returned_by", "accepted_by", "refused_by")
PERMITS: Final = (
    subject_table(
        "migrants.application",
        "居住证申请",
        "Applications for residence permits",
        permit_tables.Application,
        without=_OFFICERS,
        keep=(_DECISIONS,),
    ),
    replace(
        subject_table("migrants.paper", "居住证申请材料", "Papers of applications", permit_tables.Paper),
        erase=_erase_papers,
    ),
    replace(
        subject_table("migrants.permit", "居住证", "Residence permits", permit_tables.Permit),
        erase=_erase_permits,
    ),
    subject_table(
        "migrants.endorsement",
        "居住证签注",
        "Endorsements",
        permit_tables.Endorsement,
        without=("endorsed_by",),
    ),
    replace(
        subject_table(
            "migrants.message", "转送公安机关的申请", "Messages to the authority", exchange_tables.Message
        ),
        erase=_erase_messages,
    ),
    replace(
        subject_table(
            "migrants.answer",
            "公安机关的答复",
            "Answers of the authority",
            exchange_tables.Answer,
            without=("settled_by",),
        ),
        erase=_erase_answers,
    ),
)
