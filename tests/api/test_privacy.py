"""Privacy services through the API: masked by default, revealed for a reason, and seen by the person."""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.context import Actor
from linli.identity import people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

NUMBER, PHONE = "999999199003070012", "19900000001"  # made up: there is no such region
READ = ("identity.person.read", "identity.person.reveal", "identity.person.search")
REVEAL = """
mutation ($input: RevealPersonFieldInput!, $key: String) {
  revealPersonField(input: $input, idempotencyKey: $key) { value problems { code path } }
}"""


@dataclass(slots=True)
class Office:
    """An office of one community, and a resident with an account of their own."""

    api: GraphQLBench
    tenant: Tenant
    officer: Actor
    person_id: UUID
    resident: Actor

    @property
    def person(self) -> str:
        return to_global_id("Person", self.person_id)

    async def ask(self, actor: Actor, document: str, **variables: Any) -> Any:
        outcome = await self.api.execute(self.tenant, actor, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data


@pytest.fixture
async def office(bench: Bench, api: GraphQLBench) -> Office:
    tenant = await bench.tenant()
    area = await bench.area(tenant, "和平社区")
    async with bench.context(tenant) as ctx:
        person = await people.register(
            ctx, area_id=area.id, full_name="测试人员", phone=PHONE, id_number=NUMBER, synthetic=True
        )
    officer = bench.actor(READ, area_path=area.path)
    return Office(api, tenant, officer, person.id, replace(bench.actor(()), person_id=person.id))


async def test_numbers_are_masked_for_an_office_and_shown_to_oneself(office: Office) -> None:
    document = "{ persons { nodes { idNumber phone } } }"
    seen = await office.ask(office.officer, document)
    assert seen["persons"]["nodes"] == [{"idNumber": "999***********0012", "phone": "199****0001"}]
    own = await office.ask(office.resident, document)
    assert own["persons"]["nodes"] == [{"idNumber": NUMBER, "phone": PHONE}]


async def test_the_masked_numbers_of_a_list_take_one_more_statement(office: Office, bench: Bench) -> None:
    async with bench.context(office.tenant) as ctx:
        for _ in range(5):
            await people.register(ctx, area_id=None, full_name="别人", id_number=NUMBER, synthetic=True)
    everywhere = bench.actor(READ)
    counts = []
    for fields in ("fullName", "fullName idNumber"):
        document = f"{{ persons {{ nodes {{ {fields} }} }} }}"
        await office.api.execute(office.tenant, everywhere, document)  # the key is known from now on
        counts.append((await office.api.execute(office.tenant, everywhere, document)).statements)
    assert counts[1] == counts[0] + 1


async def test_a_reveal_gives_the_value_once_and_the_person_reads_who_saw_it(office: Office) -> None:
    given = {"personId": office.person, "field": "ID_NUMBER", "reason": "上门核实"}
    first = await office.ask(office.officer, REVEAL, input=given, key="once")
    assert first["revealPersonField"] == {"value": NUMBER, "problems": []}
    await office.ask(office.officer, REVEAL, input={**given, "field": "PHONE"})
    empty = await office.ask(office.officer, REVEAL, input={**given, "reason": " "})
    assert empty["revealPersonField"]["problems"] == [{"code": "required", "path": ["input", "reason"]}]
    log = "{ privacyReveals(orderBy: REVEALED_AT_ASC) { nodes { field reason actorName office } } }"
    seen = await office.ask(office.resident, log)
    told = {"reason": "上门核实", "actorName": "测试账号", "office": "test, 和平社区"}
    assert seen["privacyReveals"]["nodes"] == [{"field": "id_number", **told}, {"field": "phone", **told}]


async def test_others_see_the_log_only_as_auditors_of_the_whole_tenant(office: Office, bench: Bench) -> None:
    given = {"personId": office.person, "field": "PHONE", "reason": "上门核实"}
    await office.ask(office.officer, REVEAL, input=given)
    log = "{ privacyReveals { totalCount } }"
    refused = await office.api.execute(office.tenant, office.officer, log)
    assert refused.codes == ["permission_denied"]
    auditor = bench.actor(("privacy.reveal.read",))
    assert (await office.ask(auditor, log))["privacyReveals"]["totalCount"] == 1


async def test_people_are_found_by_a_whole_number_and_shown_masked(office: Office) -> None:
    document = """query ($n: String, $p: String) {
      findPersons(reason: "核实", idNumber: $n, phone: $p) { id idNumber }
    }"""
    found = {"findPersons": [{"id": office.person, "idNumber": "999***********0012"}]}
    assert await office.ask(office.officer, document, n=NUMBER) == found
    assert await office.ask(office.officer, document, p=PHONE) == found
    assert await office.ask(office.officer, document, p="19900000002") == {"findPersons": []}
    wrong = await office.api.execute(office.tenant, office.officer, document, {"n": "123"})
    assert wrong.codes == ["numbers.resident_id"]
    denied = await office.api.execute(office.tenant, office.resident, document, {"n": NUMBER})
    assert denied.codes == ["permission_denied"]


async def test_a_person_gives_and_withdraws_a_consent(office: Office) -> None:
    listed = await office.ask(office.resident, "{ consentPurposes { key version } }")
    assert {"key": "volunteers.publicity", "version": 1} in listed["consentPurposes"]
    give = """mutation { giveConsent(input: {purpose: "volunteers.publicity", textVersion: 1}) {
      privacyConsent { purpose form withdrawnAt } problems { code } } }"""
    given = await office.ask(office.resident, give)
    assert given["giveConsent"]["privacyConsent"] == {
        "purpose": "volunteers.publicity", "form": "ONLINE", "withdrawnAt": None,
    }  # fmt: skip
    end = """mutation { withdrawConsent(input: {purpose: "volunteers.publicity"}) {
      privacyConsent { withdrawnAt } problems { code } } }"""
    ended = await office.ask(office.resident, end)
    assert ended["withdrawConsent"]["privacyConsent"]["withdrawnAt"] is not None
    again = await office.ask(office.resident, end)
    assert [one["code"] for one in again["withdrawConsent"]["problems"]] == ["privacy.consent_missing"]


async def test_a_service_tag_is_granted_by_an_office_and_seen_by_the_person(
    office: Office, bench: Bench
) -> None:
    admin = bench.actor(
        ("privacy.tag.manage", "privacy.tag.grant", "privacy.tag.read", "identity.person.read")
    )
    define = """mutation ($zh: String!) { defineServiceTagKind(input: {
      key: "living_alone", nameZh: $zh, nameEn: "Living alone", purpose: "上门探访"
    }) { serviceTagKind { id daysMax } problems { code } } }"""
    refused = await office.ask(admin, define, zh="重点 人员")
    assert refused["defineServiceTagKind"]["problems"] == [{"code": "privacy.forbidden_tag"}]
    kind = (await office.ask(admin, define, zh="独居老人"))["defineServiceTagKind"]["serviceTagKind"]
    assert kind["daysMax"] == 366
    async with bench.context(office.tenant) as ctx:
        until = ctx.today() + timedelta(days=30)
    grant = """mutation ($i: GrantServiceTagInput!) { grantServiceTag(input: $i) {
      serviceTag { id legalReference person { id } } problems { code } } }"""
    given = {"personId": office.person, "kindId": kind["id"], "basis": "DUTY", "legalReference": "名单",
             "expiresOn": until.isoformat()}  # fmt: skip
    tag = (await office.ask(admin, grant, i=given))["grantServiceTag"]["serviceTag"]
    own = "{ persons { nodes { serviceTags { nodes { purpose kind { nameZh } } } } } }"
    assert (await office.ask(office.resident, own))["persons"]["nodes"][0]["serviceTags"]["nodes"] == [
        {"purpose": "上门探访", "kind": {"nameZh": "独居老人"}}
    ]
    revoke = """mutation ($id: ID!) {
      revokeServiceTag(input: {id: $id, reason: "情况变化"}) { revoked problems { code } }
    }"""
    assert (await office.ask(admin, revoke, id=tag["id"]))["revokeServiceTag"]["revoked"]
    assert (await office.ask(admin, "{ serviceTags { totalCount } }"))["serviceTags"]["totalCount"] == 0


ASK_COPY = (
    "mutation ($i: RequestPersonalDataInput!) { requestPersonalData(input: $i) { privacyRequest { id } } }"
)
MAKE_COPY = "mutation ($i: PrivacyRequestInput!) { exportPersonalData(input: $i) { exportId } }"
READ_COPY = """
mutation ($i: ReadPersonalDataInput!) {
  readPersonalData(input: $i) { fileName mediaType content problems { code } }
}"""


async def test_a_person_reads_their_data_as_pdf_and_nobody_else_does(office: Office) -> None:
    asked = await office.ask(office.resident, ASK_COPY, i={"personId": office.person, "kind": "EXPORT"})
    request = asked["requestPersonalData"]["privacyRequest"]["id"]
    made = await office.ask(office.resident, MAKE_COPY, i={"id": request})
    given = {"exportId": made["exportPersonalData"]["exportId"], "format": "PDF"}
    read = (await office.ask(office.resident, READ_COPY, i=given))["readPersonalData"]
    assert (read["mediaType"], read["problems"]) == ("application/pdf", [])
    assert read["fileName"].endswith(".pdf")
    assert base64.b64decode(read["content"]).startswith(b"%PDF-")
    other = (await office.ask(office.officer, READ_COPY, i=given))["readPersonalData"]
    assert (other["content"], [one["code"] for one in other["problems"]]) == (None, ["permission_denied"])
