"""Every table, found in the catalogue, attacked with plain SQL by a tenant with equal-looking rows."""

from __future__ import annotations

import pytest

from linli.testing.isolation import Pair

ONE_ROW_EACH = {"tenancy_tenant", "audit_head"}  # of which a tenant has a single row


async def test_every_table_holds_equal_looking_rows_of_both_tenants(pair: Pair) -> None:
    assert len(pair.tables) > 20
    for name, table in pair.tables.items():
        expected = {1} if name in ONE_ROW_EACH else {1, 2}
        assert set(pair.a.rows[name]) == set(pair.b.rows[name]) == expected, name
        ids = {column.name for column in table.columns if column.type == "uuid"}
        plain = [column.name for column in table.columns if column.name not in ids]
        for variant in expected if name != "tenancy_tenant" else ():
            a, b = (seeded.rows[name][variant] for seeded in (pair.a, pair.b))
            assert [a[column] for column in plain] == [b[column] for column in plain], name


async def test_no_table_lets_a_tenant_see_infer_or_change_the_rows_of_another(pair: Pair) -> None:
    before = await pair.fingerprint(pair.a)
    assert await pair.attack() == []
    assert await pair.fingerprint(pair.a) == before


@pytest.mark.parametrize(
    ("broken", "mended", "expected"),
    [
        (
            "alter table areas_level disable row level security",
            "alter table areas_level enable row level security",
            "a careless select gives rows of",
        ),
        (
            "create unique index areas_level_everywhere on areas_level (key) where tenant_id <> '{b}'",
            "drop index areas_level_everywhere",
            "a copy of the other's row meets it",
        ),
        (
            "alter table areas_counter drop constraint areas_counter_tenant_id_area_id_fkey, add constraint"
            " areas_counter_tenant_id_area_id_fkey foreign key (area_id) references isolation_target (id)",
            "alter table areas_counter drop constraint areas_counter_tenant_id_area_id_fkey, add constraint"
            " areas_counter_tenant_id_area_id_fkey foreign key (tenant_id, area_id)"
            " references areas_area (tenant_id, id)",
            "area_id: areas_counter_tenant_id_area_id_fkey lets the other's row pass",
        ),
    ],
)
async def test_the_attack_finds_a_table_that_is_not_isolated(
    pair: Pair, broken: str, mended: str, expected: str
) -> None:
    async with pair.database.owner() as db:
        await db.execute("create table isolation_target as select id from areas_area")
        await db.execute("alter table isolation_target add primary key (id)")
        await db.execute(broken.format(b=pair.b.tenant.id))
    try:
        found = [line for name in ("areas_level", "areas_counter") for line in await pair.attack([name])]
    finally:
        async with pair.database.owner() as db:
            await db.execute(mended)
            await db.execute("drop table isolation_target")
    assert any(expected in line for line in found), found
    assert await pair.attack(["areas_level", "areas_counter"]) == []
