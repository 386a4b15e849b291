"""Search by name, code and pinyin, and the function behind it."""

from typing import Any

import asyncpg
import pytest

from linli.areas.errors import InvalidPage
from linli.areas.importing import import_areas
from linli.areas.levels import STANDARD, define_levels
from linli.areas.search import search
from linli.testing.factories import Bench

HEAD = "code,name,level,parent_code\n420800000000,荆门市,city,\n420802000000,东宝区,district,420800000000\n"
ROWS = HEAD + (
    "420802001000,龙泉街道,street,420802000000\n420802001001,南门社区居民委员会,community,420802001000\n"
    "420802001002,北门社区居民委员会,community,420802001000\n420802001003,荆门村村民委员会,community,420802001000\n"
    "420802001004,甲村（北）,community,420802001000\nABC-1,西城,community,420802001000\n"
)


@pytest.fixture
async def tenant(bench: Bench) -> Any:
    made = await bench.tenant()
    async with bench.context(made) as ctx:
        await define_levels(ctx, STANDARD)
        await import_areas(ctx, ROWS.encode())
    return made


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("荆门", ["荆门市", "荆门村村民委员会"]),
        ("荆门村村民委员会", ["荆门村村民委员会"]),
        ("社区", ["南门社区居民委员会", "北门社区居民委员会"]),
        ("门社", ["南门社区居民委员会", "北门社区居民委员会"]),
        ("泉", ["龙泉街道"]),
        ("jingmen", ["荆门市", "荆门村村民委员会"]),
        ("jing men s", ["荆门市"]),
        ("JMS", ["荆门市"]),
        ("nmsq", ["南门社区居民委员会"]),
        (
            "4208020010",
            ["龙泉街道", "南门社区居民委员会", "北门社区居民委员会", "荆门村村民委员会", "甲村（北）"],
        ),
        ("420802001004", ["甲村（北）"]),
        ("abc-1", ["西城"]),
        ("（北）", ["甲村（北）"]),
        ("(北)", ["甲村（北）"]),
        ("上海", []),
        ("%", []),
        ("_", []),
        ("'; drop table areas_area; --", []),
        ("", []),
        ("\0", []),
        ("😀" * 1_000_000, []),
    ],
)
async def test_search_finds_by_part_of_the_name_code_and_pinyin(
    bench: Bench, tenant: Any, text: str, names: list[str]
) -> None:
    async with bench.context(tenant) as ctx:
        assert [node.name for node in await search(ctx, text)] == names


async def test_a_rare_name_is_found_beyond_the_first_areas_of_a_large_tree(bench: Bench, tenant: Any) -> None:
    rows = [f"X{i},第{i}普通村,community,420802001000" for i in range(4_200)]
    rows.append("Y1,罕见凤凰村,community,420802001000")
    async with bench.context(tenant) as ctx:
        await import_areas(ctx, (HEAD.partition("\n")[0] + "\n" + "\n".join(rows)).encode())
        assert [node.name for node in await search(ctx, "凤凰")] == ["罕见凤凰村"]
        assert len(await search(ctx, "普通", first=30)) == 30
        with pytest.raises(InvalidPage):
            await search(ctx, "普通", first=101)


async def test_the_search_function_refuses_another_tenant_and_an_unbound_transaction(
    bench: Bench, tenant: Any
) -> None:
    call = "select app.search_areas($1, '荆门')"
    async with bench.context(await bench.tenant()) as ctx:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with ctx.db.savepoint():
                await ctx.db.fetch(call, tenant.id)
    connection = await asyncpg.connect(bench.database.api_url)
    try:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch(call, tenant.id)
    finally:
        await connection.close()
