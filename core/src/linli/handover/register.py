"""What the kernel itself can hand over: a person's entry in the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.handover.fields import FieldValue, HandoverField, HandoverFields
from linli.identity.tables import Person

NAME: Final = "identity.person"


async def _read(ctx: Context, person_id: UUID, keys: Sequence[str]) -> Mapping[str, FieldValue]:
    person = await rows.get(ctx, Person, person_id)
    values: dict[str, FieldValue] = {}
    for key in keys:
        if key == "id_number":
            values[key] = await decrypt(ctx, person, "id_number")
        elif key == "birth_date":
            values[key] = person.birth_date.isoformat() if person.birth_date else None
        else:
            values[key] = getattr(person, key)
    return values


PERSON: Final = HandoverFields(
    NAME,
    "人口登记",
    "Register of people",
    (
        HandoverField("full_name", "姓名", "Name"),
        HandoverField("gender", "性别", "Gender"),
        HandoverField("birth_date", "出生日期", "Date of birth"),
        HandoverField("phone", "电话", "Telephone"),
        HandoverField("id_number", "身份证号", "Resident identity number"),
    ),
    _read,
)
FIELDS: Final = (PERSON,)
