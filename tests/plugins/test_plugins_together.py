"""Two plugins that know each other by an event only: social organisations cancel, volunteers stay at home."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from linli.context import Actor
from linli.events.replay import replay
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.worker import dispatchers
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

SUBSCRIPTION = "volunteers.on_registration_cancelled"
REGISTER = """mutation($input: RegisterOrganisationInput!) {
  registerOrganisation(input: $input) { organisation { id } problems { code message } } }"""
APPLY = """mutation($input: ApplyForRegistrationInput!) {
  applyForRegistration(input: $input) { socialOrganisation { id } problems { code message } } }"""
ACCEPT = """mutation($input: SocialOrganisationInput!) {
  acceptRegistration(input: $input) { socialOrganisation { id } problems { code message } } }"""
APPROVE = """mutation($input: ApproveRegistrationInput!) {
  approveRegistration(input: $input) { socialOrganisation { id state } problems { code message } } }"""
CANCEL = """mutation($input: CancelRegistrationInput!) {
  cancelRegistration(input: $input) { socialOrganisation { state } problems { code message } } }"""
CREATE = """mutation($input: CreateVolunteerActivityInput!) {
  createVolunteerActivity(input: $input) { volunteerActivity { id } problems { code message } } }"""
OPEN = """mutation($input: VolunteerStepInput!) {
  openVolunteerActivity(input: $input) { volunteerActivity { id } problems { code message } } }"""
SWITCH = 'mutation { %sPlugin(input: {name: "volunteers"}) { plugin { enabled } problems { code message } } }'
ACTIVITIES = "{ volunteerActivities { nodes { title state cancelReason } } }"


class Town:
    """A tenant with both plugins, spoken to through the API, and the worker that serves it."""

    def __init__(self, api: GraphQLBench, tenant: Tenant) -> None:
        self.api = api
        self.tenant = tenant
        composition = api.bench.composition
        everything = composition.plugin_set(composition.names).permissions
        self.clerk, self.chief = (api.bench.actor(everything) for _ in range(2))
        settings = Settings(data_dir=Path(), secret_key="test")
        bench = api.bench
        self.worker = Runtime(settings, bench.database, bench.catalogue, composition)

    async def ask(self, document: str, actor: Actor | None = None, **given: Any) -> Any:
        """What the document's only field gives, which must be without problems."""
        variables = {"input": given} if given else None
        outcome = await self.api.execute(self.tenant, actor or self.clerk, document, variables)
        assert not outcome.errors, outcome.errors
        (answer,) = (outcome.data or {}).values()
        assert not answer.get("problems"), answer["problems"]
        return answer

    async def registered(self, name: str, number: str) -> tuple[str, str]:
        """A social organisation on the register: its ids as a unit, and as an entry of the register."""
        made = await self.ask(REGISTER, name=name, kind="SOCIAL_ORGANISATION")
        unit = made["organisation"]["id"]
        async with self.api.bench.context(self.tenant) as ctx:
            category = await ctx.db.fetchval(
                "select id from organisations_category where tenant_id = $1 order by key limit 1",
                ctx.tenant_id,
            )
        applied = await self.ask(
            APPLY,
            organisationId=unit,
            track="REGISTRATION",
            kind="ASSOCIATION",
            categoryId=to_global_id("OrganisationCategory", category),
            scope="社区服务",
        )
        entry = applied["socialOrganisation"]["id"]
        await self.ask(ACCEPT, self.chief, id=entry)
        await self.ask(APPROVE, self.chief, id=entry, number=number)
        return unit, entry

    async def activity(self, title: str, organiser: str, *, recruiting: bool = True) -> None:
        starts_at = self.worker.clock.now() + timedelta(days=3)
        made = await self.ask(
            CREATE,
            title=title,
            organiserId=organiser,
            startsAt=starts_at.isoformat(),
            endsAt=(starts_at + timedelta(hours=2)).isoformat(),
            places=5,
        )
        if recruiting:
            await self.ask(OPEN, id=made["volunteerActivity"]["id"])

    async def switch(self, step: str) -> None:
        await self.ask(SWITCH % step, replace(self.chief, id=self.tenant.id))

    async def work(self) -> None:
        """Let the worker deliver what there is to deliver."""
        deliveries, _jobs = dispatchers(self.worker)
        for _ in range(20):
            if await deliveries.run_once() == 0:
                break

    async def deliveries(self) -> list[str]:
        """The states of this subscription's deliveries, through the log."""
        async with self.api.bench.context(self.tenant) as ctx:
            found = await ctx.db.fetch(
                "select status from events_delivery where tenant_id = $1 and subscription = $2",
                ctx.tenant_id,
                SUBSCRIPTION,
            )
            return [row["status"] for row in found]

    async def states(self) -> dict[str, str]:
        found = await self.ask(ACTIVITIES)
        return {one["title"]: one["state"] for one in found["nodes"]}


@pytest.fixture
async def town(bench: Bench, api: GraphQLBench) -> Town:
    tenant = await bench.tenant(plugins=())
    made = Town(api, tenant)
    for name in ("organisations", "volunteers"):
        document = SWITCH.replace("volunteers", name) % "enable"
        await made.ask(document, replace(made.chief, id=tenant.id))
    return made


async def test_a_cancelled_registration_cancels_what_that_organiser_recruits_for(town: Town) -> None:
    ours, entry = await town.registered("演示棋社", "登1")
    theirs, _other = await town.registered("演示琴社", "登2")
    await town.activity("下棋", ours)
    await town.activity("打谱", ours, recruiting=False)
    await town.activity("弹琴", theirs)
    cancelled = await town.ask(CANCEL, town.chief, id=entry, reason="解散")
    assert cancelled["socialOrganisation"]["state"] == "CANCELLED"
    assert await town.deliveries() == ["pending"]
    assert (await town.states())["下棋"] == "RECRUITING"

    await town.work()

    assert await town.deliveries() == ["done"]
    assert await town.states() == {"下棋": "CANCELLED", "打谱": "DRAFT", "弹琴": "RECRUITING"}
    found = await town.ask(ACTIVITIES)
    assert {one["cancelReason"] for one in found["nodes"]} == {"", "主办单位的登记已注销。"}


async def test_while_volunteers_is_off_nothing_is_delivered_and_a_replay_makes_up_for_it(town: Town) -> None:
    ours, entry = await town.registered("演示棋社", "登1")
    await town.activity("下棋", ours)
    await town.switch("disable")
    await town.ask(CANCEL, town.chief, id=entry, reason="解散")
    await town.work()
    assert await town.deliveries() == []

    await town.switch("enable")
    await town.work()
    assert await town.deliveries() == []
    assert await town.states() == {"下棋": "RECRUITING"}
    tenant = await town.api.bench.catalogue.by_id(town.tenant.id)
    async with town.api.bench.context(tenant) as ctx:
        assert (await replay(ctx, subscription=SUBSCRIPTION)).count == 1
    await town.work()
    assert await town.deliveries() == ["done"]
    assert await town.states() == {"下棋": "CANCELLED"}


async def test_what_waits_while_volunteers_is_switched_off_is_delivered_once_it_is_on_again(
    town: Town,
) -> None:
    ours, entry = await town.registered("演示棋社", "登1")
    await town.activity("下棋", ours)
    await town.ask(CANCEL, town.chief, id=entry, reason="解散")
    await town.switch("disable")
    await town.work()
    assert await town.deliveries() == ["pending"]
    await town.switch("enable")
    await town.work()
    assert await town.deliveries() == ["done"]
    assert await town.states() == {"下棋": "CANCELLED"}
