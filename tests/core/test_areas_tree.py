"""Reading the tree: against a naive model, at dates, within scopes, and never across tenants."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli.areas import counters, search, tree
from linli.areas.change_sets import apply, draft_change_set, preview
from linli.areas.errors import AreaNotFound, InvalidLevel, InvalidPage, LevelInUse
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, Level, create_level, define_levels, levels
from linli.context import Context, PermissionDenied
from linli.testing.factories import Bench

LEVELS = (
    Level("l1", "一级", "One", 1, (), top=True),
    Level("l2", "二级", "Two", 2, ("l1",)),
    Level("l3", "三级", "Three", 3, ("l2", "l1")),
)
START = """code,name,level,parent_code
a,甲,l1,
b,乙,l1,
aa,甲甲,l2,a
ab,甲乙,l2,a
ba,乙甲,l2,b
aaa,甲甲甲,l3,aa
baa,乙甲甲,l3,ba
"""
BORN = date(2020, 1, 1)
READ = ("areas.area.read",)

Model = dict[str, tuple[str | None, str]]
"""Parent and level by code: the tree as a child would write it down."""

codes = st.sampled_from(["a", "b", "aa", "ab", "ba", "aaa", "baa", "n1", "n2", "n3"])
change = st.one_of(
    st.builds(lambda c, p: {"op": "move", "area": c, "parent": p}, codes, codes),
    st.builds(lambda c, i: {"op": "merge", "areas": [c], "into": i}, codes, codes),
    st.builds(lambda c, s: {"op": "retire", "area": c, "successor": s}, codes, st.none() | codes),
    st.builds(lambda c, n: {"op": "rename", "area": c, "name": n}, codes, st.sampled_from(["新一", "新二"])),
    st.builds(
        lambda c, p, level: {"op": "create", "code": c, "name": "新", "level": level, "parent": p},
        codes, codes, st.sampled_from(["l2", "l3"]),
    ),
)  # fmt: skip


def start() -> Model:
    rows = [line.split(",") for line in START.strip().split("\n")[1:]]
    return {code: (parent or None, level) for code, _name, level, parent in rows}


def below(model: Model, code: str) -> set[str]:
    """The code and all codes below it."""
    return {code}.union(*(below(model, child) for child, (parent, _l) in model.items() if parent == code))


def follow(model: Model, item: dict[str, Any]) -> Model:
    """What an accepted change makes of the model."""
    made = dict(model)
    match item:
        case {"op": "move", "area": area, "parent": parent}:
            made[area] = (parent, made[area][1])
        case {"op": "create", "code": code, "level": level, "parent": parent}:
            made[code] = (parent, level)
        case {"op": "merge", "areas": [area], "into": heir} | {
            "op": "retire",
            "area": area,
            "successor": heir,
        }:
            del made[area]
            made = {c: ((heir, lv) if p == area else (p, lv)) for c, (p, lv) in made.items()}
    return made


async def check(ctx: Context, model: Model, as_of: date | None) -> None:
    for code, (parent, level) in model.items():
        node = await tree.get_by_code(ctx, code, as_of=as_of)
        assert node.level == level
        found = {n.code for n in (await tree.subtree(ctx, node.id, as_of=as_of)).nodes}
        assert found == below(model, code)
        assert await tree.subtree_count(ctx, node.id, as_of=as_of) == len(found)
        children = {n.code for n in (await tree.children(ctx, node.id, as_of=as_of)).nodes}
        assert children == {c for c, (p, _l) in model.items() if p == code}
        above = [n.code for n in await tree.ancestors(ctx, node.id, as_of=as_of)]
        assert (above[-1] if above else None) == parent
        assert all(code in below(model, one) for one in above)
    tops = {n.code for n in (await tree.children(ctx, None, as_of=as_of)).nodes}
    assert tops == {code for code, (parent, _l) in model.items() if parent is None}


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=st.lists(change, min_size=1, max_size=8))
async def test_any_changes_leave_the_tree_that_a_naive_model_has_now_and_at_every_date(
    bench: Bench, changes: list[dict[str, Any]]
) -> None:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        await define_levels(ctx, LEVELS)
        await import_areas(ctx, START.encode(), valid_from=BORN)
        model = start()
        history = {BORN: model}
        people = {code: number + 1 for number, code in enumerate(model)}
        for code, count in people.items():
            await counters.count(ctx, (await tree.get_by_code(ctx, code)).id, "people", count)
        day = ctx.today() - timedelta(days=50)
        for item in changes:
            day += timedelta(days=1)
            row = await draft_change_set(ctx, changes=[item], effective_on=day)
            if not (await preview(ctx, row.id, tables=())).problems:
                await apply(ctx, row.id, tables=())
                if item["op"] in ("merge", "retire"):
                    ended = item["areas"][0] if item["op"] == "merge" else item["area"]
                    heir = item["into"] if item["op"] == "merge" else item["successor"]
                    counted = people.pop(ended, 0)
                    if heir is not None:
                        people[heir] = people.get(heir, 0) + counted
                model = follow(model, item)
            history[day] = model
        await check(ctx, model, None)
        for date_, then in history.items():
            await check(ctx, then, date_)
        for code in model:
            counted_now = await counters.counts(ctx, (await tree.get_by_code(ctx, code)).id)
            expected = sum(people.get(one, 0) for one in below(model, code))
            assert (counted_now.own, counted_now.total) == (people.get(code, 0), expected)


async def seed(bench: Bench) -> Any:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        await define_levels(ctx, LEVELS)
        await import_areas(ctx, START.encode(), valid_from=BORN)
    return tenant


async def test_pages_hold_every_area_once_in_the_order_of_paths(bench: Bench) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        top = await tree.get_by_code(ctx, "a")
        seen: list[str] = []
        after: str | None = None
        for _ in range(10):
            page = await tree.subtree(ctx, top.id, first=1, after=after)
            seen += [node.path for node in page.nodes]
            after = page.after
            if after is None:
                break
        assert len(seen) == 4
        assert seen == sorted(seen)
        for first in (0, 501):
            with pytest.raises(InvalidPage):
                await tree.subtree(ctx, top.id, first=first)


async def test_before_its_first_day_an_area_does_not_exist(bench: Bench) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        node = await tree.get_by_code(ctx, "a")
        for read in (tree.get, tree.subtree_count, tree.ancestors):
            with pytest.raises(AreaNotFound):
                await read(ctx, node.id, as_of=BORN - timedelta(days=1))
        assert (await tree.children(ctx, None, as_of=BORN - timedelta(days=1))).nodes == ()


@pytest.mark.parametrize("as_of", [None, date(2021, 1, 1)])
async def test_an_officer_sees_the_own_subtree_and_the_rest_looks_missing(
    bench: Bench, as_of: date | None
) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        a, aa, b = [await tree.get_by_code(ctx, code) for code in ("a", "aa", "b")]
    async with bench.context(tenant, permissions=READ, area_path=aa.path) as ctx:
        assert [n.code for n in (await tree.subtree(ctx, aa.id, as_of=as_of)).nodes] == ["aa", "aaa"]
        assert (await tree.children(ctx, None, as_of=as_of)).nodes == ()
        assert [n.code for n in await tree.tops(ctx)] == ["aa"]
        assert await tree.ancestors(ctx, aa.id, as_of=as_of) == ()
        assert await search.search(ctx, "甲") != ()
        assert await search.search(ctx, "乙") == ()
        for hidden in (a, b):
            with pytest.raises(AreaNotFound) as outside:
                await tree.get(ctx, hidden.id, as_of=as_of)
            with pytest.raises(AreaNotFound) as missing:
                await tree.get(ctx, tenant.id, as_of=as_of)
            assert str(outside.value) == str(missing.value)
            with pytest.raises(AreaNotFound):
                await tree.get_by_code(ctx, hidden.code, as_of=as_of)
            with pytest.raises(AreaNotFound):
                await counters.roll_up(ctx, hidden.id)
    async with bench.context(tenant, permissions=["areas.import"]) as ctx:
        with pytest.raises(PermissionDenied):
            await tree.get(ctx, aa.id, as_of=as_of)


async def test_another_tenant_with_the_same_codes_sees_only_its_own(bench: Bench) -> None:
    tenant, other = await seed(bench), await seed(bench)
    async with bench.context(tenant) as ctx:
        node = await tree.get_by_code(ctx, "aa")
        await counters.count(ctx, node.id, "people", 7)
    async with bench.context(other) as ctx:
        own = await tree.get_by_code(ctx, "aa")
        assert own.id != node.id
        for read in (tree.get, tree.children, tree.ancestors, tree.subtree, tree.locate, counters.counts):
            with pytest.raises(AreaNotFound):
                await read(ctx, node.id)
        assert (await counters.counts(ctx, own.id)).total == 0
        assert {n.id for n in await search.search(ctx, "甲甲")}.isdisjoint({node.id})


async def test_levels_are_data_and_cannot_go_while_areas_need_them(bench: Bench) -> None:
    tenant = await seed(bench)
    async with bench.context(tenant) as ctx:
        assert await define_levels(ctx, LEVELS) is False
        await create_level(ctx, Level("l4", "四级", "Four", 4, ("l3",)))
        assert [level.key for level in await levels(ctx)] == ["l1", "l2", "l3", "l4"]
        with pytest.raises(LevelInUse):
            await define_levels(ctx, LEVELS[:2])
        with pytest.raises(LevelInUse):
            await define_levels(ctx, STANDARD)
    async with bench.context(tenant, permissions=READ) as ctx:
        with pytest.raises(PermissionDenied):
            await define_levels(ctx, LEVELS)


@pytest.mark.parametrize(
    "bad",
    [
        (),
        (Level("x", "层", "X", 1),),
        (Level("X", "层", "X", 1, top=True),),
        (Level("x", "", "X", 1, top=True),),
        (Level("x", "层\n", "X", 1, top=True),),
        (Level("x", "层", "X", 1, ("y",)),),
        (Level("x", "层", "X", 1, ("x",)),),
        (Level("x", "层", "X", 1, top=True), Level("y", "层", "Y", 1, top=True)),
        (Level("x", "层", "X", 100, top=True),),
    ],
)
async def test_levels_that_contradict_themselves_are_refused(bench: Bench, bad: tuple[Level, ...]) -> None:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        with pytest.raises(InvalidLevel):
            await define_levels(ctx, bad)
