"""Hand-overs through the API: offered by one place, answered by the other, each seeing its own side."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import pytest

from linli.clock import SystemClock
from linli.context import Actor
from linli.db.database import Database
from linli.registry import Composition
from linli.tenancy.catalogue import Tenant
from linli.testing.places import FIELDS, Places
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

OFFER = """
mutation ($input: OfferHandoverInput!, $key: String) {
  offerHandover(input: $input, idempotencyKey: $key) {
    offeredHandover { id state counterpartName fields person { id } } problems { code path }
  }
}"""
RECEIVED = """
{ receivedHandovers { nodes {
  id state counterpartSlug purpose fields person { id } messages { direction kind state status errorCode }
} } }"""
OFFERED = """
{ offeredHandovers { nodes { id state endedBy reason messages { direction sequence kind state status } } } }"""


def action(name: str, kind: str, gives: str, extra: str = "") -> str:
    payload = f"{gives} {{ id state }} {extra} problems {{ code path }}"
    return f"mutation ($input: {kind}!) {{ {name}(input: $input) {{ {payload} }} }}"


@dataclass(slots=True)
class Both:
    """Two places, an officer in each, and a resident of a with an account of their own."""

    api: GraphQLBench
    places: Places
    officer: Actor
    person_id: UUID
    resident: Actor

    async def ask(
        self, tenant: Tenant, document: str, *, actor: Actor | None = None, **variables: Any
    ) -> Any:
        outcome = await self.api.execute(tenant, actor or self.officer, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data

    async def offer(self, **changes: Any) -> Any:
        given = {
            "personId": to_global_id("Person", self.person_id),
            "counterpart": self.places.b.slug,
            "fields": list(FIELDS),
            "purpose": "迁居",
            **changes,
        }
        return (await self.ask(self.places.a, OFFER, input=given, key="offer-1"))["offerHandover"]

    async def received(self) -> Any:
        await self.places.work()
        return (await self.ask(self.places.b, RECEIVED))["receivedHandovers"]["nodes"]

    async def offered(self, **options: Any) -> Any:
        await self.places.work()
        return (await self.ask(self.places.a, OFFERED, **options))["offeredHandovers"]["nodes"]


@pytest.fixture
async def both(database: Database, composition: Composition, api: GraphQLBench) -> Both:
    async with database.kernel() as db:
        await db.execute("update handover_delivery set status = 'dead' where status = 'pending'")
    places = await Places(database, database, composition, clock=SystemClock()).open(plugins=())
    api.bench.catalogue.forget()
    person_id = await places.person(places.a)
    rights = (
        "handover.offer",
        "handover.accept",
        "handover.read",
        "identity.person.read",
        "identity.person.write",
    )
    officer = api.bench.actor(rights)
    return Both(api, places, officer, person_id, replace(api.bench.actor(()), person_id=person_id))


async def test_a_person_goes_from_one_place_to_the_other(both: Both) -> None:
    made = await both.offer()
    assert made["problems"] == []
    assert made["offeredHandover"]["state"] == "offered"
    assert (await both.offer())["offeredHandover"]["id"] == made["offeredHandover"]["id"]  # the same key
    (incoming,) = await both.received()
    assert (incoming["state"], incoming["counterpartSlug"]) == ("offered", both.places.a.slug)
    assert (incoming["person"], incoming["fields"]) == (None, list(FIELDS))
    read = action(
        "readReceivedHandover", "ReceivedHandoverReasonInput", "receivedHandover", "values { title value }"
    )
    seen = await both.ask(both.places.b, read, input={"id": incoming["id"], "reason": "核对"})
    assert seen["readReceivedHandover"]["values"] == [
        {"title": "姓名", "value": "测试甲"},
        {"title": "电话", "value": "19900000001"},
    ]
    area = await both.places.area_of_b()
    accept = action("acceptHandoverAsNew", "AcceptHandoverAsNewInput", "receivedHandover")
    given = {"id": incoming["id"], "areaId": to_global_id("Area", area.id)}
    done = (await both.ask(both.places.b, accept, input=given))["acceptHandoverAsNew"]
    assert (done["problems"], done["receivedHandover"]["state"]) == ([], "accepted")
    (offered,) = await both.offered()
    assert offered["state"] == "accepted"
    assert offered["messages"] == [
        {"direction": "in", "sequence": 1, "kind": "accept", "state": "applied", "status": None},
        {"direction": "out", "sequence": 1, "kind": "offer", "state": "acknowledged", "status": "done"},
    ]
    update = action("sendHandoverUpdate", "OfferedHandoverInput", "offeredHandover")
    refused = (await both.ask(both.places.a, update, input={"id": offered["id"]}))["sendHandoverUpdate"]
    assert [one["code"] for one in refused["problems"]] == ["handover.nothing_changed"]
    revoke = action("revokeReceivedHandover", "ReceivedHandoverReasonInput", "receivedHandover")
    await both.ask(both.places.b, revoke, input={"id": incoming["id"], "reason": "离开"})
    (offered,) = await both.offered()
    assert (offered["state"], offered["endedBy"], offered["reason"]) == ("revoked", "there", "")


async def test_an_offer_is_declined_with_a_reason(both: Both) -> None:
    await both.offer()
    (incoming,) = await both.received()
    decline = action("declineHandover", "ReceivedHandoverReasonInput", "receivedHandover")
    done = await both.ask(both.places.b, decline, input={"id": incoming["id"], "reason": "查无此人"})
    assert done["declineHandover"]["receivedHandover"]["state"] == "declined"
    (offered,) = await both.offered()
    assert (offered["state"], offered["reason"]) == ("declined", "查无此人")


async def test_the_person_sees_and_ends_their_own_hand_overs(both: Both) -> None:
    await both.offer()
    (own,) = await both.offered(actor=both.resident)
    read = action(
        "readOfferedHandover", "OfferedHandoverReasonInput", "offeredHandover", "values { name value }"
    )
    seen = await both.ask(both.places.a, read, actor=both.resident, input={"id": own["id"], "reason": ""})
    assert [one["name"] for one in seen["readOfferedHandover"]["values"]] == list(FIELDS)
    revoke = action("revokeOfferedHandover", "OfferedHandoverReasonInput", "offeredHandover")
    given = {"id": own["id"], "reason": "不去了"}
    await both.ask(both.places.a, revoke, actor=both.resident, input=given)
    (own,) = await both.offered(actor=both.resident)
    assert (own["state"], own["endedBy"]) == ("revoked", "person")
    stranger = replace(both.resident, person_id=await both.places.person(both.places.a, "测试丙"))
    assert await both.offered(actor=stranger) == []


async def test_a_dead_message_is_shown_and_retried(both: Both) -> None:
    made = await both.offer()
    async with both.places.context(both.places.a) as ctx:
        sql = "update handover_delivery set status = 'dead', error_code = 'x' where tenant_id = $1"
        await ctx.db.execute(sql, both.places.a.id)
    (offered,) = await both.offered()
    assert [one["status"] for one in offered["messages"]] == ["dead"]
    retry = action("retryOfferedHandover", "OfferedHandoverInput", "offeredHandover")
    given = {"id": made["offeredHandover"]["id"]}
    done = await both.ask(both.places.a, retry, input=given)
    assert done["retryOfferedHandover"]["problems"] == []
    (incoming,) = await both.received()
    assert incoming["state"] == "offered"


async def test_counterparts_are_told_by_name_to_those_who_may_offer(both: Both) -> None:
    document = """
    query ($part: String!) { handoverCounterparts(part: $part) { slug name } handoverFields { name title } }"""
    found = await both.ask(both.places.a, document, part=both.places.b.slug)
    assert found["handoverCounterparts"] == [{"slug": both.places.b.slug, "name": both.places.b.name}]
    assert {"name": "identity.person.id_number", "title": "身份证号"} in found["handoverFields"]
    assert (await both.ask(both.places.a, document, part=both.places.a.slug))["handoverCounterparts"] == []
    denied = await both.api.execute(both.places.a, both.resident, document, {"part": ""})
    assert denied.codes == ["permission_denied"]


async def test_a_refusal_names_the_input_at_fault(both: Both) -> None:
    refused = await both.offer(fields=["identity.person.state"])
    assert refused["problems"] == [{"code": "handover.unknown_field", "path": ["input", "fields"]}]
