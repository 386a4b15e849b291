"""Administration through the API: roles and grants, API clients, change sets, the audit of what was looked at."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from linli.areas.levels import Level, define_levels
from linli.context import Actor
from linli.identity import accounts
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench


class Office:
    """A tenant with levels, and an administrator who holds every permission."""

    def __init__(self, api: GraphQLBench, tenant: Tenant) -> None:
        self.api = api
        self.tenant = tenant
        self.chief = self.somebody()

    def somebody(self) -> Actor:
        plugins = self.api.bench.composition.plugin_set(self.tenant.plugins)
        return self.api.bench.actor(plugins.permissions)

    async def run(self, document: str, actor: Actor | None = None, **variables: Any) -> dict[str, Any]:
        outcome = await self.api.execute(self.tenant, actor or self.chief, document, variables)
        assert not outcome.errors, outcome.errors
        assert outcome.data is not None
        return outcome.data


@pytest.fixture
async def office(bench: Bench, api: GraphQLBench) -> Office:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        await define_levels(
            ctx,
            [
                Level("city", "市", "City", 0, (), True),
                Level("street", "街道", "Street", 1, ("city",), False),
            ],
        )
        account = await accounts.create(ctx, login_name="chief")
    office = Office(api, tenant)
    office.chief = replace(office.chief, id=account.id)
    return office


DRAFT = """
mutation ($input: DraftAreaChangeSetInput!) {
  draftAreaChangeSet(input: $input) { areaChangeSet { id state version } problems { code path } }
}"""
STEP = """
mutation ($input: AreaChangeSetInput!) {
  %s(input: $input) { areaChangeSet { id state preview } problems { code message } }
}"""


async def change(office: Office, *changes: dict[str, Any], days_ago: int = 0) -> None:
    """Draft, preview and apply changes; another person applies."""
    drafted = await office.run(DRAFT, input={"effectiveOn": _today(days_ago), "changes": list(changes)})
    row = drafted["draftAreaChangeSet"]["areaChangeSet"]
    assert row, drafted
    for step, actor in (("previewAreaChangeSet", office.chief), ("applyAreaChangeSet", office.somebody())):
        done = await office.run(STEP % step, actor, input={"id": row["id"]})
        assert done[step]["problems"] == [], done
        assert done[step]["areaChangeSet"]["preview"]["problems"] == [], done


def _today(days_ago: int = 0) -> str:
    return (datetime.now(ZoneInfo("Asia/Shanghai")).date() - timedelta(days=days_ago)).isoformat()


async def test_a_tree_is_made_and_changed_by_change_sets(office: Office) -> None:
    await change(
        office,
        {"create": {"code": "C", "name": "试验市", "level": "city"}},
        {"create": {"code": "S1", "name": "东街", "level": "street", "parent": "C"}},
        {"create": {"code": "S2", "name": "西街", "level": "street", "parent": "C"}},
        days_ago=30,
    )
    await change(office, {"merge": {"areas": ["S2"], "into": "S1"}})
    found = await office.run("{ areas(filter: {state: {eq: ACTIVE}}) { nodes { code descendants } } }")
    assert {one["code"]: one["descendants"] for one in found["areas"]["nodes"]} == {"C": 1, "S1": 0}


async def test_the_drafter_does_not_apply(office: Office) -> None:
    changes = [{"create": {"code": "C", "name": "试验市", "level": "city"}}]
    drafted = await office.run(DRAFT, input={"effectiveOn": _today(), "changes": changes})
    row = drafted["draftAreaChangeSet"]["areaChangeSet"]
    await office.run(STEP % "previewAreaChangeSet", input={"id": row["id"]})
    done = await office.run(STEP % "applyAreaChangeSet", input={"id": row["id"]})
    assert [one["code"] for one in done["applyAreaChangeSet"]["problems"]] == ["workflow.own_work"]


@pytest.mark.parametrize("broken", [{}, {"move": {"area": "A"}, "retire": {"area": "A"}}])
async def test_a_change_that_is_not_exactly_one_thing_is_refused(
    office: Office, broken: dict[str, Any]
) -> None:
    drafted = await office.run(DRAFT, input={"effectiveOn": _today(), "changes": [broken]})
    assert drafted["draftAreaChangeSet"]["problems"] == [
        {"code": "graphql.one_change", "path": ["input", "changes", "0"]}
    ]


async def test_looking_at_accounts_is_entered_in_the_audit_trail(office: Office) -> None:
    await office.run("{ accounts { nodes { loginName } } roles { nodes { key } } }")
    trail = '{ auditEntries(filter: {action: {eq: "read"}}) { nodes { subjectTable actorName } } }'
    entries = (await office.run(trail))["auditEntries"]["nodes"]
    assert {one["subjectTable"] for one in entries} == {"identity_account", "identity_role"}


async def test_an_api_client_gets_its_secret_once_and_cannot_exceed_its_maker(office: Office) -> None:
    create = """
    mutation ($input: CreateApiClientInput!, $key: String) {
      createApiClient(input: $input, idempotencyKey: $key) {
        apiClient { id clientId scopes } clientSecret problems { code }
      }
    }"""
    wanted = {"name": "数据平台", "scopes": ["areas.area.read"]}
    made = (await office.run(create, input=wanted, key="c1"))["createApiClient"]
    assert made["problems"] == []
    assert len(made["clientSecret"]) > 30
    again = (await office.run(create, input=wanted, key="c1"))["createApiClient"]
    assert again["apiClient"] == made["apiClient"]
    assert again["clientSecret"] is None
    poor = office.api.bench.actor(["identity.client.manage", "identity.client.read"])
    refused = (await office.run(create, poor, input=wanted))["createApiClient"]
    assert [one["code"] for one in refused["problems"]] == ["identity.grant_exceeds_own"]


async def test_a_role_is_defined_and_granted_at_an_area(office: Office, bench: Bench) -> None:
    define = """
    mutation ($input: DefineRoleInput!) { defineRole(input: $input) { role { id permissions } problems { code } } }"""
    role = {
        "key": "greeter",
        "nameZh": "接待员",
        "nameEn": "Greeter",
        "permissions": ["identity.person.read"],
    }
    made = (await office.run(define, input=role))["defineRole"]
    account = """
    mutation ($input: CreateAccountInput!) { createAccount(input: $input) { account { id } problems { code } } }"""
    person = (await office.run(account, input={"loginName": "jiedai"}))["createAccount"]["account"]
    grant = """
    mutation ($input: GrantRoleInput!) {
      grantRole(input: $input) { roleGrant { role { key } account { loginName } area { name } } problems { code } }
    }"""
    area = await bench.area(office.tenant, name="北街")
    wanted = {
        "accountId": person["id"],
        "roleId": made["role"]["id"],
        "areaId": to_global_id("Area", area.id),
    }
    given = (await office.run(grant, input=wanted))["grantRole"]
    assert given["problems"] == []
    assert given["roleGrant"] == {
        "role": {"key": "greeter"},
        "account": {"loginName": "jiedai"},
        "area": {"name": "北街"},
    }


async def test_the_caller_learns_who_they_are_and_what_they_may_do(office: Office) -> None:
    found = await office.run("{ me { kind name permissions { name description } account { loginName } } }")
    assert found["me"]["kind"] == "account"
    assert {"areas.area.read"} <= {one["name"] for one in found["me"]["permissions"]}
    assert all(one["description"] for one in found["me"]["permissions"])


async def test_a_setting_is_changed_and_a_wrong_type_is_refused(office: Office) -> None:
    change_setting = """
    mutation ($input: SetSettingInput!) { setSetting(input: $input) { setting { value } problems { code path } } }"""
    name = "areas.changes_max"
    done = (await office.run(change_setting, input={"name": name, "value": 50}))["setSetting"]
    assert done["setting"] == {"value": 50}
    refused = (await office.run(change_setting, input={"name": name, "value": "many"}))["setSetting"]
    assert refused["problems"] == [{"code": "tenancy.bad_setting_value", "path": ["input", "value"]}]
    listed = {
        one["name"]: one["value"] for one in (await office.run("{ settings { name value } }"))["settings"]
    }
    assert listed[name] == 50
