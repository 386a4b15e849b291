"""What requests cost, who pays, and how one tenant is kept from starving another."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from graphql import parse

from linli.context import Actor, ActorKind
from linli.http.errors import RateLimited
from linli.http.throttle import Charge, Throttle
from linli.ids import new_id
from linli_graphql.budget import Budget, Quota
from linli_graphql.cost import price
from linli_graphql.documents import prepare
from linli_graphql.gate import TenantGate
from linli_graphql.refusals import DocumentRefused, TenantBusy, TooExpensive


@pytest.fixture(scope="module")
def schema(composition):
    interface = next(one for one in composition.interfaces if one.name == "graphql")
    return interface.schema_for(composition.plugin_set(()))._schema


@pytest.mark.parametrize(
    ("document", "variables", "cost"),
    [
        ("{ __typename }", {}, 1),
        ("{ a: __typename b: __typename }", {}, 2),
        ("{ areas { nodes { id name } } }", {}, 1 + 1 + 20 * 2),
        ("{ areas(first: 3) { nodes { id name } } }", {}, 1 + 1 + 3 * 2),
        ("{ areas(last: 3) { edges { node { id } cursor } } }", {}, 1 + 1 + 3 * 3),
        ("{ areas(first: 3) { totalCount } }", {}, 1 + 20),
        ("{ areas(first: 1000000) { nodes { id } } }", {}, 1 + 1 + 100),
        ("{ areas(first: -5) { nodes { id } } }", {}, 1 + 1 + 1),
        ("query ($n: Int) { areas(first: $n) { nodes { id } } }", {"n": 7}, 1 + 1 + 7),
        ("query ($n: Int) { areas(first: $n) { nodes { id } } }", {}, 1 + 1 + 20),
        ("query ($n: Int = 9) { areas(first: $n) { nodes { id } } }", {}, 1 + 1 + 9),
        ("query ($n: Int) { areas(first: $n) { nodes { id } } }", {"n": "x"}, 1 + 1 + 20),
        ("query ($i: [ID!]!) { nodes(ids: $i) { id } }", {"i": ["a"] * 30}, 1 + 30),
        ("{ areas(first: 2) { nodes { parent { ...a } } } } fragment a on Area { id name }", {}, 2 + 2 * 3),
        ("{ areas(first: 2) { ...p } } fragment p on AreaConnection { nodes { ... on Node { id } } }", {}, 4),
    ],
)
def test_a_document_costs_its_fields_times_its_pages(schema, document, variables, cost):
    assert prepare(schema, document).estimate(variables) == cost


def test_a_mutation_and_the_schema_cost_more(schema):
    assert prepare(schema, "{ __schema { types { name } } }").estimate({}) == 2_000
    field = next(iter(schema.mutation_type.fields))
    mutation = f"mutation {{ {field} {{ problems {{ code }} }} }}"
    priced = price(schema, parse(mutation), parse(mutation).definitions[0])
    assert priced.of({}) == 10 + 1 + 10


async def test_what_a_request_cost_is_told(caller):
    response = await caller.post("{ areas(first: 100) { nodes { id } } }")
    cost = response.json()["extensions"]["cost"]
    assert cost["requested"] == 1 + 1 + 100
    # There are thirty areas; what was asked for in vain is not charged.
    assert 30 < cost["charged"] < 40
    assert cost["remaining"] == cost["perMinute"] - cost["charged"]
    assert response.headers["ratelimit-policy"] == f'"cost";q={cost["perMinute"]};w=60'
    assert response.headers["ratelimit"] == f'"cost";r={cost["remaining"]};t=1'


async def test_a_request_that_is_too_expensive_is_told_by_how_much(caller):
    below = "id"
    for _ in range(3):
        below = f"children(first: 100) {{ nodes {{ {below} }} }}"
    response = await caller.post(f"{{ areas {{ nodes {{ {below} }} }} }}", accept="application/json")
    assert response.status_code == 400
    error = response.json()["errors"][0]
    assert error["extensions"]["code"] == "graphql.too_expensive"
    assert "50000" in error["message"]


async def test_many_callers_who_ask_once_do_not_use_up_the_tenant_s_minute(spender):
    spender.quota = Quota(document=1_000, principal=100_000, tenant=100_000)
    for _ in range(300):
        await spender.spend(somebody(), 10)
    rest = await spender.spend_all(somebody(), 1_000)
    assert 90 <= rest <= 100  # 3,000 of 100,000 are spent, and little is held by those who asked


async def test_whoever_has_spent_the_minute_waits_and_others_do_not(place, webs):
    place.web = await webs.start(settings={"tenant_cost_per_minute": 1_000})
    spender, other_tenant = await place.caller(), place
    asked = "{ areas(first: 30) { nodes { id name code level } } }"
    answers = [await spender.post(asked) for _ in range(12)]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0].status_code == 200
    assert refused
    error = refused[0].json()["errors"][0]
    assert error["extensions"]["code"] == "rate_limited"
    assert 1 <= int(refused[0].headers["retry-after"]) <= 60
    assert refused[0].headers["ratelimit"] == '"cost";r=0;t=60'
    other_tenant.tenant = await place.bench.tenant(plugins=())
    assert (await (await other_tenant.caller()).post(asked)).status_code == 200


async def test_a_tenant_sets_what_one_request_may_cost_and_not_more_than_the_platform_allows(place, webs):
    place.web = await webs.start(settings={"tenant_cost_per_minute": 1_000})
    caller = await place.caller()
    asked = "{ areas(first: 100) { nodes { id } } }"
    assert (await caller.post(asked)).json()["extensions"]["cost"]["perMinute"] == 1_000
    sql = "update tenancy_tenant set settings = $2 where tenant_id = $1"
    async with place.bench.database.kernel() as db:
        stored = '{"http.request_cost_max": {"value": 101, "mode": "bounded"}}'
        await db.execute(sql, place.tenant.id, stored)
    place.web.runtime.catalogue.forget(place.tenant.id)
    place.web.runtime.principals.forget(place.tenant.id)
    refused = await caller.post(asked)
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["extensions"]["code"] == "graphql.too_expensive"


async def test_refused_documents_cost_as_well(place, webs):
    place.web = await webs.start(settings={"tenant_cost_per_minute": 1_000})
    caller = await place.caller()
    statuses = [(await caller.post(f"{{ nothing{n} }}")).status_code for n in range(12)]
    assert statuses == [400] * 10 + [429] * 2


class Spender:
    """Spends from the buckets of one process."""

    def __init__(self, web, tenant, quota):
        self.budget = Budget(Throttle(web.runtime))
        self.tenant = tenant
        self.quota = quota

    async def spend(self, actor, cost):
        return await self.budget.charge(self.quota, self.tenant, actor, cost)

    async def spend_all(self, actor, cost):
        """How often it can be spent at once."""
        for times in range(10_000):
            try:
                await self.spend(actor, cost)
            except RateLimited:
                return times
        raise AssertionError("the bucket has no bottom")


def somebody():
    return Actor(kind=ActorKind.CLIENT, id=new_id(), name="x")


@pytest.fixture(params=["redis", "memory"])
async def spender(request, webs, bench, valkey):
    web = await webs.start(redis_url=valkey.url() if request.param == "redis" else None)
    return Spender(web, await bench.tenant(plugins=()), Quota(document=500, principal=1_000, tenant=1_500))


async def test_a_bucket_can_be_emptied_to_the_last(spender):
    # While the test runs, a little flows in: a sixtieth of the bucket in a second.
    assert 10 <= await spender.spend_all(somebody(), 100) <= 11


async def test_the_tenants_bucket_holds_for_all_its_callers(spender):
    assert 10 <= await spender.spend_all(somebody(), 100) <= 11
    assert 4 <= await spender.spend_all(somebody(), 100) <= 6


async def test_what_was_estimated_too_high_is_given_back(spender):
    actor = somebody()
    for _ in range(50):
        receipt = await spender.spend(actor, 500)
        receipt.settle(1)
        assert receipt.charged == 1
    assert receipt.remaining >= 900


async def test_more_than_one_request_may_cost_is_refused_whatever_is_left(spender):
    with pytest.raises(DocumentRefused) as refused:
        await spender.spend(somebody(), 501)
    assert isinstance(refused.value.faults[0].error, TooExpensive)


async def test_two_processes_share_one_bucket(webs, bench, valkey):
    tenant = await bench.tenant(plugins=())
    quota = Quota(document=500, principal=1_000, tenant=100_000)
    here, there = [Spender(await webs.start(redis_url=valkey.url()), tenant, quota) for _ in range(2)]
    actor = somebody()
    taken = await asyncio.gather(here.spend_all(actor, 50), there.spend_all(actor, 50))
    assert 19 <= sum(taken) <= 22


async def test_many_at_once_take_no_more_than_there_is(spender):
    actor = somebody()
    done = await asyncio.gather(*(spender.spend(actor, 50) for _ in range(60)), return_exceptions=True)
    assert sum(not isinstance(one, Exception) for one in done) <= 21


async def test_a_small_part_of_a_large_bucket_is_not_rounded_away(webs, valkey):
    throttle = Throttle((await webs.start(redis_url=valkey.url())).runtime)
    charge = Charge(f"test:{new_id().hex}", burst=6_000_000, interval_ms=0.01, cost=7)
    first = await throttle.take([charge])
    for _ in range(5):
        last = await throttle.take([replace(charge, cost=600_000)])
    assert first.left[0] == pytest.approx(6_000_000 - 7, abs=5)
    assert last.left[0] < first.left[0] - 2_000_000


async def test_a_tenant_gets_so_many_places_and_its_queue_has_an_end():
    gate, busy, other = TenantGate(2, queue_max=2, wait_s=30), new_id(), new_id()
    leave = asyncio.Event()
    entered = 0

    async def work(tenant_id):
        nonlocal entered
        await gate.enter(tenant_id)
        entered += 1
        await leave.wait()
        gate.leave(tenant_id)

    tasks = [asyncio.create_task(work(busy)) for _ in range(4)]
    await asyncio.sleep(0)
    assert entered == 2
    with pytest.raises(TenantBusy) as refused:
        await work(busy)
    assert refused.value.details["retry_after_s"] == 1
    free = asyncio.create_task(work(other))
    await asyncio.sleep(0)
    assert entered == 3
    tasks[2].cancel()
    leave.set()
    await asyncio.gather(*tasks, free, return_exceptions=True)
    assert entered == 4
    assert not gate._places


async def test_whoever_waits_too_long_is_sent_away_and_leaves_no_trace():
    gate, tenant = TenantGate(1, wait_s=0.01), new_id()
    await gate.enter(tenant)
    with pytest.raises(TenantBusy):
        await gate.enter(tenant)
    gate.leave(tenant)
    await gate.enter(tenant)
    gate.leave(tenant)
    assert not gate._places


async def test_a_read_has_ten_seconds_and_the_limit_ends_with_it(database, bench):
    tenant = await bench.tenant(plugins=())
    async with database.unit_of_work(tenant.id, read_only=True, statement_timeout_s=10) as unit:
        assert await unit.fetchval("show statement_timeout") == "10s"
        assert await unit.fetchval("select app.tenant()") == tenant.id
    async with database.unit_of_work(tenant.id) as unit:
        assert await unit.fetchval("show statement_timeout") == "30s"
