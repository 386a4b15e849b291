"""What of a stay and a permit goes to another place: the fields that are asked for, and no others."""

from __future__ import annotations

from datetime import date
from typing import Any

from linli.handover.fields import chosen, read_values, titles_of
from linli_migrants.handing_over import HANDOVER

ORIGIN = "示例县示例镇 7 号"


async def test_only_what_is_asked_for_is_read(quick: Any, world: Any) -> None:
    person = await world.person()
    stay = await quick.reported(person_id=person, from_on=date(2025, 9, 1), origin_address=ORIGIN)
    await quick.act("verifyMigrantStay", world.checker, id=stay)
    await quick.act("activateMigrantStay", id=stay)
    await quick.permit("JZ0000000033", person_id=person)
    async with world.context() as ctx:
        asked = chosen(
            ctx, ["migrants.stay.origin_address", "migrants.permit.number", "migrants.stay.from_on"]
        )
        assert await read_values(ctx, person, asked) == {
            "migrants.permit.number": "JZ0000000033",
            "migrants.stay.from_on": "2025-09-01",
            "migrants.stay.origin_address": ORIGIN,
        }


async def test_every_field_has_a_value_or_none(quick: Any, world: Any) -> None:
    newcomer = await world.person()
    person = await world.person()
    await quick.active(person_id=person, from_on=date(2025, 9, 1))
    await quick.permit(person_id=person)
    async with world.context() as ctx:
        names = [one.full_name(field.key) for one in HANDOVER for field in one.fields]
        assert set(names) <= titles_of(ctx).keys()
        assert set((await read_values(ctx, newcomer, names)).values()) == {None}
        assert set(await read_values(ctx, person, names)) == set(names)
