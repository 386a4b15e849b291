"""Counts by area: right at every moment, whoever writes at the same time."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.areas import counters, tree
from linli.areas.errors import AreaNotFound
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.db.failures import BrokenReference
from linli.ids import new_id
from linli.testing.factories import Bench

ROWS = "code,name,level,parent_code\nC,市,city,\nD1,一区,district,C\nD2,二区,district,C\nS1,一街,street,D1\n"
CODES = ("C", "D1", "D2", "S1")
ABOVE = {"C": ("C",), "D1": ("C", "D1"), "D2": ("C", "D2"), "S1": ("C", "D1", "S1")}


async def seed(bench: Bench) -> Any:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        await define_levels(ctx, STANDARD)
        await import_areas(ctx, ROWS.encode())
    return tenant


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    notes=st.lists(st.tuples(st.sampled_from(CODES), st.integers(-3, 9)), max_size=20),
    folds=st.sets(st.integers(0, 20)),
)
async def test_counts_are_the_sum_of_what_was_noted_folded_or_not(
    bench: Bench, notes: list[tuple[str, int]], folds: set[int]
) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        ids = {code: (await tree.get_by_code(ctx, code)).id for code in CODES}
        for number, (code, delta) in enumerate(notes):
            await counters.count(ctx, ids[code], "people", delta)
            if number in folds:
                await counters.fold(ctx)
        for code in CODES:
            counted = await counters.counts(ctx, ids[code])
            assert counted.own == sum(d for c, d in notes if c == code)
            assert counted.total == sum(d for c, d in notes if code in ABOVE[c])
        rolled = await counters.roll_up(ctx, ids["C"])
        assert [(one.area.code, one.total) for one in rolled] == [
            (code, sum(d for c, d in notes if code in ABOVE[c])) for code in ("D1", "D2")
        ]
        assert (await counters.counts(ctx, ids["C"], "households")).total == 0


async def test_writers_in_opposite_orders_neither_wait_for_each_other_nor_deadlock(bench: Bench) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        ids = {code: (await tree.get_by_code(ctx, code)).id for code in CODES}
    half = asyncio.Barrier(2)

    async def write(order: tuple[str, str]) -> None:
        async with bench.context(tenant) as ctx:
            await counters.count(ctx, ids[order[0]], "people", 1)
            await counters.fold(ctx)
            await half.wait()  # both hold what they hold, and go on
            await counters.count(ctx, ids[order[1]], "people", 1)
            await counters.fold(ctx)

    async with asyncio.timeout(20):
        await asyncio.gather(write(("S1", "D2")), write(("D2", "S1")))
    async with bench.context(tenant) as ctx:
        assert (await counters.counts(ctx, ids["C"])).total == 4
        await counters.fold(ctx)
        assert (
            await ctx.db.fetchval("select count(*) from areas_counter_delta where tenant_id = $1", tenant.id)
            == 0
        )
        assert (await counters.counts(ctx, ids["C"])).total == 4


async def test_a_count_that_is_rolled_back_was_never_there(bench: Bench) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        top = (await tree.get_by_code(ctx, "C")).id

    async def fail() -> None:
        async with bench.context(tenant) as ctx:
            await counters.count_many(ctx, "people", {top: 5})
            await counters.fold(ctx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with bench.context(tenant) as ctx:
        assert (await counters.counts(ctx, top)).total == 0


async def test_a_bulk_load_is_counted_at_once_and_in_full(bench: Bench) -> None:
    tenant = await seed(bench)
    rows = "".join(f"K{n},社区{n},community,S1\n" for n in range(40))
    async with bench.context(tenant) as ctx:
        await import_areas(ctx, (ROWS.partition("\n")[0] + "\n" + rows).encode())
        ids = [(await tree.get_by_code(ctx, f"K{n}")).id for n in range(40)]
        await counters.count_many(ctx, "people", dict.fromkeys(ids, 2))
        assert (
            await ctx.db.fetchval("select count(*) from areas_counter_delta where tenant_id = $1", tenant.id)
            == 0
        )
        assert (await counters.counts(ctx, (await tree.get_by_code(ctx, "D1")).id)).total == 80
        assert (await counters.counts(ctx, ids[0])).own == 2
        with pytest.raises(AreaNotFound):
            await counters.count_many(ctx, "people", {**dict.fromkeys(ids, 1), new_id(): 1})


async def test_a_count_in_an_area_of_another_tenant_is_refused(bench: Bench) -> None:
    tenant, other = await seed(bench), await seed(bench)
    async with bench.context(other) as ctx:
        foreign = (await tree.get_by_code(ctx, "C")).id
    for area_id in (foreign, new_id()):
        with pytest.raises(BrokenReference):
            async with bench.context(tenant) as ctx:
                await counters.count(ctx, area_id, "people", 1)
