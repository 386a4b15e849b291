"""Change sets: what each change does, what is refused, and what a preview shows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.areas import counters, tree
from linli.areas.change_sets import MACHINE, apply, area_tables, discard, draft_change_set, preview
from linli.areas.errors import (
    AreaNotFound,
    EffectiveDateOutOfRange,
    InvalidChange,
    NotYetEffective,
    TooManyChanges,
)
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.context import Context, PermissionDenied
from linli.db.tables import table_name
from linli.errors import StaleVersion
from linli.identity.tables import Household, RoleGrant
from linli.ids import new_id
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.workflow import OwnWork, PermissionMissing, UndefinedTransition

TREE = """code,name,level,parent_code
C,城市,city,
D1,一区,district,C
D2,二区,district,C
S1,一街,street,D1
S2,二街,street,D1
S3,三街,street,D2
K1,甲社区,community,S1
K2,乙社区,community,S1
K3,丙社区,community,S3
"""
TABLES = (table_name(Household), table_name(RoleGrant))
MANAGER = ("areas.area.read", "areas.area.manage", "areas.change_set.apply")
BORN = date(2020, 1, 1)


def today(ctx: Context, days: int = 0) -> date:
    return ctx.today() + timedelta(days=days)


@pytest.fixture
async def tenant(bench: Bench) -> Tenant:
    made = await bench.tenant()
    async with bench.context(made) as ctx:
        await define_levels(ctx, STANDARD)
        await import_areas(ctx, TREE.encode(), valid_from=BORN)
    return made


async def change(ctx: Context, *changes: dict[str, Any], days: int = 0) -> UUID:
    row = await draft_change_set(ctx, changes=changes, effective_on=today(ctx, days))
    shown = await preview(ctx, row.id, tables=TABLES)
    assert shown.problems == ()
    done = await apply(ctx, row.id, tables=TABLES)
    assert done.state == "applied"
    return done.id


async def codes(ctx: Context, code: str | None, as_of: date | None = None) -> list[str]:
    parent = None if code is None else (await tree.get_by_code(ctx, code, as_of=as_of)).id
    return [node.code for node in (await tree.children(ctx, parent, as_of=as_of)).nodes]


async def household(ctx: Context, code: str) -> UUID:
    area = await tree.locate(ctx, (await tree.get_by_code(ctx, code)).id)
    row_id = new_id()
    await ctx.db.execute(
        "insert into identity_household (tenant_id, id, area_id, area_path, name, synthetic)"
        " values ($1, $2, $3, $4, '测试户', true)",
        ctx.tenant_id,
        row_id,
        area.id,
        area.path,
    )
    await counters.count(ctx, area.id, "people", 3)
    return row_id


async def place(ctx: Context, row_id: UUID) -> tuple[str, bool]:
    """The code of the area in which a household lies, and whether its path is the area's."""
    row = await ctx.db.fetchrow(
        "select a.code, a.path = h.area_path as same from identity_household h join areas_area a"
        " on a.tenant_id = $1 and a.id = h.area_id where h.tenant_id = $1 and h.id = $2",
        ctx.tenant_id,
        row_id,
    )
    assert row is not None
    return row["code"], row["same"]


async def total(ctx: Context, code: str) -> tuple[int, int]:
    counted = await counters.counts(ctx, (await tree.get_by_code(ctx, code)).id)
    return counted.own, counted.total


async def test_a_move_takes_subtree_rows_counts_and_leaves_the_past_as_it_was(
    bench: Bench, tenant: Tenant
) -> None:
    async with bench.context(tenant) as ctx:
        row = await household(ctx, "K1")
        before = (await tree.get_by_code(ctx, "K1")).path
        await change(ctx, {"op": "move", "area": "S1", "parent": "D2"})
        assert await codes(ctx, "D2") == ["S3", "S1"]
        assert await codes(ctx, "D1", as_of=today(ctx, -1)) == ["S1", "S2"]
        k1 = await tree.get_by_code(ctx, "K1")
        assert [n.code for n in await tree.ancestors(ctx, k1.id)] == ["C", "D2", "S1"]
        assert [n.code for n in await tree.ancestors(ctx, k1.id, as_of=today(ctx, -1))] == ["C", "D1", "S1"]
        assert k1.path != before
        assert await place(ctx, row) == ("K1", True)
        assert (await total(ctx, "D1"), await total(ctx, "D2"), await total(ctx, "C")) == (
            (0, 0),
            (0, 3),
            (0, 3),
        )
        d1, d2 = await tree.get_by_code(ctx, "D1"), await tree.get_by_code(ctx, "D2")
        assert (await tree.subtree_count(ctx, d1.id), await tree.subtree_count(ctx, d2.id)) == (2, 6)
        assert await tree.subtree_count(ctx, d1.id, as_of=today(ctx, -1)) == 5


async def test_a_merge_ends_the_area_and_its_successor_has_children_rows_and_counts(
    bench: Bench, tenant: Tenant
) -> None:
    async with bench.context(tenant) as ctx:
        row = await household(ctx, "S1")
        below = await household(ctx, "K2")
        s1 = await tree.get_by_code(ctx, "S1")
        change_set_id = await change(ctx, {"op": "merge", "areas": ["S1"], "into": "S3"})
        assert await codes(ctx, "S3") == ["K3", "K1", "K2"]
        assert (await place(ctx, row), await place(ctx, below)) == (("S3", True), ("K2", True))
        assert await total(ctx, "S3") == (3, 6)
        assert await total(ctx, "D1") == (0, 0)
        with pytest.raises(AreaNotFound):
            await tree.get_by_code(ctx, "S1")
        assert (await tree.get(ctx, s1.id)).state == "retired"
        assert (await tree.get_by_code(ctx, "S1", as_of=today(ctx, -1))).id == s1.id
        successions = await ctx.db.fetch(
            "select kind, change_set_id from areas_succession where tenant_id = $1 and predecessor_id = $2",
            tenant.id,
            s1.id,
        )
        assert [tuple(s) for s in successions] == [("merge", change_set_id)]


async def test_a_merge_of_districts_takes_as_many_statements_however_many_streets_they_have(
    bench: Bench, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        counters, "_FOLD_ONE_IN", 2**62
    )  # a fold that falls by chance into a change costs four
    spent: list[int] = []
    for size in (2, 60):
        streets = "".join(
            f"X{size}S{n},街{n},street,X{size}\nX{size}K{n},社区{n},community,X{size}S{n}\n"
            for n in range(size)
        )
        content = f"code,name,level,parent_code\nX{size},来区{size},district,C\n{streets}"
        async with bench.context(tenant) as ctx:
            await import_areas(ctx, content.encode(), valid_from=BORN)
            row = await household(ctx, f"X{size}K1")
            d2 = await tree.get_by_code(ctx, "D2")
            before = await tree.subtree_count(ctx, d2.id)
            ctx.db.statements = 0
            await change(ctx, {"op": "merge", "areas": [f"X{size}"], "into": "D2"})
            spent.append(ctx.db.statements)
            assert await tree.subtree_count(ctx, d2.id) == before + 2 * size
            assert (await codes(ctx, "D2"))[-size:] == [f"X{size}S{n}" for n in range(size)]
            assert await codes(ctx, f"X{size}S1") == [f"X{size}K1"]
            assert await place(ctx, row) == (f"X{size}K1", True)
            assert await codes(ctx, f"X{size}", as_of=today(ctx, -1)) == [f"X{size}S{n}" for n in range(size)]
            rows = await ctx.db.fetch(
                "select a.depth, a.path, p.path as above from areas_area a join areas_area p"
                " on p.tenant_id = $1 and p.id = a.parent_id where a.tenant_id = $1",
                tenant.id,
            )
            assert all(r["path"].startswith(r["above"]) and r["depth"] == r["path"].count(".") for r in rows)
    assert spent[0] == spent[1]


async def test_a_split_gives_children_to_the_parts_and_the_rest_to_the_heir(
    bench: Bench, tenant: Tenant
) -> None:
    async with bench.context(tenant) as ctx:
        row = await household(ctx, "S1")
        s1 = await tree.get_by_code(ctx, "S1")
        parts = [{"code": "S1A", "name": "一街甲", "takes": ["K1"]}, {"code": "S1B", "name": "一街乙"}]
        await change(ctx, {"op": "split", "area": "S1", "parts": parts, "heir": "S1B"})
        assert (await codes(ctx, "S1A"), await codes(ctx, "S1B")) == (["K1"], ["K2"])
        assert await place(ctx, row) == ("S1B", True)
        assert await total(ctx, "S1B") == (3, 3)
        kinds = await ctx.db.fetch(
            "select kind from areas_succession where tenant_id = $1 and predecessor_id = $2", tenant.id, s1.id
        )
        assert [k["kind"] for k in kinds] == ["split", "split"]
        assert await codes(ctx, "D1", as_of=today(ctx, -1)) == ["S1", "S2"]


async def test_a_code_is_free_again_after_its_area_is_retired(bench: Bench, tenant: Tenant) -> None:
    async with bench.context(tenant) as ctx:
        old = await tree.get_by_code(ctx, "S2")
        await change(
            ctx,
            {"op": "retire", "area": "S2"},
            {"op": "create", "code": "S2", "name": "新二街", "level": "street", "parent": "D2"},
        )
        new = await tree.get_by_code(ctx, "S2")
        assert new.id != old.id
        assert (await tree.get_by_code(ctx, "S2", as_of=today(ctx, -1))).id == old.id


async def test_a_rename_keeps_the_path_and_the_old_name_is_found_at_the_old_date(
    bench: Bench, tenant: Tenant
) -> None:
    async with bench.context(tenant) as ctx:
        old = await tree.get_by_code(ctx, "K1")
        await change(ctx, {"op": "rename", "area": "K1", "name": "新甲社区", "code": "K9"}, days=-10)
        new = await tree.get_by_code(ctx, "K9")
        assert (new.id, new.path, new.name) == (old.id, old.path, "新甲社区")
        assert (await tree.get_by_code(ctx, "K1", as_of=today(ctx, -11))).name == "甲社区"
        assert (await tree.get_by_code(ctx, "K9", as_of=today(ctx, -10))).name == "新甲社区"


def test_the_tables_whose_rows_follow_are_all_those_that_lie_in_areas(composition: Composition) -> None:
    names = area_tables(composition.tables)
    assert {"identity_person", "identity_household", "identity_grant"} <= set(names)
    assert not {name for name in names if name.startswith(("areas_", "audit_", "tenancy_"))}


async def test_a_preview_says_what_will_happen_and_leaves_no_trace(bench: Bench, tenant: Tenant) -> None:
    async with bench.context(tenant) as ctx:
        await household(ctx, "K1")
        row = await draft_change_set(
            ctx, changes=[{"op": "merge", "areas": ["D1"], "into": "D2"}], effective_on=today(ctx)
        )
        shown = await preview(ctx, row.id, tables=TABLES)
        assert (shown.effects.moved, shown.effects.repathed, shown.effects.retired) == (2, 4, 1)
        assert shown.effects.plain()["rows"] == {"identity_household": 1}
        assert await codes(ctx, "C") == ["D1", "D2"]
        assert await total(ctx, "D1") == (0, 3)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown level": (
        {"op": "create", "code": "X", "name": "新", "level": "planet", "parent": "C"},
        "areas.unknown_level",
    ),
    "wrong parent level": (
        {"op": "create", "code": "X", "name": "新", "level": "community", "parent": "C"},
        "areas.wrong_parent_level",
    ),
    "top": ({"op": "create", "code": "X", "name": "新", "level": "street"}, "areas.wrong_parent_level"),
    "unknown parent": (
        {"op": "create", "code": "X", "name": "新", "level": "street", "parent": "Z"},
        "areas.not_found",
    ),
    "duplicate code": (
        {"op": "create", "code": "S1", "name": "新", "level": "street", "parent": "D1"},
        "areas.duplicate_code",
    ),
    "bad code": (
        {"op": "create", "code": "S 1", "name": "新", "level": "street", "parent": "D1"},
        "areas.invalid_code",
    ),
    "bad name": (
        {"op": "create", "code": "X", "name": "新\n街", "level": "street", "parent": "D1"},
        "areas.invalid_name",
    ),
    "long name": (
        {"op": "create", "code": "X", "name": "新" * 101, "level": "street", "parent": "D1"},
        "areas.invalid_name",
    ),
    "rename to nothing new": ({"op": "rename", "area": "S1", "name": "一街"}, "areas.nothing_changes"),
    "rename to a taken code": ({"op": "rename", "area": "S1", "code": "S2"}, "areas.duplicate_code"),
    "move below itself": ({"op": "move", "area": "S1", "parent": "K1"}, "areas.cycle"),
    "move to where it is": ({"op": "move", "area": "S1", "parent": "D1"}, "areas.nothing_changes"),
    "move to a wrong level": ({"op": "move", "area": "K1", "parent": "C"}, "areas.wrong_parent_level"),
    "merge of two levels": ({"op": "merge", "areas": ["K1"], "into": "S3"}, "areas.invalid_change"),
    "merge into itself": ({"op": "merge", "areas": ["S1"], "into": "S1"}, "areas.invalid_change"),
    "retire with children": ({"op": "retire", "area": "S1"}, "areas.has_children"),
    "retire with rows": ({"op": "retire", "area": "K3"}, "areas.has_rows"),
    "retire for its own child": ({"op": "retire", "area": "S1", "successor": "K1"}, "areas.cycle"),
    "split without heir": (
        {
            "op": "split",
            "area": "S1",
            "parts": [{"code": "A", "name": "甲"}, {"code": "B", "name": "乙"}],
            "heir": "X",
        },
        "areas.invalid_change",
    ),
    "split taking a stranger": (
        {
            "op": "split",
            "area": "S1",
            "parts": [{"code": "A", "name": "甲", "takes": ["K3"]}, {"code": "B", "name": "乙"}],
            "heir": "A",
        },
        "areas.invalid_change",
    ),
}


@pytest.mark.parametrize(("item", "code"), REFUSED.values(), ids=REFUSED)
async def test_a_refused_change_is_a_problem_of_the_preview_and_cannot_be_applied(
    bench: Bench, tenant: Tenant, item: dict[str, Any], code: str
) -> None:
    async with bench.context(tenant) as ctx:
        await household(ctx, "K3")
        good = {"op": "rename", "area": "D1", "name": "新一区"}
        row = await draft_change_set(ctx, changes=[good, item], effective_on=today(ctx))
        shown = await preview(ctx, row.id, tables=TABLES)
        assert [(problem.change, problem.code) for problem in shown.problems] == [(1, code)]
        assert shown.change_set.state == "draft"
        with pytest.raises(UndefinedTransition):
            await apply(ctx, row.id, tables=TABLES)
        assert (await tree.get_by_code(ctx, "D1")).name == "一区"


@pytest.mark.parametrize(
    "item",
    [
        {"op": "rename", "area": "S1", "name": "再改"},
        {"op": "move", "area": "D1", "parent": None},
        {"op": "retire", "area": "S2"},
        {"op": "create", "code": "X", "name": "新", "level": "community", "parent": "S1"},
    ],
)
async def test_a_change_before_the_present_version_began_overlaps_it(
    bench: Bench, tenant: Tenant, item: dict[str, Any]
) -> None:
    async with bench.context(tenant) as ctx:
        for area in ("S1", "S2"):
            await change(ctx, {"op": "rename", "area": area, "name": f"改名{area}"}, days=-5)
        await change(
            ctx, {"op": "create", "code": "N", "name": "新街", "level": "street", "parent": "D1"}, days=-5
        )
        if item["op"] == "create":
            item = {**item, "parent": "N"}
        row = await draft_change_set(ctx, changes=[item], effective_on=today(ctx, -6))
        shown = await preview(ctx, row.id, tables=TABLES)
        assert [problem.code for problem in shown.problems] == ["areas.overlapping_validity"]


async def test_two_changes_on_one_day_correct_the_version_of_that_day(bench: Bench, tenant: Tenant) -> None:
    async with bench.context(tenant) as ctx:
        await change(ctx, {"op": "rename", "area": "K1", "name": "第一次"})
        await change(ctx, {"op": "rename", "area": "K1", "name": "第二次"})
        versions = await ctx.db.fetch(
            "select name, valid_from, valid_to from areas_version where tenant_id = $1", tenant.id
        )
        assert [tuple(v) for v in versions] == [("甲社区", BORN, today(ctx))]
        assert (await tree.get_by_code(ctx, "K1", as_of=today(ctx))).name == "第二次"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ([], InvalidChange),
        ([{"op": "explode", "area": "C"}], InvalidChange),
        ([{"op": "rename", "area": "C", "colour": "red"}], InvalidChange),
        ([{"op": "rename", "area": 5}], InvalidChange),
        ([{"op": "rename", "area": "C", "name": "长" * 10_000_000}], InvalidChange),
        ([{"op": "retire", "area": "C"}] * 201, TooManyChanges),
    ],
    ids=["none", "unknown", "field", "type", "long", "many"],
)
async def test_a_draft_that_cannot_be_read_is_refused(
    bench: Bench, tenant: Tenant, changes: list[dict[str, Any]], error: type[Exception]
) -> None:
    async with bench.context(tenant) as ctx:
        with pytest.raises(error):
            await draft_change_set(ctx, changes=changes, effective_on=today(ctx))


async def test_dates_out_of_range_and_changes_of_tomorrow_are_refused(bench: Bench, tenant: Tenant) -> None:
    rename = {"op": "rename", "area": "K1", "name": "明天"}
    async with bench.context(tenant) as ctx:
        for days in (-367, 367):
            with pytest.raises(EffectiveDateOutOfRange):
                await draft_change_set(ctx, changes=[rename], effective_on=today(ctx, days))
        row = await draft_change_set(ctx, changes=[rename], effective_on=today(ctx, 1))
        assert (await preview(ctx, row.id, tables=TABLES)).problems == ()
        with pytest.raises(NotYetEffective):
            await apply(ctx, row.id, tables=TABLES)


async def test_what_changed_since_the_preview_must_be_previewed_again(bench: Bench, tenant: Tenant) -> None:
    async with bench.context(tenant) as ctx:
        row = await draft_change_set(
            ctx, changes=[{"op": "move", "area": "S1", "parent": "D2"}], effective_on=today(ctx)
        )
        shown = await preview(ctx, row.id, tables=TABLES)
        await change(ctx, {"op": "rename", "area": "D2", "name": "新二区"})
        with pytest.raises(StaleVersion):
            await apply(ctx, row.id, tables=TABLES)
        with pytest.raises(StaleVersion):
            await discard(ctx, row.id, expected_version=shown.change_set.version - 1)
        again = await preview(ctx, row.id, tables=TABLES)
        await apply(ctx, row.id, tables=TABLES, expected_version=again.change_set.version)


async def test_who_drafts_does_not_apply_unless_the_tenant_allows_it(bench: Bench, tenant: Tenant) -> None:
    drafter, other = bench.actor(MANAGER), bench.actor(MANAGER)
    async with bench.context(tenant, actor=drafter) as ctx:
        row = await draft_change_set(
            ctx, changes=[{"op": "rename", "area": "K1", "name": "新名"}], effective_on=today(ctx)
        )
        await preview(ctx, row.id, tables=TABLES)
        with pytest.raises(OwnWork):
            await apply(ctx, row.id, tables=TABLES)
    async with bench.context(tenant, permissions=MANAGER[:2]) as ctx:
        with pytest.raises(PermissionMissing):
            await apply(ctx, row.id, tables=TABLES)
    async with bench.context(tenant, actor=other) as ctx:
        done = await apply(ctx, row.id, tables=TABLES)
        assert (done.created_by, done.applied_by) == (drafter.id, other.id)
        audited = await ctx.db.fetch(
            "select action from audit_entry where tenant_id = $1 and subject_id = $2 order by id",
            tenant.id,
            row.id,
        )
        assert [a["action"].rpartition(".")[2] for a in audited] == ["draft", "preview", "apply"]
        events = await ctx.db.fetch("select name from events_event where tenant_id = $1", tenant.id)
        assert [e["name"] for e in events] == ["areas.change_set_applied"]


async def test_an_officer_changes_the_own_district_and_no_other(bench: Bench, tenant: Tenant) -> None:
    async with bench.context(tenant) as ctx:
        d1 = await tree.get_by_code(ctx, "D1")
    async with bench.context(tenant, permissions=MANAGER, area_path=d1.path) as ctx:
        items = [
            {"op": "rename", "area": "S1", "name": "可以"},
            {"op": "rename", "area": "S3", "name": "不可以"},
            {"op": "create", "code": "X", "name": "不可以", "level": "city"},
        ]
        row = await draft_change_set(ctx, changes=items, effective_on=today(ctx))
        shown = await preview(ctx, row.id, tables=TABLES)
        assert [(p.change, p.code) for p in shown.problems] == [
            (1, "areas.not_found"),
            (2, "permission_denied"),
        ]
    async with bench.context(tenant, permissions=["areas.area.read"]) as ctx:
        with pytest.raises(PermissionDenied):
            await draft_change_set(ctx, changes=items, effective_on=today(ctx))


async def act(ctx: Context, row_id: UUID, action: str) -> str:
    if action in ("preview", "find_fault"):
        return str((await preview(ctx, row_id, tables=TABLES)).change_set.state)
    if action == "apply":
        return str((await apply(ctx, row_id, tables=TABLES)).state)
    return str((await discard(ctx, row_id)).state)


@pytest.mark.parametrize("legal", [True, False])
async def test_the_table_of_states_holds_for_the_services(bench: Bench, tenant: Tenant, legal: bool) -> None:
    pairs: Callable[[], list[tuple[str, str]]] = MACHINE.legal if legal else MACHINE.illegal
    for number, (state, action) in enumerate(pairs()):
        async with bench.context(tenant) as ctx:
            name = "一街" if action == "find_fault" else f"新名{number}"
            row = await draft_change_set(
                ctx, changes=[{"op": "rename", "area": "S1", "name": name}], effective_on=today(ctx)
            )
            if action == "find_fault":
                current = (await tree.get_by_code(ctx, "S1")).name
                await ctx.db.execute(
                    "update areas_change_set set content = jsonb_set(content, '{0,name}', to_jsonb($3::text))"
                    " where tenant_id = $1 and id = $2",
                    tenant.id,
                    row.id,
                    current,
                )
            else:
                await preview(ctx, row.id, tables=TABLES)
            await ctx.db.execute(
                "update areas_change_set set state = $3 where tenant_id = $1 and id = $2",
                tenant.id,
                row.id,
                state,
            )
            if legal:
                target = MACHINE.transition(state, action).target
                assert await act(ctx, row.id, action) == target
            else:
                with pytest.raises(UndefinedTransition):
                    await act(ctx, row.id, action)
