"""Notifications through the API: one's own messages, and for administrators the log without what was said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest_asyncio

from linli.context import Actor
from linli.identity import people
from linli.notifications import send
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

RETRY = """mutation ($id: ID!) { retryNotificationDelivery(input: {id: $id}) {
  notificationDelivery { status attempts } problems { code } } }"""
TYPE = "volunteers.hours_posted"


@dataclass(slots=True)
class Readers:
    """A resident who was sent three messages, and another who was sent none."""

    api: GraphQLBench
    bench: Bench
    tenant: Tenant
    resident: Actor
    other: Actor

    async def ask(self, actor: Actor, document: str, **variables: Any) -> Any:
        outcome = await self.api.execute(self.tenant, actor, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data


@pytest_asyncio.fixture
async def readers(bench: Bench, api: GraphQLBench) -> Readers:
    tenant = await bench.tenant()
    actors = []
    async with bench.context(tenant) as ctx:
        for name in ("测试甲", "测试乙"):
            person = await people.register(ctx, area_id=None, full_name=name, synthetic=True)
            actors.append(replace(bench.actor(()), person_id=person.id))
        for number in range(3):
            values = {"activity": "清扫", "minutes": 30 * (number + 1)}
            await send(ctx, TYPE, values, dedupe_key=str(number), person_id=actors[0].person_id)
    return Readers(api, bench, tenant, *actors)


LIST = """{ unreadNotifications
  notifications(first: 2, orderBy: SENT_AT_DESC) { totalCount pageInfo { hasNextPage }
    nodes { id type messageClass title body readAt } } }"""


async def test_people_read_their_own_messages_and_no_others(readers: Readers) -> None:
    seen = await readers.ask(readers.resident, LIST)
    assert seen["unreadNotifications"] == 3
    assert seen["notifications"]["totalCount"] == 3
    assert seen["notifications"]["pageInfo"] == {"hasNextPage": True}
    first = seen["notifications"]["nodes"][0]
    assert (first["type"], first["messageClass"], first["readAt"]) == (TYPE, "SERVICE", None)
    assert first["title"] == "服务时长已入账"
    assert first["body"].startswith("您在“清扫”的服务时长 ")
    nothing = await readers.ask(readers.other, LIST)
    assert (nothing["unreadNotifications"], nothing["notifications"]["totalCount"]) == (0, 0)
    found = await readers.ask(readers.other, "query ($id: ID!) { node(id: $id) { id } }", id=first["id"])
    assert found["node"] is None
    nobody = await readers.api.execute(readers.tenant, readers.bench.actor(()), LIST)
    assert nobody.codes == ["permission_denied"]


async def test_messages_are_marked_as_read(readers: Readers) -> None:
    nodes = (await readers.ask(readers.resident, LIST))["notifications"]["nodes"]
    mark = """mutation ($ids: [ID!]!) { markNotificationsRead(input: {ids: $ids}) { count problems { code } } }"""
    ids = [nodes[0]["id"]]
    foreign = await readers.ask(readers.other, mark, ids=ids)
    assert foreign["markNotificationsRead"] == {"count": None, "problems": [{"code": "not_found"}]}
    done = await readers.ask(readers.resident, mark, ids=ids)
    assert done["markNotificationsRead"] == {"count": 1, "problems": []}
    assert (await readers.ask(readers.resident, LIST))["unreadNotifications"] == 2
    everything = "mutation { markAllNotificationsRead { count problems { code } } }"
    assert (await readers.ask(readers.resident, everything))["markAllNotificationsRead"]["count"] == 2


async def test_people_choose_how_messages_come_and_where_to(readers: Readers) -> None:
    choose = """mutation ($class: NotificationClass!) { setNotificationPreference(
      input: {messageClass: $class, channel: "email", wanted: false}) { wanted problems { code path } } }"""
    chosen = await readers.ask(readers.resident, choose, **{"class": "REMINDER"})
    assert chosen["setNotificationPreference"] == {"wanted": False, "problems": []}
    refused = await readers.ask(readers.resident, choose, **{"class": "REQUIRED"})
    assert [one["code"] for one in refused["setNotificationPreference"]["problems"]] == [
        "notifications.always_sent"
    ]
    listed = await readers.ask(
        readers.resident, "{ notificationPreferences { messageClass channel wanted fixed } }"
    )
    assert {
        "messageClass": "REMINDER",
        "channel": "email",
        "wanted": False,
        "fixed": False,
    } in listed["notificationPreferences"]
    place = """mutation ($to: String) { setNotificationAddress(input: {channel: "email", address: $to}) {
      channel problems { code path } } }"""
    bad = await readers.ask(readers.resident, place, to="nowhere")
    assert bad["setNotificationAddress"]["problems"] == [
        {"code": "notifications.bad_address", "path": ["input", "address"]}
    ]
    await readers.ask(readers.resident, place, to="reader@example.com")
    reached = "{ notificationAddresses { channel title addressMasked usable } }"
    seen = await readers.ask(readers.resident, reached)
    assert seen["notificationAddresses"] == [
        {"channel": "email", "title": "电子邮件", "addressMasked": "r***@example.com", "usable": True}
    ]


async def test_administrators_see_the_log_and_figures_but_not_the_messages(readers: Readers) -> None:
    admin = readers.bench.actor(("notifications.delivery.read", "notifications.delivery.retry"))
    log = """{ notificationDeliveries(filter: {channel: {eq: "in_app"}}) { nodes { type channel status } }
      notificationFigures { type channel status deliveries attempts } }"""
    seen = await readers.ask(admin, log)
    assert (
        seen["notificationDeliveries"]["nodes"] == [{"type": TYPE, "channel": "in_app", "status": "DONE"}] * 3
    )
    counted = {"type": TYPE, "deliveries": 3, "attempts": 0}
    assert seen["notificationFigures"] == [
        {**counted, "channel": "email", "status": "PENDING"},
        {**counted, "channel": "in_app", "status": "DONE"},
    ]
    assert (await readers.api.execute(readers.tenant, admin, LIST)).codes == ["permission_denied"]
    refused = await readers.api.execute(readers.tenant, readers.resident, log)
    assert set(refused.codes) == {"permission_denied"}


async def test_a_dead_delivery_is_tried_again_by_permission(readers: Readers) -> None:
    async with readers.bench.context(readers.tenant) as ctx:
        row_id: UUID = await ctx.db.fetchval(
            "update notifications_delivery set status = 'dead', finished_at = now(), attempts = 10 where tenant_id = $1"
            " and id = (select id from notifications_delivery where tenant_id = $1 and channel = 'email' limit 1)"
            " returning id",
            readers.tenant.id,
        )
    given = to_global_id("NotificationDelivery", row_id)
    admin = readers.bench.actor(("notifications.delivery.read", "notifications.delivery.retry"))
    only_reads = readers.bench.actor(("notifications.delivery.read",))
    refused = await readers.ask(only_reads, RETRY, id=given)
    assert refused["retryNotificationDelivery"]["problems"] == [{"code": "permission_denied"}]
    done = await readers.ask(admin, RETRY, id=given)
    assert done["retryNotificationDelivery"] == {
        "notificationDelivery": {"status": "PENDING", "attempts": 0},
        "problems": [],
    }
    again = await readers.ask(admin, RETRY, id=given)
    assert again["retryNotificationDelivery"]["problems"] == [{"code": "notifications.delivery_not_dead"}]
