"""What the plugin keeps about a person, and what becomes of it at an erasure: addresses go, ids and days stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from linli.plugin import Context, Kept, rows, subject_table
from linli_migrants import tables
from linli_migrants.permit_subjects import PERMITS
from linli_migrants.visit_subjects import VISITS

_STAYS: Final = """
select * from migrants_stay where tenant_id = $1 and person_id = any($2) and origin_address is not null
order by id limit 1000 for update"""


async def _erase_stays(ctx: Context, ids: Sequence[UUID]) -> Sequence[Kept]:
    for row in await ctx.db.fetch(_STAYS, ctx.tenant_id, list(ids)):
        await rows.update(ctx, rows.from_record(tables.Stay, row), action="erase", origin_address=None)
    return ()


LIVING: Final = (
    replace(
        subject_table(
            "migrants.stay", "居住登记", "Stays", tables.Stay, without=("reported_by", "verified_by")
        ),
        erase=_erase_stays,
    ),
    subject_table(
        "migrants.report",
        "代为登记的居住",
        "Reports by a landlord or employer",
        tables.Report,
        column="reporter_person_id",
        without=(
            "full_name",
            "id_number",
            "phone",
            "masked_name",
            "reported_by",
            "origin_code",
            "reason",
            "stay_id",
        ),
    ),
    subject_table("migrants.agent", "单位代办人", "Agents of units", tables.Agent),
    subject_table("migrants.contract", "租房合同", "Tenancy contracts", tables.Contract),
    subject_table(
        "migrants.dwelling",
        "出租的住所",
        "Dwellings let",
        tables.Dwelling,
        column="landlord_person_id",
    ),
)
PERSONAL_DATA: Final = (*LIVING, *VISITS, *PERMITS)
