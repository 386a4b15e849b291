"""A district with the default standard, residents, officers and a standing clock; all goes through the API."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest_asyncio

from linli import ledger
from linli.clock import FixedClock
from linli.plugin import Actor, ProvisionRequest, households, organisations, people
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.testing import GraphQLBench, Refused
from linli_points import provisioning

NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
STAFF = [
    *(f"points.{kind}.{verb}" for kind in ("rule", "participant", "claim") for verb in ("read", "write")),
    *(f"points.claim.{verb}" for verb in ("verify", "confirm", "post", "reverse")),
    "points.rule.adopt",
    "points.objection.read",
    "points.objection.decide",
    "points.figures.read",
    "points.own.take_part",
    "ledger.account.read",
    "identity.person.read",
    "identity.person.write",
    "identity.household.read",
    "identity.household.write",
    "identity.organisation.read",
    "identity.organisation.write",
    "areas.area.read",
]
RESIDENT = ["points.rule.read", "points.reward.read", "points.own.take_part"]
KINDS = {
    "joinPoints": ("JoinPointsInput", "pointsParticipant"),
    "choosePointsRanking": ("ChoosePointsRankingInput", "pointsParticipant"),
    "leavePoints": ("PointsStepInput", "pointsParticipant"),
    "draftPointsClaim": ("DraftPointsClaimInput", "pointsClaim"),
    "revisePointsClaim": ("RevisePointsClaimInput", "pointsClaim"),
    "returnPointsClaim": ("PointsReasonInput", "pointsClaim"),
    "rejectPointsClaim": ("PointsReasonInput", "pointsClaim"),
    "reversePointsClaim": ("PointsReasonInput", "pointsClaim"),
    "objectToPointsClaim": ("ObjectToPointsClaimInput", "pointsObjection"),
    "upholdPointsObjection": ("PointsReasonInput", "pointsObjection"),
    "dismissPointsObjection": ("PointsReasonInput", "pointsObjection"),
    "addPointsSubcategory": ("AddPointsSubcategoryInput", "pointsSubcategory"),
    "renamePointsSubcategory": ("RenamePointsSubcategoryInput", "pointsSubcategory"),
    "retirePointsSubcategory": ("PointsStepInput", "pointsSubcategory"),
    "draftPointsRuleSet": ("DraftPointsRuleSetInput", "pointsRuleSet"),
    "putPointsRule": ("PutPointsRuleInput", "pointsRule"),
    "removePointsRule": ("PointsStepInput", "pointsRuleSet"),
    "limitPointsRuleSet": ("LimitPointsRuleSetInput", "pointsRuleSet"),
    "adoptPointsRuleSet": ("AdoptPointsRuleSetInput", "pointsRuleSet"),
    "discardPointsRuleSet": ("PointsStepInput", "pointsRuleSet"),
}


@dataclass
class Desk:
    """A tenant at noon on 6 May 2026, and whoever acts in it."""

    bench: Bench
    api: GraphQLBench
    tenant: Tenant
    area: BenchArea
    clock: FixedClock
    clerk: Actor
    verifier: Actor
    confirmer: Actor
    judge: Actor
    rules: dict[str, str] = field(default_factory=dict)
    serial: int = 0

    def context(self, **options: Any) -> Any:
        return self.bench.context(self.tenant, clock=self.clock, **options)

    async def call(self, name: str, actor: Actor | None = None, /, **values: Any) -> str:
        """Run a mutation; gives the global id of what it gave. Raises: Refused."""
        kind, gives = KINDS.get(name, ("PointsStepInput", "pointsClaim"))
        document = (
            f"mutation($input: {kind}!) {{ {name}(input: $input)"
            f" {{ {gives} {{ id }} problems {{ code message path }} }} }}"
        )
        payload = (await self.api.execute(self.tenant, actor or self.clerk, document, {"input": values}))[
            name
        ]
        if payload["problems"]:
            problem = payload["problems"][0]
            assert problem["message"] != f"problems.{problem['code']}", "there is no text for it"
            raise Refused(problem["code"], problem["path"][-1] if problem["path"] else "")
        return str(payload[gives]["id"])

    async def ask(self, document: str, actor: Actor | None = None, **variables: Any) -> Any:
        outcome = await self.api.execute(self.tenant, actor or self.clerk, document, variables)
        assert not outcome.errors, outcome.errors
        return outcome.data

    async def person(self, name: str = "演示张三") -> UUID:
        async with self.context() as ctx:
            made = await people.register(ctx, area_id=self.area.id, full_name=name, synthetic=True)
        return made.id

    def resident(self, person_id: UUID) -> Actor:
        return replace(self.bench.actor(RESIDENT), person_id=person_id)

    async def participant(self, person_id: UUID | None = None) -> str:
        person_id = person_id or await self.person()
        return await self.call("joinPoints", personId=to_global_id("Person", person_id))

    async def household(self, *members: UUID) -> UUID:
        async with self.context() as ctx:
            made = await households.create(ctx, area_id=self.area.id, name="演示家庭", synthetic=True)
            for person_id in members:
                await households.add_member(ctx, made.id, person_id=person_id, relation="other_relative")
        return made.id

    async def unit(self) -> UUID:
        async with self.context() as ctx:
            made = await organisations.register(
                ctx, area_id=self.area.id, name=f"演示单位{self.serial}", kind="enterprise", synthetic=True
            )
        return made.id

    async def draft(self, participant: str, actor: Actor | None = None, /, **values: Any) -> str:
        self.serial += 1
        given = {
            "participantId": participant,
            "ruleId": self.rules["clean_up"],
            "activity": f"清洁日{self.serial}",
            "activityDay": "2026-05-05",
            "evidence": [{"kind": "REFERENCE", "reference": f"照片 {self.serial}"}],
            **values,
        }
        return await self.call("draftPointsClaim", actor, **given)

    async def submitted(self, participant: str, actor: Actor | None = None, /, **values: Any) -> str:
        return await self.draft(participant, actor, submit=True, **values)

    async def publicised(self, participant: str, actor: Actor | None = None, /, **values: Any) -> str:
        claim = await self.submitted(participant, actor, **values)
        await self.call("verifyPointsClaim", self.verifier, id=claim)
        return await self.call("confirmPointsClaim", self.confirmer, id=claim)

    async def posted(self, participant: str, **values: Any) -> str:
        claim = await self.publicised(participant, **values)
        self.clock.advance(timedelta(days=20))
        await self.call("postPointsClaim", id=claim)
        self.clock.advance(timedelta(days=-20))
        return claim

    async def state(self, claim: str) -> str:
        return str((await self.ask(f'{{ pointsClaim(id: "{claim}") {{ state }} }}'))["pointsClaim"]["state"])

    async def balance(self, participant: str) -> int:
        document = f'{{ pointsParticipant(id: "{participant}") {{ account {{ available }} }} }}'
        return int((await self.ask(document))["pointsParticipant"]["account"]["available"])

    async def spend(self, participant: str, points: int) -> None:
        """Take points away as a redemption would."""
        _kind, row_id = from_global_id(participant)
        async with self.context() as ctx:
            sql = "select account_id from points_participant where tenant_id = $1 and id = $2"
            account_id = await ctx.db.fetchval(sql, ctx.tenant_id, row_id)
            await ledger.hold(
                ctx, account_id, points, ledger.Purpose("test.held", f"spend:{participant}:{points}")
            )


@pytest_asyncio.fixture
async def desk(bench: Bench, api: GraphQLBench) -> Desk:
    tenant = await bench.tenant(plugins=["points", "volunteers"])
    area = await bench.area(tenant)
    clock = FixedClock(NOON)
    api.runtime.clock = clock
    staff = [bench.actor(STAFF) for _ in range(4)]
    made = Desk(bench, api, tenant, area, clock, *staff)
    async with made.context() as ctx:
        await provisioning.standard(ctx, ProvisionRequest())
        found = await ctx.db.fetch("select id, code from points_rule where tenant_id = $1", tenant.id)
    made.rules = {row["code"]: to_global_id("PointsRule", row["id"]) for row in found}
    return made


def day(text: str) -> date:
    return date.fromisoformat(text)
