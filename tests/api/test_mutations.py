"""Writing through the API: problems, versions, idempotency keys, audit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from linli.context import Actor
from linli.ids import new_id
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

REGISTER = """
mutation ($input: RegisterPersonInput!, $key: String) {
  registerPerson(input: $input, idempotencyKey: $key) {
    person { id fullName version area { name } }
    problems { code message path }
  }
}"""
UPDATE = """
mutation ($input: UpdatePersonInput!) {
  updatePerson(input: $input) { person { fullName version } problems { code path } }
}"""
PERMISSIONS = ("identity.person.read", "identity.person.write", "areas.area.read", "audit.entry.read")


@dataclass(slots=True)
class Desk:
    """A clerk's desk in a tenant with one street."""

    api: GraphQLBench
    tenant: Tenant
    clerk: Actor
    street: str

    def person(self, **changes: Any) -> dict[str, Any]:
        return {"areaId": self.street, "fullName": "周演示", **changes}

    async def register(self, key: str | None = None, **changes: Any) -> dict[str, Any]:
        variables = {"input": self.person(**changes), "key": key}
        found: dict[str, Any] = (await self.api.execute(self.tenant, self.clerk, REGISTER, variables))[
            "registerPerson"
        ]
        return found

    async def count(self) -> int:
        outcome = await self.api.execute(self.tenant, self.clerk, "{ persons { totalCount } }")
        return int(outcome["persons"]["totalCount"])


@pytest.fixture
async def desk(bench: Bench, api: GraphQLBench) -> Desk:
    tenant = await bench.tenant()
    street = await bench.area(tenant, name="演示街道")
    return Desk(api, tenant, bench.actor(PERMISSIONS), to_global_id("Area", street.id))


async def test_a_written_row_is_given_back_as_stored(desk: Desk) -> None:
    payload = await desk.register()
    assert payload["problems"] == []
    assert payload["person"]["fullName"] == "周演示"
    assert payload["person"]["area"] == {"name": "演示街道"}


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"fullName": "  "}, "required", ["input", "fullName"]),
        ({"fullName": "名" * 101}, "too_long", ["input", "fullName"]),
        ({"fullName": "x" * 1_000_000}, "too_long", ["input", "fullName"]),
        ({"birthDate": "2999-01-01"}, "future_date", ["input", "birthDate"]),
        ({"phone": "12"}, "identity.phone", ["input", "phone"]),
        ({"areaId": "nonsense"}, "invalid_id", ["input", "areaId"]),
        ({"areaId": to_global_id("Person", new_id())}, "invalid_id", ["input", "areaId"]),
    ],
)
async def test_bad_input_is_a_translated_problem_and_nothing_is_written(
    desk: Desk, changes: dict[str, Any], code: str, path: list[str]
) -> None:
    payload = await desk.register(**changes)
    (problem,) = payload["problems"]
    assert (problem["code"], problem["path"]) == (code, path)
    assert problem["message"]
    assert not problem["message"].startswith("problems.")
    assert payload["person"] is None
    assert await desk.count() == 0


async def test_emoji_and_rare_characters_are_kept(desk: Desk) -> None:
    payload = await desk.register(fullName="𠮷野家🌱")
    assert payload["person"]["fullName"] == "𠮷野家🌱"


async def test_a_repeated_call_with_the_same_key_is_done_once(desk: Desk) -> None:
    first = await desk.register("k-1")
    assert (await desk.register("k-1"))["person"]["id"] == first["person"]["id"]
    assert await desk.count() == 1


async def test_a_key_cannot_be_used_for_another_request(desk: Desk) -> None:
    await desk.register("k-2")
    payload = await desk.register("k-2", fullName="吴演示")
    assert [problem["code"] for problem in payload["problems"]] == ["graphql.idempotency_key_reused"]


async def test_a_refused_call_can_be_repeated_with_its_key(desk: Desk) -> None:
    await desk.register("k-3", fullName="")
    payload = await desk.register("k-3", fullName="郑演示")
    assert payload["problems"] == []


async def test_a_stale_version_is_refused(desk: Desk) -> None:
    person = (await desk.register())["person"]
    change = {"id": person["id"], "expectedVersion": person["version"], "fullName": "新名"}
    done = await desk.api.execute(desk.tenant, desk.clerk, UPDATE, {"input": change})
    assert done["updatePerson"]["person"] == {"fullName": "新名", "version": person["version"] + 1}
    again = await desk.api.execute(desk.tenant, desk.clerk, UPDATE, {"input": change})
    assert [one["code"] for one in again["updatePerson"]["problems"]] == ["stale_version"]


async def test_one_refused_mutation_does_not_undo_the_others_of_a_document(desk: Desk) -> None:
    document = """
    mutation ($good: RegisterPersonInput!, $bad: RegisterPersonInput!) {
      a: registerPerson(input: $good) { person { id } problems { code } }
      b: registerPerson(input: $bad) { person { id } problems { code } }
    }"""
    variables = {"good": desk.person(), "bad": desk.person(fullName="")}
    outcome = await desk.api.execute(desk.tenant, desk.clerk, document, variables)
    assert outcome["a"]["person"] is not None
    assert outcome["b"]["problems"] == [{"code": "required"}]
    assert await desk.count() == 1


async def test_who_changed_what_is_in_the_audit_trail_with_personal_values_masked(desk: Desk) -> None:
    person = (await desk.register(phone="13900000001"))["person"]
    await desk.api.execute(
        desk.tenant, desk.clerk, UPDATE, {"input": {"id": person["id"], "gender": "FEMALE"}}
    )
    document = (
        "{ auditEntries(orderBy: OCCURRED_AT_ASC) { nodes { action actorName subjectTable before after } } }"
    )
    entries = (await desk.api.execute(desk.tenant, desk.clerk, document))["auditEntries"]["nodes"]
    entries = [entry for entry in entries if entry["subjectTable"] == "identity_person"]
    assert [entry["action"] for entry in entries] == ["create", "update"]
    assert {entry["actorName"] for entry in entries} == {"测试账号"}
    assert "13900000001" not in str(entries)
    assert '"female"' in str(entries[1]["after"]).replace("'", '"')


async def test_the_caller_reads_the_refusal_in_english_when_asked(desk: Desk) -> None:
    variables = {"input": desk.person(fullName="")}
    outcome = await desk.api.execute(desk.tenant, desk.clerk, REGISTER, variables, locale="en")
    message = outcome["registerPerson"]["problems"][0]["message"]
    assert message.isascii()


async def test_without_the_permission_nothing_is_written(desk: Desk) -> None:
    reader = desk.api.bench.actor(["identity.person.read"])
    outcome = await desk.api.execute(desk.tenant, reader, REGISTER, {"input": desk.person()})
    assert [one["code"] for one in outcome["registerPerson"]["problems"]] == ["permission_denied"]
    assert await desk.count() == 0
