"""The register through the API, in documents such as a client would send."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench
from linli_organisations import registrations

APPLY = """
mutation ($input: ApplyForRegistrationInput!, $key: String) {
  applyForRegistration(input: $input, idempotencyKey: $key) {
    socialOrganisation { id version state track kind category { nameZh } organisation { name } }
    problems { code message path }
  }
}"""
LIST = """
query ($filter: SocialOrganisationFilter) {
  socialOrganisations(filter: $filter, orderBy: APPLIED_ON_DESC) {
    totalCount
    nodes { number state organisation { name synthetic } officers { nodes { name post } } gradings { nodes { grade } } }
  }
}"""


def step(name: str, kind: str = "SocialOrganisation") -> str:
    """A document of one mutation that takes an input and gives a row."""
    field = kind[0].lower() + kind[1:]
    return (
        f"mutation ($input: {name[0].upper() + name[1:]}Input!) {{ {name}(input: $input)"
        f" {{ {field} {{ id version state }} problems {{ code path }} }} }}"
    )


ONE = step("acceptRegistration").replace("AcceptRegistrationInput", "SocialOrganisationInput")


class Api:
    """The town's API: `run` as one of its actors."""

    def __init__(self, bench: GraphQLBench, town: Any) -> None:
        self.bench = bench
        self.town = town
        bench.runtime.clock = town.clock

    async def run(self, actor: Any, document: str, **variables: Any) -> Any:
        return await self.bench.execute(self.town.tenant, actor, document, variables)

    async def done(self, actor: Any, document: str, **values: Any) -> dict[str, Any]:
        """The payload of a mutation that was not refused."""
        payload = await self.refused(actor, document, **values)
        assert payload["problems"] == [], payload["problems"]
        return next(value for name, value in payload.items() if name != "problems")

    async def refused(self, actor: Any, document: str, **values: Any) -> dict[str, Any]:
        outcome = await self.run(actor, document, input=values)
        assert not outcome.errors, outcome.errors
        return next(iter(outcome.data.values()))

    def application(self, **changes: Any) -> dict[str, Any]:
        return {
            "organisationId": to_global_id("Organisation", self.town.club_id),
            "track": "REGISTRATION",
            "kind": "ASSOCIATION",
            "categoryId": to_global_id("OrganisationCategory", self.town.category_id),
            "scope": "社区文体活动",
            **changes,
        }


@pytest.fixture
def town_api(api: GraphQLBench, town: Any) -> Api:
    return Api(api, town)


async def test_an_organisation_is_registered_and_found(town_api: Api) -> None:
    town = town_api.town
    made = await town_api.done(town.clerk, APPLY, **town_api.application())
    assert made["category"] == {"nameZh": "体育"}
    assert (made["state"], made["organisation"]) == ("APPLIED", {"name": "演示棋社"})
    await town_api.done(town.chief, ONE, id=made["id"], expectedVersion=made["version"])
    entered = {"id": made["id"], "number": "登1", "enteredOn": "2020-05-01"}
    await town_api.done(town.chief, step("approveRegistration"), **entered)
    officer = await town_api.run(
        town.clerk,
        "mutation ($input: AddOfficerInput!) { addOfficer(input: $input) { officer { id post } problems { code } } }",
        input={
            "registrationId": made["id"],
            "name": "演示张三",
            "post": "PRESIDENT",
            "validFrom": "2025-01-01",
            "isServingOfficial": False,
        },
    )
    assert officer["addOfficer"]["problems"] == []
    grading = await town_api.done(
        town.clerk,
        step("draftGrading", "Grading"),
        registrationId=made["id"],
        grade="A4",
        score=915,
        assessedOn="2026-07-01",
        assessors=[{"name": "演示专家", "hasInterest": False}],
    )
    published = await town_api.done(town.chief, step("publishGrading", "Grading"), id=grading["id"])
    assert published["state"] == "PUBLISHED"

    found = await town_api.run(
        town.chief, LIST, filter={"track": {"eq": "REGISTRATION"}, "number": {"eq": "登1"}}
    )
    assert found["socialOrganisations"]["totalCount"] == 1
    (node,) = found["socialOrganisations"]["nodes"]
    assert node == {
        "number": "登1",
        "state": "ACTIVE",
        "organisation": {"name": "演示棋社", "synthetic": True},
        "officers": {"nodes": [{"name": "演示张三", "post": "PRESIDENT"}]},
        "gradings": {"nodes": [{"grade": "A4"}]},
    }


async def test_an_organisation_shows_its_registrations(town_api: Api) -> None:
    town = town_api.town
    await town.entry("备1", track="filing")
    document = "query ($id: ID!) { organisation(id: $id) { name registrations { nodes { track number } } } }"
    found = await town_api.run(town.reader, document, id=to_global_id("Organisation", town.club_id))
    assert found["organisation"]["registrations"]["nodes"] == [{"track": "FILING", "number": "备1"}]


async def test_the_same_key_applies_once(town_api: Api) -> None:
    town = town_api.town
    first, second = [
        await town_api.run(town.clerk, APPLY, input=town_api.application(), key="application-1")
        for _ in range(2)
    ]
    assert first["applyForRegistration"] == second["applyForRegistration"]
    assert first["applyForRegistration"]["socialOrganisation"]["id"]


async def test_a_refusal_is_a_problem_in_the_callers_language(town_api: Api) -> None:
    town = town_api.town
    shop = town_api.application(organisationId=to_global_id("Organisation", town.shop_id))
    for locale, words in (("zh-CN", "社会组织"), ("en", "social organisation")):
        outcome = await town_api.bench.execute(town.tenant, town.clerk, APPLY, {"input": shop}, locale=locale)
        (problem,) = outcome["applyForRegistration"]["problems"]
        assert problem["code"] == "organisations.not_a_social_organisation"
        assert problem["path"] == ["input", "organisationId"]
        assert words in problem["message"]
        assert outcome["applyForRegistration"]["socialOrganisation"] is None


async def test_a_whole_dispute_goes_through_the_api(town_api: Api) -> None:
    town = town_api.town
    made = await town_api.done(town.clerk, APPLY, **town_api.application())
    own = await town_api.refused(replace(town.chief, id=town.clerk.id), ONE, id=made["id"])
    assert own["problems"] == [{"code": "workflow.own_work", "path": []}]
    await town_api.done(town.chief, step("refuseRegistration"), id=made["id"], reason="住所证明缺失")
    await town_api.done(town.clerk, step("objectToRefusal"), id=made["id"], objection="已提交")
    decision = {"id": made["id"], "upheld": False, "reason": "材料在档"}
    own = await town_api.refused(town.chief, step("decideObjection"), **decision)
    assert own["problems"] == [{"code": "workflow.own_work", "path": []}]
    assert (await town_api.done(town.deputy, step("decideObjection"), **decision))["state"] == "ACCEPTED"
    await town_api.done(town.chief, step("approveRegistration"), id=made["id"], number="登1")
    await town_api.done(town.chief, step("suspendRegistration"), id=made["id"], reason="未按期年检")
    resume = ONE.replace("acceptRegistration", "resumeRegistration")
    await town_api.done(town.chief, resume, id=made["id"])
    cancelled = await town_api.done(town.chief, step("cancelRegistration"), id=made["id"], reason="自行解散")
    assert cancelled["state"] == "CANCELLED"
    again = await town_api.refused(town.chief, resume, id=made["id"])
    assert again["problems"] == [{"code": "workflow.undefined_transition", "path": []}]


async def test_a_filing_is_upgraded_and_withdrawn_through_the_api(town_api: Api) -> None:
    town = town_api.town
    filing = await town.entry("备1", track="filing")
    upgrade = ONE.replace("acceptRegistration", "upgradeFiling")
    made = await town_api.done(town.clerk, upgrade, id=to_global_id("SocialOrganisation", filing.id))
    withdraw = ONE.replace("acceptRegistration", "withdrawRegistration")
    assert (await town_api.done(town.clerk, withdraw, id=made["id"]))["state"] == "WITHDRAWN"


async def test_officers_and_gradings_end_through_the_api(town_api: Api) -> None:
    town = town_api.town
    entry = await town.entry("登1", date(2018, 1, 1))
    officer = await town.officer(entry)
    published, drafted = await town.published(entry), await town.grading(entry)
    end = (
        "mutation ($input: RemoveOfficerInput!) {"
        " removeOfficer(input: $input) { officer { validTo } problems { code } } }"
    )
    ended = await town_api.done(town.clerk, end, id=to_global_id("Officer", officer.id))
    assert ended == {"validTo": "2026-07-24"}
    revoked = {"id": to_global_id("Grading", published.id), "reason": "评估材料不实"}
    assert (await town_api.done(town.chief, step("revokeGrading", "Grading"), **revoked))[
        "state"
    ] == "REVOKED"
    discard = step("discardGrading", "Grading").replace("DiscardGradingInput", "GradingInput")
    done = await town_api.done(town.clerk, discard, id=to_global_id("Grading", drafted.id))
    assert done["state"] == "DISCARDED"


async def test_reasons_and_names_are_kept_from_those_who_need_them_not(town_api: Api) -> None:
    town = town_api.town
    entry = await town.entry("登1")
    await town.officer(entry)
    async with town.as_(town.chief) as ctx:
        await registrations.suspend(ctx, entry.id, reason="未按期年检")
    document = "{ socialOrganisations { nodes { reason objectUntil officers { nodes { name } } } } }"
    seen = {}
    for name, permissions in (
        (
            "worker",
            [
                registrations.READ,
                registrations.APPLY,
                "organisations.officer.read",
                "organisations.officer.write",
            ],
        ),
        ("auditor", [registrations.READ, "organisations.officer.read"]),
    ):
        actor = town.bench.actor(permissions, area_path=town.street.path)
        seen[name] = (await town_api.run(actor, document))["socialOrganisations"]["nodes"][0]
    assert seen["worker"]["reason"] == "未按期年检"
    assert seen["worker"]["officers"]["nodes"] == [{"name": "演示张三"}]
    assert seen["auditor"]["reason"] == "***"
    assert seen["auditor"]["objectUntil"] == seen["worker"]["objectUntil"] == "2026-09-22"
    masked = seen["auditor"]["officers"]["nodes"][0]["name"]
    assert masked != "演示张三"
    assert "张三" not in masked


async def test_another_street_sees_nothing_and_a_stranger_is_refused(town_api: Api) -> None:
    town = town_api.town
    entry = await town.entry("登1")
    elsewhere = town.bench.actor([registrations.READ], area_path=town.elsewhere.path)
    found = await town_api.run(elsewhere, "{ socialOrganisations { totalCount nodes { id } } }")
    assert found["socialOrganisations"] == {"totalCount": 0, "nodes": []}
    document = "query ($id: ID!) { socialOrganisation(id: $id) { id } node(id: $id) { id } }"
    one = await town_api.run(elsewhere, document, id=to_global_id("SocialOrganisation", entry.id))
    assert one.data == {"socialOrganisation": None, "node": None}
    nobody = town.bench.actor([])
    assert (await town_api.run(nobody, "{ socialOrganisations { totalCount } }")).codes == [
        "permission_denied"
    ]


async def test_everybody_who_sees_the_register_learns_which_grade_counts(town_api: Api) -> None:
    town = town_api.town
    entry = await town.entry("登1", date(2018, 1, 1))
    await town.published(entry, date(2026, 7, 10))
    document = "query ($id: ID!, $on: Date) { socialOrganisationGrade(id: $id, on: $on) }"
    entry_id = to_global_id("SocialOrganisation", entry.id)
    resident = town.bench.actor([registrations.READ])
    for on, grade in ((None, "A4"), ("2026-07-09", None)):
        found = await town_api.run(resident, document, id=entry_id, on=on)
        assert found["socialOrganisationGrade"] == grade
    elsewhere = town.bench.actor([registrations.READ], area_path=town.elsewhere.path)
    assert (await town_api.run(elsewhere, document, id=entry_id)).codes == ["not_found"]
    assert (await town_api.run(resident, "{ gradings { totalCount } }")).codes == ["permission_denied"]


async def test_figures_are_told_with_what_they_are_made_of(town_api: Api) -> None:
    town = town_api.town
    await town.entry("登1")
    document = """
    query ($area: ID, $asOf: Date) {
      socialOrganisationFigures(area: $area, asOf: $asOf) {
        asOf source registered filed counts { track kind number }
        per10000Residents { value numerator denominator asOf source }
      }
    }"""
    whole = town.bench.actor([registrations.READ, "areas.area.read"])
    found = (await town_api.run(whole, document))["socialOrganisationFigures"]
    assert (found["asOf"], found["registered"], found["filed"]) == ("2026-07-24", 1, 0)
    assert {"track": "REGISTRATION", "kind": "ASSOCIATION", "number": 1} in found["counts"]
    assert len(found["counts"]) == 6
    assert found["per10000Residents"] == {
        "value": None,
        "numerator": 1,
        "denominator": None,
        "asOf": "2026-07-24",
        "source": "",
    }
    street = to_global_id("Area", town.street.id)
    found = (await town_api.run(whole, document, area=street, asOf="2026-07-23"))["socialOrganisationFigures"]
    assert found["registered"] == 0
    assert (await town_api.run(town.reader, document)).codes == ["permission_denied"]
    assert (await town_api.run(whole, document, asOf="2030-01-01")).codes == ["future_date"]


async def test_a_list_takes_the_same_number_of_statements_for_any_number_of_rows(town_api: Api) -> None:
    town = town_api.town
    counted = []
    for number, organisation_id in enumerate((town.club_id, town.society_id)):
        await town.entry(f"登{number}", organisation_id=organisation_id)
        outcome = await town_api.run(town.chief, re.sub(r"totalCount", "", LIST))
        assert len(outcome["socialOrganisations"]["nodes"]) == number + 1
        counted.append(outcome.statements)
    assert counted[0] == counted[1] <= 4


async def test_a_tenant_without_the_plugin_has_none_of_its_types(town_api: Api) -> None:
    tenant = await town_api.town.bench.tenant(plugins=[])
    actor = town_api.town.bench.actor(["identity.organisation.read"])
    outcome = await town_api.bench.execute(tenant, actor, "{ socialOrganisations { totalCount } }")
    assert outcome.codes == ["graphql.validation_failed"]
    found = await town_api.bench.execute(tenant, actor, '{ __type(name: "Grading") { name } }')
    assert found["__type"] is None
