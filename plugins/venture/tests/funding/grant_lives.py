"""A process in which officers lead grants through their lives, for test_venture_killed.py, which kills it.

It supervises one child that does the work, and starts another as soon as that one is gone. On its output stand the
process id of each child and a `+` for each command that was acknowledged; it ends when there is a file `stop`. A child
has officers at work at the same time, each with projects of their own, on one pool. Each keeps a list: a line before
a command is tried, and a line once it is acknowledged; a child that finds a command without an acknowledgement tries
it again, under the same key. All commands are mutations of the API.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg

import linli.printing.paper  # noqa: F401 (else each child loads it anew, with its first document)
from linli.clock import FixedClock
from linli.db.database import Database
from linli.db.encryption import Vault
from linli.errors import LinliError, Unavailable
from linli.files.disk import DiskStore
from linli.plugin import Actor, files, rows
from linli.registry import compose, discover, installed_interfaces
from linli.tenancy.catalogue import Catalogue, Tenant
from linli.testing.factories import Bench
from linli.testing.pytest_plugin import MASTER_KEYS
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.interface import GraphQLInterface
from linli_graphql.testing import GraphQLBench
from linli_venture.calls.tables import Call
from linli_venture.grants.opening import award
from linli_venture.proposals.errors import FundedTwice
from linli_venture.proposals.tables import Proposal

PAUSE_S = 0.05
TRIED_MAX = 8
PLUGINS = ("organisations", "venture")
AWAY = (OSError, TimeoutError, Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError)
AGAIN = {"database_busy", "unavailable"}
TODAY = date(2026, 5, 6)
CLOCK = FixedClock(datetime(2026, 5, 6, 4, 0, tzinfo=UTC))
GRANT, STEP, REASON = "VentureGrant", "VentureGrantStepInput", "VentureGrantReasonInput"
MILESTONE, SPENDING, CHANGE = "VentureMilestone", "VentureExpenditure", "VentureChange"
# What each command gives, the type of its input, and which of the four officers gives it.
COMMANDS: dict[str, tuple[str, str, int]] = {
    "receiveVentureMoney": ("VentureReceipt", "", 0),
    "cancelVentureReceipt": ("VentureReceipt", "", 1),
    "prepareVentureContract": (GRANT, "", 0),
    "signVentureContract": (GRANT, STEP, 1),
    "declineVentureGrant": (GRANT, REASON, 0),
    "startVentureGrant": (GRANT, STEP, 0),
    "suspendVentureGrant": (GRANT, REASON, 0),
    "resumeVentureGrant": (GRANT, STEP, 0),
    "finishVentureGrant": (GRANT, STEP, 0),
    "closeVentureGrant": (GRANT, STEP, 0),
    "terminateVentureGrant": (GRANT, "", 0),
    "submitVentureMilestone": (MILESTONE, "", 0),
    "verifyVentureMilestone": (MILESTONE, STEP, 1),
    "returnVentureMilestone": (MILESTONE, REASON, 1),
    "payVentureTranche": ("VenturePayment", STEP, 2),
    "takeBackVentureMoney": ("VentureRefund", "", 0),
    "enterVentureExpenditure": (SPENDING, "", 0),
    "verifyVentureExpenditure": (SPENDING, STEP, 1),
    "rejectVentureExpenditure": (SPENDING, REASON, 1),
    "proposeVentureChange": (CHANGE, "", 0),
    "approveVentureChange": (CHANGE, STEP, 1),
    "appraiseVentureGrant": ("VentureAppraisal", "", 3),
    "auditVentureGrant": ("VentureAudit", "", 3),
}
NEXT_OF_MILESTONE = {
    "planned": "submitVentureMilestone",
    "returned": "submitVentureMilestone",
    "evidence": "verifyVentureMilestone",
    "verified": "payVentureTranche",
}
WHY = {"reason": "演示"}


@dataclass(frozen=True, slots=True)
class Office:
    """Where officers work."""

    bench: Bench
    api: GraphQLBench
    tenant: Tenant
    actors: Sequence[Actor]
    sources: Sequence[str]
    decision_id: UUID
    output: int

    def context(self, actor: Actor | None = None) -> Any:
        return self.bench.context(self.tenant, actor=actor or self.actors[0], clock=CLOCK)


@dataclass(slots=True)
class Officer:
    """One at work, with the projects that are theirs and the list of what they did."""

    office: Office
    name: str
    projects: Sequence[UUID]
    file: Path
    count: int = 0
    pending: dict[str, Any] | None = None
    chance: random.Random = field(default_factory=random.Random)

    def open(self) -> None:
        """Read the list that a process before this one has left; half a line was never acknowledged."""
        text = self.file.read_text() if self.file.exists() else ""
        kept = text[: text.rfind("\n") + 1]
        if kept != text:
            os.truncate(self.file, len(kept.encode()))
        whole = [json.loads(line) for line in kept.splitlines()]
        self.count = sum("done" in line for line in whole)
        self.pending = None if not whole or "done" in whole[-1] else whole[-1]

    def note(self, line: Mapping[str, Any]) -> None:
        """Add a line that outlives this process."""
        with self.file.open("a") as file:
            file.write(json.dumps(line) + "\n")

    async def work(self, parent: int) -> None:
        """One command after the other, each until it is acknowledged; to the end of the one that was begun."""
        self.open()
        stop = self.file.with_name("stop")
        while os.getppid() == parent and (self.pending or not stop.exists()):
            try:
                if self.pending is None:
                    self.chance.seed(f"{self.name}:{self.count}")
                    told = await self.choose()
                    self.note(told)
                    self.pending = told
                done = await self.carry_out(self.pending)
            except AWAY:
                done = None
            if done is None:
                await asyncio.sleep(PAUSE_S)  # the database is away
                continue
            self.note({**self.pending, "done": done})
            self.count += 1
            self.pending = None
            os.write(self.office.output, b"+\n")

    async def carry_out(self, told: Mapping[str, Any]) -> str | None:
        """Give a command; gives the id of its row, or the code of its refusal; None when it cannot be given now."""
        name, values = told["name"], dict(told["values"])
        if name == "award":
            return await self.award(UUID(values["proposal"]), values["fen"])
        if name in ("submitVentureMilestone", "verifyVentureExpenditure"):
            await self.attach(name, from_global_id(values["id"])[1])
        gives, takes, by = COMMANDS[name]
        shown = gives[0].lower() + gives[1:]
        document = (
            f"mutation($input: {takes or name[0].upper() + name[1:] + 'Input'}!, $key: String) {{"
            f" {name}(input: $input, idempotencyKey: $key) {{ {shown} {{ id }} problems {{ code }} }} }}"
        )
        given = {"input": values, "key": told["key"]}
        office = self.office
        outcome = await office.api.execute(office.tenant, office.actors[by], document, given)
        if outcome.errors:
            assert set(outcome.codes) <= AGAIN, (told, outcome.errors)
            return None
        payload = outcome[name]
        if payload["problems"]:
            code: str = payload["problems"][0]["code"]
            return None if code in AGAIN else code
        return str(from_global_id(payload[shown]["id"])[1])

    async def award(self, proposal_id: UUID, fen: int) -> str | None:
        """What a decision does with its award: the project gets a grant, or is refused a second one."""
        try:
            async with self.office.context() as ctx:
                proposal = await rows.get(ctx, Proposal, proposal_id)
                call = await rows.get(ctx, Call, proposal.call_id)
                made = await award(
                    ctx, call=call, proposal=proposal, amount_fen=fen, decision_id=self.office.decision_id
                )
        except Unavailable:
            return None
        except FundedTwice:  # by the try that nobody heard of
            return await self.awarded(proposal_id)
        except LinliError as error:
            return error.code
        return str(made.id)

    async def awarded(self, proposal_id: UUID) -> str:
        sql = (
            "select id from venture_grant where tenant_id = $1 and proposal_id = $2 order by id desc limit 1"
        )
        async with self.office.context() as ctx:
            return str(await ctx.db.fetchval(sql, ctx.tenant_id, proposal_id))

    async def attach(self, name: str, owner: UUID) -> None:
        kind = "venture.evidence" if "Milestone" in name else "venture.receipt"
        try:
            async with self.office.context() as ctx:
                if not await files.of_owner(ctx, kind, owner):
                    content = io.BytesIO("演示材料".encode())
                    await files.attach(ctx, content, kind=kind, owner_id=owner, name="材料.txt")
        except Unavailable:
            raise
        except LinliError:
            return  # the command itself says what is wrong

    async def choose(self) -> dict[str, Any]:
        """What to do next, from what the database says."""
        chance, key = self.chance, f"{self.name}:{self.count}"
        async with self.office.context() as ctx:
            draw = chance.random()
            name, values = "", {}
            if draw < 0.1:
                name, values = "receiveVentureMoney", self.receipt(key)
            elif draw < 0.13:
                sql = "select id from venture_receipt where tenant_id = $1 order by random() limit 1"
                receipt = await ctx.db.fetchval(sql, ctx.tenant_id)
                name, values = "cancelVentureReceipt", {"id": to_global_id("VentureReceipt", receipt), **WHY}
            else:
                project, grant = await self.pick(ctx)
                if grant is None or (grant["state"] in ("declined", "terminated") and draw < 0.8):
                    name, values = "award", {"proposal": str(project), "fen": chance.randint(1_000, 90_000)}
                else:
                    life = await Life.of(ctx, grant)
                    name, values = life.disturbed(chance, key) if draw > 0.75 else life.next(key)
        return {"key": key, "name": name, "values": values}

    async def pick(self, ctx: Any) -> tuple[UUID, Any]:
        """A project and its last grant; seldom one that is closed, of which nothing more becomes."""
        sql = "select * from venture_grant where tenant_id = $1 and proposal_id = $2 order by id desc limit 1"
        for _ in range(TRIED_MAX):
            project = self.chance.choice(self.projects)
            grant = await ctx.db.fetchrow(sql, ctx.tenant_id, project)
            if grant is None or grant["state"] != "closed":
                break
        return project, grant

    def receipt(self, key: str) -> dict[str, Any]:
        source = self.chance.choice(self.office.sources)
        fen = self.chance.randint(1, 60_000)
        who = {"giverKind": "GOVERNMENT", "giver": "演示财政局"}
        return {"sourceId": source, **who, "amountFen": fen, "receivedOn": str(TODAY), "basis": f"演示 {key}"}


@dataclass(frozen=True, slots=True)
class Life:
    """A grant with what belongs to it, as the database has it."""

    grant: Mapping[str, Any]
    lines: Sequence[UUID]
    milestones: Sequence[tuple[UUID, str]]
    entered: UUID | None
    proposed: UUID | None
    spent: int
    appraised: bool
    accepted: int | None

    @classmethod
    async def of(cls, ctx: Any, grant: Mapping[str, Any]) -> Life:
        async def parts(columns: str, table: str, more: str = "") -> list[Any]:
            sql = f"select {columns} from venture_{table} where tenant_id = $1 and grant_id = $2 {more}"
            return list(await ctx.db.fetch(sql, ctx.tenant_id, grant["id"]))

        entered = await parts("id", "expenditure", "and state = 'entered' limit 1")
        proposed = await parts("id", "change", "and state = 'proposed' limit 1")
        spent = await parts("coalesce(sum(amount_fen), 0)::bigint", "expenditure", "and state = 'verified'")
        audit = await parts("accepted_fen", "audit")
        return cls(
            grant,
            [row[0] for row in await parts("id", "grant_line", "order by place")],
            [(row[0], row[1]) for row in await parts("id, state", "milestone", "order by number")],
            entered[0][0] if entered else None,
            proposed[0][0] if proposed else None,
            spent[0][0],
            bool(await parts("1", "appraisal", "and kind = 'final'")),
            audit[0][0] if audit else None,
        )

    @property
    def held(self) -> int:
        """What the organisation has and has not accounted for."""
        return int(self.grant["paid_fen"] - self.grant["refunded_fen"] - self.grant["settled_fen"])

    def next(self, key: str) -> tuple[str, dict[str, Any]]:
        """What comes next in an undisturbed life; of one that is over, a step that is refused."""
        state, own = self.grant["state"], {"id": to_global_id(GRANT, self.grant["id"])}
        if state == "awarded":
            return (
                ("signVentureContract", own) if self.lines else ("prepareVentureContract", self.contract(own))
            )
        if state in ("signed", "suspended"):
            return ("startVentureGrant" if state == "signed" else "resumeVentureGrant"), own
        if self.entered:
            return "verifyVentureExpenditure", {"id": to_global_id(SPENDING, self.entered)}
        if self.proposed:
            return "approveVentureChange", {"id": to_global_id(CHANGE, self.proposed)}
        work = [
            (NEXT_OF_MILESTONE[one], {"id": to_global_id(MILESTONE, row_id)})
            for row_id, one in self.milestones
            if one in NEXT_OF_MILESTONE
        ]
        if state == "active":
            early = work[: max(0, len(work) - 1)] if len(work) > 0 else []
            return self.told(early[0]) if early else ("finishVentureGrant", own)
        if state != "final":
            return "closeVentureGrant", own
        if not self.appraised:
            judged = {"grantId": own["id"], "kind": "FINAL", "score": 80, "summary": "演示"}
            return "appraiseVentureGrant", judged
        if self.accepted is None:
            return "auditVentureGrant", self.audit(own)
        if self.held > self.accepted:
            return "takeBackVentureMoney", self.refund(own, self.held - self.accepted, key)
        if work and (work[0][0] != "payVentureTranche" or self.held < self.accepted):
            return self.told(work[0])
        return "closeVentureGrant", own

    def disturbed(self, chance: random.Random, key: str) -> tuple[str, dict[str, Any]]:
        """Something else than what comes next."""
        own = {"id": to_global_id(GRANT, self.grant["id"])}
        fen = int(self.grant["amount_fen"])
        choices: list[tuple[str, dict[str, Any]]] = [
            (name, {**own, **WHY}) for name in ("suspendVentureGrant", "declineVentureGrant")
        ]
        choices += [
            (name, own) for name in ("closeVentureGrant", "finishVentureGrant", "signVentureContract")
        ]
        accepted = chance.randint(0, min(self.spent, self.held)) if self.spent and self.held > 0 else 0
        choices.append(("terminateVentureGrant", {**own, **WHY, "rule": "演示", "acceptedFen": accepted}))
        choices.append(("takeBackVentureMoney", self.refund(own, chance.randint(1, fen), key)))
        for line in self.lines:
            wanted = {
                "lineId": to_global_id("VentureGrantLine", line),
                "amountFen": chance.randint(1, fen // 2),
            }
            bill = {"spentOn": str(TODAY), "item": "演示", "receiptNumber": key}
            choices += [("enterVentureExpenditure", {**wanted, **bill})] * 3
        for row_id, _state in self.milestones:
            one = {"id": to_global_id(MILESTONE, row_id)}
            choices += [("payVentureTranche", one), ("returnVentureMilestone", {**one, **WHY})]
        if len(self.lines) == 2:
            first = chance.randint(0, fen)
            amounts = zip(self.lines, (first, fen - first), strict=True)
            lines = [
                {"lineId": to_global_id("VentureGrantLine", one), "amountFen": part} for one, part in amounts
            ]
            choices += [("proposeVentureChange", {"grantId": own["id"], "lines": lines, **WHY})] * 2
        return chance.choice(choices)

    def contract(self, own: Mapping[str, Any]) -> dict[str, Any]:
        fen = int(self.grant["amount_fen"])
        shares = ((50, 60), (40, 120), (10, 180))
        return {
            **own,
            "startsOn": str(TODAY),
            "endsOn": str(TODAY + timedelta(days=365)),
            "lines": [{"name": "人员", "amountFen": fen - fen // 3}, {"name": "物资", "amountFen": fen // 3}],
            "milestones": [
                {"title": f"节点{days}", "sharePercent": share, "dueOn": str(TODAY + timedelta(days=days))}
                for share, days in shares
            ],
        }

    def audit(self, own: Mapping[str, Any]) -> dict[str, Any]:
        found = {"auditor": "演示事务所", "reportNumber": "1", "opinion": "演示", "auditedOn": str(TODAY)}
        return {"grantId": own["id"], "acceptedFen": self.spent * 9 // 10, **found}

    def refund(self, own: Mapping[str, Any], fen: int, key: str) -> dict[str, Any]:
        return {**own, "amountFen": fen, "receivedOn": str(TODAY), "basis": f"演示 {key}"}

    @staticmethod
    def told(step: tuple[str, dict[str, Any]]) -> tuple[str, dict[str, Any]]:
        name, values = step
        return name, {**values, "report": "演示"} if name == "submitVentureMilestone" else values


async def work(folder: Path, composition: Any, parent: int, output: int) -> None:
    """Wait for the database, then let the officers work."""
    while not (folder / "facts.json").exists() and os.getppid() == parent:  # noqa: ASYNC110 (another process)
        await asyncio.sleep(PAUSE_S)
    facts = json.loads((folder / "facts.json").read_text())
    secret_key = os.environ["LINLI_SECRET_KEY"]
    database = Database(os.environ["DATABASE_URL"], secret_key=secret_key, vault=Vault(MASTER_KEYS))
    while os.getppid() == parent:
        try:
            opened = await database.__aenter__()
            tenant = await Catalogue(opened).by_slug(facts["slug"])
            break
        except AWAY:
            await asyncio.sleep(PAUSE_S)
    opened.store = DiskStore(folder / "files")
    bench = Bench(opened, composition)
    actors = [bench.actor(facts["permissions"], account_id=UUID(one)) for one in facts["actors"]]
    api = GraphQLBench(bench)
    api.runtime.clock = CLOCK
    office = Office(bench, api, tenant, actors, facts["sources"], UUID(facts["decision"]), output)
    async with asyncio.TaskGroup() as group:
        for name, projects in facts["projects"].items():
            owned = [UUID(one) for one in projects]
            group.create_task(Officer(office, name, owned, folder / f"{name}.jsonl").work(parent))
    await opened.__aexit__(None, None, None)


def main(folder: Path) -> None:
    """Start a child, and another whenever one was killed; a child that fails ends everything."""
    output = os.dup(1)
    os.dup2(2, 1)  # what is logged does not stand among the acknowledgements
    found = [one for one in discover() if one.name in PLUGINS]
    composition = compose(found, interfaces=installed_interfaces(), kernel_version="0.1.0")
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    interface.schema_for(composition.plugin_set(PLUGINS))
    while True:
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            asyncio.run(work(folder, composition, parent, output))
            os._exit(0)
        os.write(output, f"{child}\n".encode())
        _pid, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
