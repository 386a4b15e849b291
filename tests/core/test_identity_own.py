"""One's own case: whoever is meant by it may see it and act in it, by a right of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest

from linli.context import SYSTEM, ActorKind
from linli.errors import NotFound
from linli.identity.places import is_self, own_or, own_or_visible
from linli.identity.tables import HouseholdMember
from linli.ids import new_id
from linli.testing.factories import Bench

OWN, READ, WRITE = "test.own", "test.read", "test.write"


async def test_only_an_account_of_the_person_is_the_person(bench: Bench) -> None:
    tenant, person_id = await bench.tenant(plugins=()), new_id()
    account = replace(bench.actor(()), person_id=person_id)
    nobody = replace(account, person_id=None)
    client = replace(account, kind=ActorKind.CLIENT)
    for actor, meant, expected in (
        (account, person_id, True),
        (account, new_id(), False),
        (account, None, False),
        (nobody, person_id, False),
        (nobody, None, False),
        (client, person_id, False),
        (SYSTEM, person_id, False),
        (SYSTEM, None, False),
    ):
        async with bench.context(tenant, actor=actor) as ctx:
            assert is_self(ctx, meant) is expected


async def test_a_row_is_seen_by_its_person_and_by_right_of_its_place(bench: Bench) -> None:
    tenant, person_id = await bench.tenant(plugins=()), new_id()
    here, there = await bench.area(tenant), await bench.area(tenant)
    row = HouseholdMember(_ignore_missing=True, person_id=person_id, area_id=here.id, area_path=here.path)
    async with bench.context(tenant, actor=replace(bench.actor(()), person_id=person_id)) as ctx:
        assert own_or_visible(ctx, row, READ) is row
    async with bench.context(tenant, permissions=(READ,), area_path=here.path) as ctx:
        assert own_or_visible(ctx, row, READ) is row
    async with bench.context(tenant, permissions=(READ,), area_path=there.path) as ctx:
        with pytest.raises(NotFound) as refused:
            own_or_visible(ctx, row, READ)
        assert refused.value.details["kind"] == "identity_household_member"


async def test_the_own_right_is_needed_only_by_who_holds_it_in_the_own_case(bench: Bench) -> None:
    tenant, person_id = await bench.tenant(plugins=()), new_id()
    here, there = await bench.area(tenant), await bench.area(tenant)
    resident = replace(bench.actor((OWN,), area_path=here.path), person_id=person_id)
    for actor, area, expected in (
        (resident, here, OWN),
        (resident, there, WRITE),
        (replace(resident, person_id=new_id()), here, WRITE),
        (replace(bench.actor((WRITE,)), person_id=person_id), here, WRITE),
        (SYSTEM, here, WRITE),
    ):
        async with bench.context(tenant, actor=actor) as ctx:
            assert own_or(ctx, OWN, WRITE, person_id=person_id, area_path=area.path) == expected
