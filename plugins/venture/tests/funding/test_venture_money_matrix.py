"""Who reads what of the money at which stage: every field, by every way, for every role; from pools to audits.

The nodes and their fields are enumerated from the schema: one that `MATRIX` does not name fails the test. Every text
is a secret of its row, planted before each look: it may stand in what a role is answered if, and only if, the row may.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import pytest_asyncio

from linli.http.public_routes import ANONYMOUS
from linli.plugin import Actor
from linli_graphql.declaration import NodeSpec, ValueKind
from linli_graphql.ids import to_global_id
from linli_graphql.testing import Sight
from linli_venture.grants.changes import LineChange
from linli_venture.grants.pages import MONEY_ROUTES
from linli_venture.grants.terms import AppraisalKind
from linli_venture.money.terms import GiverKind, SourceKind
from linli_venture.proposals.applicants import remove_member
from linli_venture.review import experts

# Who sees the rows of a node: those who may see pools; those who may see grants; they, and who acts for the unit.
POOLS, GRANTS, UNITS = "venture.pool.read", "venture.grant.read", "own"
MATRIX: Final[Mapping[str, tuple[str, str]]] = {
    "VenturePool": (POOLS, "title year purpose state area sources receipts"),
    "VentureSource": (POOLS, "kind name category terms area pool fund given receipts"),
    "VentureReceipt": (
        POOLS,
        "giverKind giver amountFen receivedOn basis state cancelReason area source pool organisation person",
    ),
    "VentureGrant": (
        UNITS,
        "title category state amountFen ownFen verifiedFen paidFen releasedFen refundedFen settledFen recoveryFen"
        " awardedAt startsOn endsOn signedOn contractNumber startedOn suspendedOn suspendReason finishedOn endedOn"
        " endReason endRule objectUntil area call proposal pool organisation account allocations lines milestones"
        " payments expenditures refunds changes appraisals audits",
    ),
    "VentureAllocation": (GRANTS, "place amountFen paidFen releasedFen refundedFen area grant source"),
    "VentureGrantLine": (UNITS, "place name amountFen area grant"),
    "VentureMilestone": (
        UNITS,
        "number title sharePercent amountFen dueOn state report submittedAt decidedReason verifiedAt area grant",
    ),
    "VenturePayment": (UNITS, "amountFen paidOn area grant milestone"),
    "VentureExpenditure": (
        UNITS,
        "amountFen spentOn item receiptNumber state decidedAt decidedReason area grant line",
    ),
    "VentureRefund": (UNITS, "kind amountFen receivedOn basis area grant"),
    "VentureChange": (UNITS, "kind reason state decidedAt decidedReason area grant items"),
    "VentureChangeItem": (GRANTS, "oldAmountFen amountFen oldDueOn dueOn area change line milestone"),
    "VentureAppraisal": (UNITS, "kind score grade summary appraisedOn area grant"),
    "VentureAudit": (UNITS, "auditor reportNumber acceptedFen opinion auditedOn area grant"),
}
EVERY_NODE: Final = {"id", "version", "createdAt", "updatedAt"}
# Relations that lead out of the money: what seeing their end takes.
LINKS: Final = {
    "Area": "areas.area.read",
    "Organisation": "identity.organisation.read",
    "Person": "identity.person.read",
    "LedgerAccount": "ledger.account.read",
    "VentureCall": "venture.call.read",
    "VentureProposal": "venture.proposal.read",
}
# Texts that are no secret: names of fields stand in calls, and what the public page of accounts tells of pools.
OPEN: Final = {"venture_grant.category", "venture_source.category"}
PUBLIC: Final = {"venture_pool.title", "venture_source.name"}
UNPLANTED: Final = {"venture_grant.contract_number"}
FULL: Final = ("notice", "active", "terminated")  # when filters and the kernel's own lists are tried as well
PREFIXES: Final = ("linli_venture.money.", "linli_venture.grants.")
FIGURES: Final = (
    "grants awardedFen verifiedFen paidFen spentFen refundedFen releasedFen settledFen milestones"
)
FIGURE_SUMS: Final = {
    "awardedFen": "amount_fen",
    "verifiedFen": "verified_fen",
    "paidFen": "paid_fen",
    "refundedFen": "refunded_fen",
    "releasedFen": "released_fen",
    "settledFen": "settled_fen",
}
KERNEL_LISTS: Final = {
    "ledgerAccounts": "role available reserved",
    "ledgerEntries": "kind key reason",
    "ledgerPostings": "amount role category",
    "issuedDocuments": "number title",
    "attachments": "kind name",
    "events": "name payload",
    "notifications": "title body",
    "dataExports": "connection",
    "auditEntries": "subjectTable reason before after",
}
TODAY: Final = date(2026, 5, 6)
WHY: Final = {"reason": "演示理由"}


@pytest_asyncio.fixture
async def specs(world: Any, api: Any) -> Mapping[str, NodeSpec]:
    schema = api.interface.schema_for(world.bench.composition.plugin_set(world.tenant.plugins))
    return {name: spec for name, spec in schema.specs.items() if spec.table.__module__.startswith(PREFIXES)}


async def test_every_field_of_the_schema_is_in_the_matrix(
    world: Any, api: Any, specs: Mapping[str, NodeSpec]
) -> None:
    schema = api.interface.schema_for(world.bench.composition.plugin_set(world.tenant.plugins))._schema
    found = {name: set(schema.type_map[name].fields) - EVERY_NODE for name in specs}
    assert found == {name: set(fields.split()) for name, (_to, fields) in MATRIX.items()}
    ends = {one.target().name for spec in specs.values() for one in spec.ones.values()}
    assert ends - specs.keys() == LINKS.keys()
    assert schema.subscription_type is None, "what is told live needs rows of its own here"


class Stage:
    """The world at a stage, and who looks at it."""

    def __init__(
        self, world: Any, api: Any, specs: Mapping[str, NodeSpec], roles: Mapping[str, Actor]
    ) -> None:
        self.world, self.api, self.specs, self.roles = world, api, specs, roles
        self.units: dict[str, UUID] = {}
        self.planted: set[str] = set()

    async def check(self, stage: str) -> None:
        await self.plant()
        rows = {name: await self.rows(spec) for name, spec in self.specs.items()}
        await self.check_pages(stage, rows)
        cursors: Mapping[str, tuple[str, str]] = {}
        for role, actor in self.roles.items():
            at = f"{stage}, {role}"
            sight = Sight(self.api, self.world.tenant, self.specs, rows, at=at)
            seen = await sight.of(actor, cursors=cursors, filters=stage in FULL)
            cursors = cursors or seen.cursors
            own = self.units.get(role)
            visible = {
                name: [row for row in rows[name] if self.may_see(actor, name, row, own)]
                for name in self.specs
            }
            for name, expected in visible.items():
                assert seen.ids[name] == {f"{name}_{row['id']}" for row in expected}, (at, name)
            for (name, field), told in seen.links.items():
                one = self.specs[name].ones[field]
                there = any(row[one.column] is not None for row in visible[name])
                assert told is (there and self.may_follow(actor, one.target().name, own)), (at, name, field)
            answers = [seen.answers, *[one async for one in self.further(at, actor, visible, stage)]]
            text = json.dumps(answers, ensure_ascii=False)
            self.check_texts(at, text, rows, visible, actor)

    def may_see(self, actor: Actor, name: str, row: Mapping[str, Any], own: UUID | None) -> bool:
        to = MATRIX[name][0]
        if _can(actor, POOLS if to == POOLS else GRANTS, row["area_path"]):
            return True
        return to == UNITS and own is not None and bool(row["organisation_id"] == own)

    def may_follow(self, actor: Actor, target: str, own: UUID | None) -> bool:
        return _can(actor, LINKS[target], self.world.area.path) or (
            target == "VentureProposal" and own is not None
        )

    def check_texts(
        self, at: str, text: str, rows: Mapping[str, Any], visible: Mapping[str, Any], actor: Actor
    ) -> None:
        """A text stands in what was answered when its row may be seen, and only then."""
        for name, spec in self.specs.items():
            may = {row["id"] for row in visible[name]}
            for column in texts_of(spec):
                label = f"{spec.table_name}.{column}"
                for row in rows[name]:
                    if not row[column]:
                        continue
                    shown = row["id"] in may
                    if label in PUBLIC and not shown and visible["VentureGrant"]:
                        continue  # whoever may see grants gets figures by pool, as the public does
                    assert (row[column] in text) is shown, (at, label)

    async def further(self, at: str, actor: Actor, visible: Mapping[str, Any], stage: str) -> Any:
        """What is answered besides nodes: figures, accounts, what a unit was awarded, and the kernel's own lists."""
        yield await self.figures(at, actor, visible)
        yield await self.accounts(at, actor)
        unit = next(iter(self.units.values()))
        document = (
            "query ($id: ID!) { organisation(id: $id) { ventureGrants { totalCount nodes { title } } } }"
        )
        found = await self.ask(at, actor, document, id=to_global_id("Organisation", unit))
        seen = [row for row in visible["VentureGrant"] if row["organisation_id"] == unit]
        if found and found["organisation"]:
            assert found["organisation"]["ventureGrants"]["totalCount"] == len(seen), at
        yield found
        for name, fields in KERNEL_LISTS.items() if stage in FULL else ():
            yield await self.ask(at, actor, f"{{ {name}(first: 100) {{ nodes {{ {fields} }} }} }}")

    async def figures(self, at: str, actor: Actor, visible: Mapping[str, Any]) -> Any:
        """Figures add up the grants that the role may see by permission, whatever they are added up by."""
        asked = " ".join(
            f"{by.lower()}: ventureFigures(by: {by}) {{ label {FIGURES} }}"
            for by in ("CALL", "CATEGORY", "AREA", "ORGANISATION", "POOL")
        )
        found = await self.ask(at, actor, f"{{ {asked} }}")
        if not any(GRANTS in one.permissions for one in actor.grants):
            assert found is None, at
            return None
        for lines in found.values():
            assert sum(one["grants"] for one in lines) == len(visible["VentureGrant"]), at
            for name, column in FIGURE_SUMS.items():
                assert sum(one[name] for one in lines) == sum(
                    row[column] for row in visible["VentureGrant"]
                ), at
        return found

    async def accounts(self, at: str, actor: Actor) -> Any:
        found = await self.ask(
            at, actor, "{ ventureAccounts { title sources { name category receivedFen } } }"
        )
        if not any(POOLS in one.permissions for one in actor.grants):
            assert found is None, at
        elif not _can(actor, POOLS, ""):
            assert found["ventureAccounts"] == [], at
        return found

    async def ask(self, at: str, actor: Actor, document: str, **values: Any) -> Any:
        outcome = await self.api.execute(self.world.tenant, actor, document, values)
        assert set(outcome.codes) <= {"permission_denied"}, (at, outcome.errors)
        return outcome.data

    async def check_pages(self, stage: str, rows: Mapping[str, Any]) -> None:
        """The public pages have titles of pools, sources and grants that ended, and no other text."""
        async with self.world.context(ANONYMOUS, read_only=True) as ctx:
            pages = "".join([(await route.handler(ctx, {})).body.decode() for route in MONEY_ROUTES])
        told = set(re.findall("密([a-z_.]+)#", pages))
        ended = {"venture_grant.title"} if stage in ("closed", "terminated") else set()
        assert told == PUBLIC | ended, stage
        live = [row["title"] for row in rows["VentureGrant"] if row["state"] != "closed"]
        assert not any(title in pages for title in live), stage

    async def plant(self) -> None:
        """Give every row a text of its own in every column of texts that has one."""
        async with self.world.context() as ctx:
            for spec in self.specs.values():
                for column in texts_of(spec):
                    label = f"{spec.table_name}.{column}"
                    if label not in UNPLANTED:
                        sql = (
                            f"update {spec.table_name} set {column} = '密{label}#' || right(id::text, 12)"
                            f" where tenant_id = $1 and {column} <> '' returning 1"
                        )
                        if await ctx.db.fetchval(sql, self.world.tenant.id):
                            self.planted.add(label)

    async def rows(self, spec: NodeSpec) -> Sequence[Any]:
        sql = f"select * from {spec.table_name} where tenant_id = $1 order by id limit 100"
        return await self.world.rows(sql)  # type: ignore[no-any-return]


def texts_of(spec: NodeSpec) -> Iterator[str]:
    """The columns of a node that hold words of their own."""
    words = {"state", "kind", "giver_kind", "grade"}
    for name, column in spec.columns.items():
        label = f"{spec.table_name}.{column.column}"
        if column.kind is ValueKind.TEXT and name not in words and label not in OPEN:
            yield column.column


def _can(actor: Actor, permission: str, path: str) -> bool:
    return any(permission in one.permissions and path.startswith(one.area_path) for one in actor.grants)


def manifest_role(world: Any, name: str) -> frozenset[str]:
    """What the kernel and the plugins give a role."""
    manifests = world.bench.composition.plugin_set(world.tenant.plugins).manifests.values()
    return frozenset(one for manifest in manifests for one in manifest.declares.roles.get(name, ()))


async def members(world: Any, unit: UUID, rights: Collection[str]) -> tuple[Actor, Actor]:
    """Somebody who acts for a unit, and somebody who did."""
    present, former = await world.member(unit), await world.member(unit)
    member = await world.value(
        "select id from venture_member where tenant_id = $1 and person_id = $2", former.person_id
    )
    async with world.context(
        world.bench.actor(["venture.member.write", "identity.organisation.read"])
    ) as ctx:
        await remove_member(ctx, UUID(str(member)))
    return tuple(  # type: ignore[return-value]
        replace(world.bench.actor(rights), person_id=one.person_id) for one in (present, former)
    )


async def all_roles(world: Any, mine: UUID, theirs: UUID, donor: UUID) -> dict[str, Actor]:
    bench, resident = world.bench, manifest_role(world, "resident")
    grantee, former = await members(world, mine, resident)
    rival, _ = await members(world, theirs, resident)
    expert = await world.person("演示专家")
    rights = ["venture.expert.write", "identity.person.read"]
    async with world.context(bench.actor(rights)) as ctx:
        await experts.enter(ctx, area_id=None, person_id=expert, expertise=["为老"])
    of_place = {"area_path": world.area.path}
    return {
        "manager": bench.actor(manifest_role(world, "admin")),
        "auditor": bench.actor(manifest_role(world, "auditor")),
        "integrator": bench.actor(manifest_role(world, "integrator")),
        "worker": bench.actor(manifest_role(world, "worker"), **of_place),
        "elsewhere": bench.actor(manifest_role(world, "admin"), area_path=world.elsewhere.path),
        "cashier": bench.actor(["venture.pool.read", "venture.pool.write", "venture.grant.pay"]),
        "verifier": bench.actor(["venture.grant.verify", "venture.grant.report"]),
        "grantee": grantee,
        "rival": rival,
        "former": former,
        "expert": replace(bench.actor(resident), person_id=expert),
        "donor": replace(bench.actor(resident), person_id=donor),
        "anonymous": ANONYMOUS,
    }


async def test_every_role_sees_of_the_money_at_every_stage_what_it_may_and_nothing_else(
    quick: Any, api: Any, specs: Mapping[str, NodeSpec]
) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    mine, theirs, donor = await world.unit("演示甲社"), await world.unit("演示乙社"), await world.person()
    roles = await all_roles(world, mine, theirs, donor)
    stage = Stage(world, api, specs, roles)
    stage.units = {"grantee": mine, "rival": theirs}
    pool = await funded(quick, donor)
    first = await quick.project(pool, organisation_id=mine, title="甲项目")
    second = await quick.project(pool, organisation_id=theirs, title="乙项目")
    await world.value(
        "update venture_proposal set state = 'awarded', sealed = false where tenant_id = $1 returning 1"
    )
    await stage.check("notice")
    one, two = await quick.award(first, 100_000), await quick.award(second, 50_000)
    await stage.check("awarded")
    for grant in (one, two):
        await quick.act("signVentureContract", world.second, id=await quick.prepared(grant))
    await stage.check("signed")
    await worked(quick, one, two)
    await stage.check("active")
    await quick.act("suspendVentureGrant", id=one, **WHY)
    await stage.check("suspended")
    await quick.act("resumeVentureGrant", id=one)
    await closed(quick, one)
    await stage.check("closed")
    await quick.act("terminateVentureGrant", id=two, rule="演示规则", **WHY)
    await stage.check("terminated")
    texts = {f"{spec.table_name}.{column}" for spec in specs.values() for column in texts_of(spec)}
    assert stage.planted == texts - UNPLANTED, "each text stood in some row"


async def funded(quick: Any, donor: UUID) -> UUID:
    """A pool with a restricted fund, public money and gifts: of a unit, of a person, and one by mistake."""
    world = quick.world
    pool: UUID = await quick.pool(purpose="演示用途")
    fund = {"kind": SourceKind.SPECIAL_FUND, "category": "elderly", "terms": "演示约定"}
    await quick.source(pool, 60_000, name="助老专项基金", **fund)
    await quick.source(pool, 900_000)
    gifts = await quick.source(pool, kind=SourceKind.DONATION, name="社会捐赠")
    unit = {
        "giver_kind": GiverKind.ORGANISATION,
        "giver": None,
        "organisation_id": await world.unit("演示捐赠单位"),
    }
    await quick.receive(gifts, 7_700, **unit)
    await quick.receive(gifts, 8_800, giver_kind=GiverKind.PERSON, giver=None, person_id=donor)
    await quick.act("cancelVentureReceipt", world.second, id=await quick.receive(gifts, 9_900), **WHY)
    return pool


async def worked(quick: Any, one: UUID, two: UUID) -> None:
    """Both grants began and were paid once; of the first something was returned, rejected, changed, appraised."""
    world, act = quick.world, quick.act
    for grant in (one, two):
        await act("startVentureGrant", id=grant)
        await quick.paid(grant, 1)
        await quick.spent(await quick.line(grant), 20_000)
    back = await quick.submitted(await quick.milestone(one, 2))
    await act("returnVentureMilestone", world.second, id=back, **WHY)
    await act(
        "rejectVentureExpenditure", world.second, id=await quick.entered(await quick.line(one, 2), 99), **WHY
    )
    for grant, outcome in ((one, "rejectVentureChange"), (two, "approveVentureChange")):
        lines = [LineChange(await quick.line(grant, place), fen) for place, fen in ((1, 30_000), (2, 20_000))]
        if grant == one:
            lines[1] = replace(lines[1], amount_fen=70_000)
        change = await act("proposeVentureChange", grant_id=grant, reason="演示变更", lines=lines)
        await act(outcome, world.second, id=change, **(WHY if grant == one else {}))
    half = {"kind": AppraisalKind.MIDTERM, "score": 80, "summary": "演示评语"}
    await act("appraiseVentureGrant", world.fourth, grant_id=one, **half)


async def closed(quick: Any, grant: UUID) -> None:
    """The grant is closed, with 20,000 fen accounted for and the rest of what was paid given back."""
    world, act = quick.world, quick.act
    back = await quick.submitted(await quick.milestone(grant, 2))
    await act("verifyVentureMilestone", world.second, id=back)
    await act("payVentureTranche", world.third, id=back)
    await act("finishVentureGrant", id=grant)
    await quick.audited(grant, 20_000)
    last = await quick.submitted(await quick.milestone(grant, 3))
    await act("verifyVentureMilestone", world.second, id=last)
    due = {"amount_fen": 70_000, "received_on": TODAY, "basis": "演示回单"}
    await act("takeBackVentureMoney", id=grant, **due)
    await act("closeVentureGrant", id=grant)
