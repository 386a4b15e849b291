"""Who reads what at which stage: every list, field, order, cursor, count and sum of the schema, for every role.

The nodes and their fields are enumerated from the schema: one that is not in `EXPECTED` fails the test.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import pytest_asyncio

from linli.files.disk import DiskStore
from linli.plugin import Actor, files
from linli.testing.imports import ImportBench
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import to_global_id
from linli_graphql.testing import Sight

STAGES: Final = (
    "draft",
    "submitted",
    "drawn",
    "declared",
    "scored",
    "ranked",
    "proposed",
    "notice",
    "decided",
)
SECOND_HALF_PREFIXES: Final = ("linli_venture.money.", "linli_venture.grants.")
CALL_READERS: Final = ("applicant", "rival", "reviewer", "fellow", "reader", "manager")
Count = Callable[[str, int], int]


def from_stage(stage: str, counts: Mapping[str, int]) -> Count:
    """So many rows for these roles from a stage on, and none for others or before."""
    return lambda role, now: counts.get(role, 0) if now >= STAGES.index(stage) else 0


def readers(count: int, stage: str = "draft") -> Count:
    return from_stage(stage, dict.fromkeys(CALL_READERS, count))


def scores(lines: int) -> Count:
    """The reviewer's own two from the declared stage on, the fellow's from the scored one; all once it is ranked."""

    def count(role: str, now: int) -> int:
        if role == "reviewer":
            return 2 * lines if now >= STAGES.index("declared") else 0
        if role == "fellow":
            return 2 * lines if now >= STAGES.index("scored") else 0
        return 10 * lines if role == "manager" and now >= STAGES.index("ranked") else 0

    return count


def own_proposals(count: int) -> Count:
    """An applicant's own at any stage; the manager's once they were handed in."""

    def of(role: str, now: int) -> int:
        if role in ("applicant", "rival"):
            return count
        return 2 * count if role == "manager" and now >= STAGES.index("submitted") else 0

    return of


def declarations(role: str, now: int) -> int:
    first, all_of_them = STAGES.index("declared"), STAGES.index("scored")
    if role == "manager":
        return 5 if now >= all_of_them else 1 if now >= first else 0
    return int((role == "reviewer" and now >= first) or (role == "fellow" and now >= all_of_them))


EXPECTED: Final[Mapping[str, Count]] = {
    "VentureNeed": lambda _role, _now: 0,
    "VentureIncubation": lambda _role, _now: 0,
    "VentureCall": readers(1),
    "VentureCriterion": readers(7),
    "VentureCallVersion": readers(1),
    "VentureMember": from_stage("draft", {"applicant": 1, "rival": 1, "manager": 4}),
    "VentureProposal": own_proposals(1),
    "VentureBudgetLine": own_proposals(2),
    "VentureSubmission": from_stage("submitted", {"applicant": 1, "rival": 1, "manager": 2}),
    "VentureExpert": from_stage("draft", {"reviewer": 1, "fellow": 1, "manager": 5}),
    "VentureDraw": readers(1, "drawn"),
    "VentureInterestDeclaration": declarations,
    "VentureReview": from_stage("drawn", {"reviewer": 2, "fellow": 2, "manager": 10}),
    "VentureScoreSheet": scores(1),
    "VentureScore": scores(7),
    "VentureDefenceScore": from_stage("ranked", {"manager": 0}),
    "VentureRanking": from_stage("ranked", {"manager": 2}),
    "VentureDecision": from_stage("proposed", {"manager": 1}),
    "VentureOutcome": from_stage("proposed", {"manager": 2}),
    "VentureObjection": from_stage("notice", {"rival": 1, "manager": 1}),
}
# A text that stands in one row, and who may find it in anything that is answered from which stage on.
SECRETS: Final[Mapping[str, Count]] = {
    "密稿甲": own_proposals(1),
    "密项": own_proposals(1),
    "密评甲": scores(1),
    "密议": from_stage("proposed", {"manager": 1}),
    "密异议": from_stage("notice", {"rival": 1, "manager": 1}),
}
HIDDEN_FROM: Final = {"密稿甲": ("rival",), "密评甲": ("fellow",)}


@dataclass
class Stage:
    """The world at a stage, and the actors by their roles; the manager, who sees most, comes first."""

    world: Any
    roles: Mapping[str, Actor]
    specs: Mapping[str, NodeSpec]

    async def check(self, stage: str) -> None:
        now = STAGES.index(stage)
        rows = {name: await self.rows(spec) for name, spec in self.specs.items()}
        cursors: Mapping[str, tuple[str, str]] = {}
        for role, actor in self.roles.items():
            sight = Sight(self.world.api, self.world.tenant, self.specs, rows, at=f"{stage}, {role}")
            seen = await sight.of(actor, cursors=cursors)
            cursors = cursors or seen.cursors
            counts = {name: len(ids) for name, ids in seen.ids.items()}
            assert counts == {name: EXPECTED[name](role, now) for name in self.specs}, (stage, role)
            await self.check_secrets(stage, role, actor, seen.text)
        await self.check_attachments(stage)

    async def check_attachments(self, stage: str) -> None:
        """Whoever sees attachments everywhere does not learn from lists and figures that a draft has one."""
        actor = self.world.bench.actor(("files.file.read",))
        document = (
            "{ attachments { totalCount nodes { sizeBytes } } attachmentsAggregate { count sums { value } } }"
        )
        found = (await self.world.api.execute(self.world.tenant, actor, document)).data
        [group] = found["attachmentsAggregate"]
        seen = 0 if stage == "draft" else 1
        assert (found["attachments"]["totalCount"], len(found["attachments"]["nodes"])) == (seen, seen), stage
        assert (group["count"], group["sums"][0]["value"] > 0) == (seen, bool(seen)), stage

    async def check_secrets(self, stage: str, role: str, actor: Actor, text: str) -> None:
        """Nothing that is answered holds a secret's text."""
        now = STAGES.index(stage)
        for row in await self.rows(self.specs["VentureReview"]):
            document = "query ($id: ID!) { ventureReviewDossier(review: $id) { title texts { text } } }"
            given = {"id": to_global_id("VentureReview", row["id"])}
            found = await self.world.api.execute(self.world.tenant, actor, document, given)
            may = role in ("reviewer", "fellow") and now >= STAGES.index("declared")
            opened = found.data and found.data["ventureReviewDossier"]
            assert may or not opened, (stage, role)
        for secret, count in SECRETS.items():
            may = count(role, now) > 0 and role not in HIDDEN_FROM.get(secret, ())
            assert (secret in text) is may, (stage, role, secret)
        seed = await self.world.value("select seed from venture_draw where tenant_id = $1")
        assert (seed is not None and seed in text) is (EXPECTED["VentureDraw"](role, now) > 0), (stage, role)

    async def rows(self, spec: NodeSpec) -> list[Any]:
        async with self.world.context() as ctx:
            sql = f"select * from {spec.table_name} where tenant_id = $1 order by id limit 100"
            return list(await ctx.db.fetch(sql, self.world.tenant.id))


@pytest_asyncio.fixture
async def specs(world: Any) -> Mapping[str, NodeSpec]:
    plugins = world.bench.composition.plugin_set(world.tenant.plugins)
    found = world.api.interface.schema_for(plugins).specs
    return {
        name: spec
        for name, spec in found.items()
        if spec.table_name.startswith("venture_")
        and not spec.table.__module__.startswith(SECOND_HALF_PREFIXES)
    }


async def test_every_node_of_the_schema_is_in_the_matrix(specs: Mapping[str, NodeSpec]) -> None:
    assert specs.keys() == EXPECTED.keys()


async def test_every_role_reads_at_every_stage_what_it_may_and_nothing_else(
    world: Any, story: Any, specs: Mapping[str, NodeSpec], tmp_path: Path
) -> None:
    applicant, rival = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    first, second, *others = experts
    manager, held = world.officer, tuple(world.officer.permissions)
    roles = {
        "manager": manager,
        "applicant": applicant.writer,
        "rival": rival.colleague,
        "reviewer": first.actor,
        "fellow": second.actor,
        "reader": world.bench.actor(("venture.call.read",)),
        "elsewhere": world.bench.actor(held, area_path=world.elsewhere.path),
        "citizen": world.bench.actor(()),
    }
    stage = Stage(world, roles, specs)
    world.bench.database.store = DiskStore(tmp_path)
    call = await story.open()
    mine = await story.written(call, applicant, "甲项目", plan_text="密稿甲")
    await story.budget(
        mine, applicant.writer, [{"item": "密项", "quantity": 100, "unitPriceFen": 90_000}] * 2
    )
    await story.change(mine, applicant.writer, own_funds_fen=8_000_000)
    theirs = await story.written(call, rival, "乙项目")
    await story.budget(theirs, rival.writer, [{"item": "密项", "quantity": 100, "unitPriceFen": 90_000}] * 2)
    await story.change(theirs, rival.writer, own_funds_fen=8_000_000)
    await attached(world, applicant, mine)
    await stage.check("draft")
    for proposal, team in ((mine, applicant), (theirs, rival)):
        await story.submit(proposal, team.writer)
    await stage.check("submitted")
    for proposal in (mine, theirs):
        await story.step("acceptVentureProposal", manager, proposal, "VentureProposal")
    world.at(world.clock.now() + timedelta(days=10, seconds=1))
    await story.step("closeVentureCall", manager, call)
    await story.step("drawVentureReviewers", manager, call)
    await stage.check("drawn")
    await score_all(story, call, first, "密评甲")
    await stage.check("declared")
    for one in (second, *others):
        await score_all(story, call, one, "评语")
    await stage.check("scored")
    assert await exported(world, "ventureScores") == 0
    assert await exported(world, "ventureScoreSheets") == 0
    await story.step("rankVentureCall", manager, call)
    await stage.check("ranked")
    assert await exported(world, "ventureScores") == 70
    await world.fund(100_000_000)
    outcomes = (mine, "AWARD"), (theirs, "REJECT", {"reason": "密议"})
    decision = await story.propose(call, outcomes, order_reason="同分")
    await stage.check("proposed")
    await story.step("announceVentureDecision", world.second, decision, "VentureDecision")
    await world.act(
        "objectToVentureAwards", rival.writer, gives="VentureObjection", proposal_id=theirs, reason="密异议"
    )
    await stage.check("notice")
    objection = await world.value("select id from venture_objection where tenant_id = $1")
    await world.act(
        "decideVentureObjection",
        world.third,
        gives="VentureObjection",
        id=objection,
        upheld=False,
        reason="无误",
    )
    world.at(world.clock.now() + timedelta(days=21))
    await story.step("concludeVentureDecision", world.second, decision, "VentureDecision")
    await stage.check("decided")
    await check_audit_trail(world)


async def attached(world: Any, applicant: Any, proposal: UUID) -> None:
    async with world.context(applicant.writer) as ctx:
        content = io.BytesIO(b"%PDF-1.7 plan")
        await files.attach(ctx, content, kind="venture.attachment", owner_id=proposal, name="实施方案.pdf")


async def check_audit_trail(world: Any) -> None:
    """Whoever reads the audit trail finds no draft and no score there, at no stage."""
    trail = await world.value(
        "select string_agg(subject_table || coalesce(before::text, '') || coalesce(after::text, ''), ' ')"
        " from audit_entry where tenant_id = $1 and subject_table like 'venture_%'"
    )
    assert "venture_score_sheet" in trail
    for secret in ("密稿甲", "密项", "密评甲"):
        assert secret not in trail, trail[max(trail.find(secret) - 200, 0) : trail.find(secret) + 50]
    told = re.findall(r'"(?:points|total|unit_price_fen)": ([^,}]+)', trail)
    assert set(told) == {'"***"'}


async def score_all(story: Any, call: UUID, reviewer: Any, comment: str) -> None:
    await story.declare(call, reviewer)
    for review in await story.reviews_of(reviewer, "DECLARED"):
        await story.score(review, reviewer, 80, comment=comment)


BOOK: Final = {
    "ventureScores": [
        "proposal.number",
        "proposal.title",
        "expert.code",
        "criterion.title",
        "criterion.weight",
        "points",
    ],
    "ventureScoreSheets": ["proposal.number", "expert.code", "total", "needs"],
}


async def exported(world: Any, connection: str) -> int:
    """How many rows an export of a list has for an account that may read scores everywhere."""
    held = ("venture.review.read", "venture.call.read", "venture.proposal.read", "venture.expert.read")
    bench = ImportBench(world.bench, clock=world.clock)
    actor = await bench.account(world.tenant, (*held, "transfer.export.run", "transfer.export.read"))
    document = """mutation ($input: StartExportInput!) {
        startExport(input: $input) { dataExport { id } problems { code message } } }"""
    started = await world.ask(
        actor, document, input={"connection": connection, "columns": BOOK[connection], "format": "XLSX"}
    )
    assert started["startExport"]["problems"] == []
    await world.work("venture.close_due_calls")
    sql = "select state || ' ' || error_code || rows_done from transfer_export where tenant_id = $1 order by id desc"
    told = await world.value(sql)
    assert told.startswith("done"), told
    return int(told.split()[-1])
