"""What of a stay and a residence permit can be handed over to another place that the person consents to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from linli.plugin import Context, FieldValue, HandoverField, HandoverFields, privacy, rows
from linli_migrants.permit_tables import Permit
from linli_migrants.tables import Stay

_STAY: Final = """
select * from migrants_stay
where tenant_id = $1 and person_id = $2 and state in ('verified', 'active', 'departed', 'settled')
order by from_on desc limit 1"""
_PERMIT: Final = """
select * from migrants_permit where tenant_id = $1 and person_id = $2 order by issued_on desc, id desc limit 1"""


async def read_stay(ctx: Context, person_id: UUID, keys: Sequence[str]) -> Mapping[str, FieldValue]:
    """The values of the person's last stay that was verified; None for each without one."""
    row = await ctx.db.fetchrow(_STAY, ctx.tenant_id, person_id)
    if row is None:
        return dict.fromkeys(keys)
    stay = rows.from_record(Stay, row)
    values: dict[str, FieldValue] = {
        "origin_code": stay.origin_code,
        "reason": stay.reason,
        "from_on": stay.from_on.isoformat(),
        "to_on": stay.to_on.isoformat() if stay.to_on else None,
        "state": stay.state,
    }
    if "origin_address" in keys:
        values["origin_address"] = await privacy.decrypt(ctx, stay, "origin_address")
    return {key: values[key] for key in keys}


async def read_permit(ctx: Context, person_id: UUID, keys: Sequence[str]) -> Mapping[str, FieldValue]:
    """The values of the person's last residence permit; None for each without one."""
    row = await ctx.db.fetchrow(_PERMIT, ctx.tenant_id, person_id)
    if row is None:
        return dict.fromkeys(keys)
    permit = rows.from_record(Permit, row)
    values: dict[str, FieldValue] = {
        "issued_on": permit.issued_on.isoformat(),
        "valid_until": permit.valid_until.isoformat(),
        "continuous_since": permit.continuous_since.isoformat(),
        "state": permit.state,
    }
    if "number" in keys:
        values["number"] = await privacy.decrypt(ctx, permit, "number")
    return {key: values[key] for key in keys}


HANDOVER: Final = (
    HandoverFields(
        "migrants.stay",
        "居住",
        "Stay",
        (
            HandoverField("origin_code", "户籍地代码", "Code of the place of the household register"),
            HandoverField("origin_address", "户籍地址", "Registered address"),
            HandoverField("reason", "流入原因", "Why the person came"),
            HandoverField("from_on", "居住起始日期", "First day of the stay"),
            HandoverField("to_on", "离开日期", "Day of leaving"),
            HandoverField("state", "居住状态", "Where the stay stands"),
        ),
        read_stay,
    ),
    HandoverFields(
        "migrants.permit",
        "居住证",
        "Residence permit",
        (
            HandoverField("number", "居住证号码", "Number"),
            HandoverField("issued_on", "签发日期", "Day of issue"),
            HandoverField("valid_until", "应签注日期", "Next anniversary"),
            HandoverField("continuous_since", "连续居住起始日期", "Since when residence counts"),
            HandoverField("state", "居住证状态", "Where the permit stands"),
        ),
        read_permit,
    ),
)
