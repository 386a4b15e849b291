"""Dwellings and tenancy contracts, and what is refused of them."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

TERM = {"signed_on": date(2026, 2, 1), "starts_on": date(2026, 3, 1), "ends_on": date(2027, 3, 1)}


async def test_an_address_is_known_once_in_its_area(story: Any, refused: Any) -> None:
    first = await story.dwelling(address="示例路 1 号")
    with pytest.raises(refused) as caught:
        await story.dwelling(address=" 示例路 1 号 ")
    assert (caught.value.code, caught.value.at) == ("migrants.dwelling_taken", "address")
    await story.act("retireMigrantDwelling", id=first)
    await story.dwelling(address="示例路 1 号")
    with pytest.raises(refused) as caught:
        await story.act("reopenMigrantDwelling", id=first)
    assert caught.value.code == "migrants.dwelling_taken"


async def test_a_dwelling_is_let_by_one_side(story: Any, world: Any, refused: Any) -> None:
    both = {"landlord_person_id": await world.person(), "landlord_organisation_id": await world.unit()}
    with pytest.raises(refused) as caught:
        await story.dwelling(**both)
    assert caught.value.code == "migrants.two_landlords"


async def test_a_dwelling_with_people_on_file_stays(story: Any, refused: Any) -> None:
    dwelling = await story.dwelling()
    stay = await story.active(dwelling_id=dwelling)
    with pytest.raises(refused) as caught:
        await story.act("retireMigrantDwelling", id=dwelling)
    assert caught.value.code == "migrants.dwelling_inhabited"
    await story.act("departMigrantStay", id=stay, on=date(2026, 5, 5))
    await story.act("retireMigrantDwelling", id=dwelling)
    with pytest.raises(refused) as caught:
        await story.reported(dwelling_id=dwelling)
    assert caught.value.code == "migrants.dwelling_not_active"
    with pytest.raises(refused) as caught:
        await story.act("retireMigrantDwelling", id=dwelling)
    assert caught.value.code == "workflow.undefined_transition"


async def test_a_unit_that_is_closed_lets_and_employs_nobody(story: Any, world: Any, refused: Any) -> None:
    unit = await world.unit()
    await world.set_state("identity_organisation", unit, state="closed")
    for steps in (story.dwelling(landlord_organisation_id=unit), story.reported(employer_id=unit)):
        with pytest.raises(refused) as caught:
            await steps
        assert caught.value.code == "migrants.employer_unusable"


async def test_contracts_for_one_dwelling_follow_each_other(story: Any, world: Any, refused: Any) -> None:
    person, dwelling = await world.person(), await story.dwelling()
    first = await story.act("fileMigrantContract", person_id=person, dwelling_id=dwelling, **TERM)
    with pytest.raises(refused) as caught:
        await story.act("fileMigrantContract", person_id=person, dwelling_id=dwelling, **TERM)
    assert caught.value.code == "migrants.contract_overlaps"
    await story.act("endMigrantContract", id=first, reason="提前退租")
    with pytest.raises(refused) as caught:
        await story.act("endMigrantContract", id=first, reason="提前退租")
    assert caught.value.code == "workflow.undefined_transition"
    await story.act("fileMigrantContract", person_id=person, dwelling_id=dwelling, **TERM)


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"ends_on": date(2026, 3, 1)}, "migrants.ends_before_start"),
        ({"ends_on": date(2046, 3, 2)}, "migrants.contract_too_long"),
        ({"signed_on": date(2026, 5, 7)}, "future_date"),
    ],
)
async def test_terms_that_cannot_be_are_refused(
    story: Any, world: Any, refused: Any, values: dict[str, Any], code: str
) -> None:
    given = {"person_id": await world.person(), "dwelling_id": await story.dwelling(), **TERM, **values}
    with pytest.raises(refused) as caught:
        await story.act("fileMigrantContract", **given)
    assert caught.value.code == code


async def test_a_person_who_left_is_not_reported(story: Any, world: Any, refused: Any) -> None:
    person = await world.person()
    await world.set_state("identity_person", person, state="left", ended_on=date(2026, 5, 1))
    with pytest.raises(refused) as caught:
        await story.reported(person_id=person)
    assert caught.value.code == "migrants.person_not_active"
