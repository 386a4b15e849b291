"""The page about nodes: its files are a plugin, and the plugin does what the page says."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.context import Actor, ActorKind
from linli.ids import new_id
from linli.plugin import people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins
from linli.testing.pytest_plugin import scratch_database
from linli_graphql.descriptions import undescribed
from linli_graphql.ids import to_global_id
from linli_graphql.interface import GraphQLInterface
from linli_graphql.testing import GraphQLBench

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "declare-a-node.md"
FILE = re.compile(r"^`([\w/.]+)`[^\n]*:\n\n```\w+\n(.*?)^```$", re.M | re.S)
LINES_MAX = 120  # two screens
HOOK = """
@hookimpl
def graphql():
    from linli_facilities.graphql import CONTRIBUTION

    return CONTRIBUTION
"""
READ = ("facilities.booking.read", "identity.person.read", "areas.area.read")
LIST = """query ($first: Int, $after: String, $filter: BookingFilter, $orderBy: BookingOrder) {
  bookings(first: $first, after: $after, filter: $filter, orderBy: $orderBy) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes { id phone state startsAt }
  }
}"""


def files() -> dict[str, str]:
    """The files that the page shows."""
    return dict(FILE.findall(PAGE.read_text(encoding="utf-8")))


@dataclass(slots=True)
class Shop:
    """A tenant with two communities, and bookings of one person in both, by the hour."""

    api: GraphQLBench
    tenant: Tenant
    paths: list[str]
    person_id: UUID

    def reader(self, *more: str, path: str | None = None) -> Actor:
        return self.api.bench.actor((*READ, *more), area_path=self.paths[0] if path is None else path)

    async def bookings(self, actor: Actor, **variables: Any) -> dict[str, Any]:
        """A page of the list, by both ways of reading."""
        fast = await self.api.compiled(self.tenant, actor, LIST, variables)
        assert fast.data is not None
        assert fast.statements == 1
        assert fast.data == (await self.api.execute(self.tenant, actor, LIST, variables)).data
        found: dict[str, Any] = fast.data["bookings"]
        return found


@pytest_asyncio.fixture(scope="module")
async def shop(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> AsyncIterator[Shop]:
    shown = files()
    with FakePlugins(tmp_path_factory.mktemp("vendor")) as vendor:
        manifest = shown.pop("plugin.toml")
        code = {name: text for name, text in shown.items() if not name.startswith("tests/")}
        vendor.add("facilities", HOOK, manifest=manifest, files={**code, "migrations/__init__.py": ""})
        composition = vendor.compose(GraphQLInterface())
        assert composition.quarantined == {}
        async with scratch_database(postgres_url, composition) as database:
            api = GraphQLBench(Bench(database, composition))
            yield await _filled(api)


async def _filled(api: GraphQLBench) -> Shop:
    tenant = await api.bench.tenant()
    areas = [await api.bench.area(tenant, name) for name in ("东社区", "西社区")]
    async with api.bench.context(tenant) as ctx:
        person = (await people.register(ctx, area_id=areas[0].id, full_name="示例·甲", synthetic=True)).id
    async with api.bench.database.unit_of_work(tenant.id) as db:
        for number in range(6):
            area = areas[number % 2]
            await db.execute(
                "insert into facilities_booking (tenant_id, id, area_id, area_path, person_id, starts_at, state, phone)"
                " values ($1, $2, $3, $4, $5, timestamptz '2026-05-06 09:00+08' + make_interval(hours => $6),"
                " $7, '13800001234')",
                tenant.id,
                new_id(),
                area.id,
                area.path,
                person,
                number,
                "cancelled" if number == 5 else "reserved",
            )
    return Shop(api, tenant, [area.path for area in areas], person)


def test_the_page_fits_on_two_screens() -> None:
    assert len(PAGE.read_text(encoding="utf-8").splitlines()) <= LINES_MAX


async def test_the_test_on_the_page_passes(shop: Shop) -> None:
    names: dict[str, Any] = {}
    exec(files()["tests/test_bookings.py"], names)  # noqa: S102 - the page is ours
    [test] = [value for name, value in names.items() if name.startswith("test_")]
    await test(shop.api, shop.tenant, shop.reader(path=""))


async def test_the_list_has_pages_filters_and_orders(shop: Shop) -> None:
    everywhere = shop.reader(path="")
    page = await shop.bookings(everywhere, first=4, orderBy="STARTS_AT_DESC")
    rest = await shop.bookings(
        everywhere, first=4, orderBy="STARTS_AT_DESC", after=page["pageInfo"]["endCursor"]
    )
    moments = [one["startsAt"] for one in (*page["nodes"], *rest["nodes"])]
    assert (page["totalCount"], len(moments), rest["pageInfo"]["hasNextPage"]) == (6, 6, False)
    assert moments == sorted(moments, reverse=True)
    cancelled = await shop.bookings(everywhere, filter={"state": {"eq": "CANCELLED"}})
    assert cancelled["totalCount"] == 1
    nobodys = {"person": {"eq": to_global_id("Person", new_id())}}
    assert (await shop.bookings(everywhere, filter=nobodys))["totalCount"] == 0


async def test_a_reader_sees_the_area_of_the_grant_and_masked_numbers(shop: Shop) -> None:
    east = await shop.bookings(shop.reader())
    assert east["totalCount"] == 3
    assert {one["phone"] for one in east["nodes"]} == {"138****1234"}
    revealed = await shop.bookings(shop.reader("facilities.booking.reveal"))
    assert {one["phone"] for one in revealed["nodes"]} == {"13800001234"}


async def test_who_has_no_permission_is_refused_but_sees_what_is_their_own(shop: Shop) -> None:
    stranger = shop.api.bench.actor(("areas.area.read",))
    assert (await shop.api.execute(shop.tenant, stranger, LIST)).codes == ["permission_denied"]
    own = Actor(kind=ActorKind.ACCOUNT, id=new_id(), name="示例·甲", grants=(), person_id=shop.person_id)
    found = await shop.bookings(own)
    assert found["totalCount"] == 6
    assert {one["phone"] for one in found["nodes"]} == {"13800001234"}


async def test_a_booking_is_fetched_by_its_id_and_unseen_elsewhere(shop: Shop) -> None:
    document = "query ($id: ID!) { booking(id: $id) { id } node(id: $id) { id ... on Booking { state } } }"
    [first, *_rest] = (await shop.bookings(shop.reader()))["nodes"]
    seen = await shop.api.execute(shop.tenant, shop.reader(), document, {"id": first["id"]})
    assert seen["node"] == {"id": first["id"], "state": first["state"]}
    west = shop.reader(path=shop.paths[1])
    unseen = await shop.api.execute(shop.tenant, west, document, {"id": first["id"]})
    assert (unseen.data, unseen.errors) == ({"booking": None, "node": None}, [])


def test_everything_is_described(shop: Shop) -> None:
    plugins = shop.api.bench.composition.plugin_set(["facilities"])
    assert undescribed(shop.api.interface.schema_for(plugins)._schema) == []
