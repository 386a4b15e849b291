"""Who reads what at which stage: every list, field, order, cursor, count and sum of the schema, for every role.

The nodes and their fields are enumerated from the schema: one that is not in `EXPECTED` fails the test.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import pytest_asyncio

from linli.plugin import Actor
from linli.testing.imports import ImportBench
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import to_global_id
from linli_graphql.naming import camel

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
    """The world at a stage: the actors by their roles, and all seeds that are not revealed."""

    world: Any
    roles: Mapping[str, Actor]
    specs: Mapping[str, NodeSpec]

    async def check(self, stage: str) -> None:
        now = STAGES.index(stage)
        for role, actor in self.roles.items():
            for name, spec in self.specs.items():
                await self.check_node(
                    f"{stage}, {role}, {name}", role, actor, spec, EXPECTED[name](role, now)
                )
            await self.check_secrets(stage, role, actor, now)

    async def check_node(self, at: str, role: str, actor: Actor, spec: NodeSpec, count: int) -> None:
        """Count, rows, orders, cursors, aggregates and single look-ups agree with what is expected."""
        plural, single = camel(spec.plural), spec.name[0].lower() + spec.name[1:]
        orders = ["", *(f"{one.upper()}_{way}" for one in spec.orders for way in ("ASC", "DESC"))]
        seen: set[str] = set()
        for order in orders if count else orders[:2]:
            given = f"(first: 100{f', orderBy: {order}' if order else ''})"
            fields = "totalCount pageInfo { startCursor endCursor hasNextPage } nodes { id }"
            outcome = await self.run(actor, f"{{ {plural}{given} {{ {fields} }} }}")
            page = outcome and outcome[plural]
            if page is None:
                assert count == 0, at
                continue
            assert (page["totalCount"], len(page["nodes"])) == (count, count), (at, order)
            assert (page["pageInfo"]["startCursor"] is None) is (count == 0), (at, order)
            seen = {one["id"] for one in page["nodes"]}
        for group in ("", *spec.groups):
            if not (spec.groups or spec.sums):
                break
            by = f"(groupBy: {group.upper()})" if group else ""
            found = await self.run(actor, f"{{ {plural}Aggregate{by} {{ count sums {{ value }} }} }}")
            total = 0 if found is None else sum(one["count"] for one in found[f"{plural}Aggregate"])
            assert total == count, (at, group)
            if count == 0 and found is not None:
                assert all(one["value"] == 0 for row in found[f"{plural}Aggregate"] for one in row["sums"]), (
                    at
                )
        named = [to_global_id(spec.name, row_id) for row_id in await self.ids(spec)]
        if not named:
            return
        document = (
            f"query ($ids: [ID!]!, $id: ID!) {{ nodes(ids: $ids) {{ id }} {single}(id: $id) {{ id }} }}"
        )
        found = await self.run(actor, document, ids=named, id=named[-1])
        shown = {one["id"] for one in (found and found["nodes"]) or () if one}
        assert shown == seen & set(named), at
        assert bool(found and found[single]) is (named[-1] in seen), at

    async def check_secrets(self, stage: str, role: str, actor: Actor, now: int) -> None:
        """Nothing that is answered holds a secret's text: all fields, relations and connections of every list."""
        answered = []
        for spec in self.specs.values():
            document = f"{{ {camel(spec.plural)}(first: 100) {{ nodes {{ {self.everything(spec)} }} }} }}"
            answered.append(await self.run(actor, document, twice=True))
        for review in await self.ids(self.specs["VentureReview"]):
            document = "query ($id: ID!) { ventureReviewDossier(review: $id) { title texts { text } } }"
            found = await self.run(actor, document, id=to_global_id("VentureReview", review))
            may = role in ("reviewer", "fellow") and now >= STAGES.index("declared")
            opened = found and found["ventureReviewDossier"]
            assert may or not opened, (stage, role)
        text = json.dumps(answered, ensure_ascii=False)
        for secret, count in SECRETS.items():
            may = count(role, now) > 0 and role not in HIDDEN_FROM.get(secret, ())
            assert (secret in text) is may, (stage, role, secret)
        seed = await self.world.value("select seed from venture_draw where tenant_id = $1")
        assert (seed is not None and seed in text) is (EXPECTED["VentureDraw"](role, now) > 0), (stage, role)

    def everything(self, spec: NodeSpec, depth: int = 2) -> str:
        """All columns of a node, and of the rows that it leads to."""
        fields = ["id", *(camel(one) for one in spec.columns)]
        if depth:
            own = {**self.specs}
            for one in spec.ones.values():
                if one.target().name in own:
                    fields.append(f"{camel(one.name)} {{ {self.everything(one.target(), depth - 1)} }}")
            for one in spec.manys.values():
                inner = self.everything(one.target(), 0)
                fields.append(f"{camel(one.name)}(first: 50) {{ totalCount nodes {{ {inner} }} }}")
        return " ".join(fields)

    async def run(self, actor: Actor, document: str, *, twice: bool = False, **variables: Any) -> Any:
        """What is answered, with `twice` by both ways of reading alike; what is refused is null in it."""
        outcome = await self.world.api.execute(self.world.tenant, actor, document, variables)
        if outcome.errors:
            refusals = {"permission_denied"}
            assert set(outcome.codes) <= refusals, outcome.errors
            return outcome.data
        if not twice:
            return outcome.data
        compiled = await self.world.api.compiled(self.world.tenant, actor, document, variables)
        assert compiled.data is None or without_cursors(compiled.data) == without_cursors(outcome.data)
        return outcome.data

    async def ids(self, spec: NodeSpec) -> list[UUID]:
        async with self.world.context() as ctx:
            sql = f"select id from {spec.table_name} where tenant_id = $1 order by id desc limit 100"
            return [UUID(int=row["id"].int) for row in await ctx.db.fetch(sql, self.world.tenant.id)]


def without_cursors(data: Any) -> Any:
    """The answer without its cursors, which are signed over how they were asked for."""
    if isinstance(data, dict):
        return {key: without_cursors(value) for key, value in data.items() if "Cursor" not in key}
    return [without_cursors(one) for one in data] if isinstance(data, list) else data


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
    world: Any, story: Any, specs: Mapping[str, NodeSpec]
) -> None:
    applicant, rival = await world.applicant(), await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    first, second, *others = experts
    manager, held = world.officer, tuple(world.officer.permissions)
    roles = {
        "applicant": applicant.writer,
        "rival": rival.colleague,
        "reviewer": first.actor,
        "fellow": second.actor,
        "reader": world.bench.actor(("venture.call.read",)),
        "manager": manager,
        "elsewhere": world.bench.actor(held, area_path=world.elsewhere.path),
        "citizen": world.bench.actor(()),
    }
    stage = Stage(world, roles, specs)
    call = await story.open()
    mine = await story.written(call, applicant, "甲项目", plan_text="密稿甲")
    await story.budget(
        mine, applicant.writer, [{"item": "密项", "quantity": 100, "unitPriceFen": 90_000}] * 2
    )
    await story.change(mine, applicant.writer, own_funds_fen=8_000_000)
    theirs = await story.written(call, rival, "乙项目")
    await story.budget(theirs, rival.writer, [{"item": "密项", "quantity": 100, "unitPriceFen": 90_000}] * 2)
    await story.change(theirs, rival.writer, own_funds_fen=8_000_000)
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
