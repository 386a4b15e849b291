"""Whatever happens to grants, in whichever order, and wherever it crashes: the money adds up at every moment.

A life is a list of steps, each one transaction. A step may crash at its n-th statement, or after its commit, when the
client did not hear of it; then it is taken again. After every step all invariants are asked of the database.
"""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from linli.ids import new_id
from linli.plugin import LinliError, files
from linli_venture.grants import (
    appraising,
    changes,
    contracts,
    ending,
    milestones,
    objections,
    paying,
    refunding,
    spending,
)
from linli_venture.grants.changes import LineChange
from linli_venture.grants.contracts import LineGiven, MilestoneGiven
from linli_venture.grants.opening import award
from linli_venture.grants.terms import AppraisalKind, PaidFrom
from linli_venture.money import carrying, sources
from linli_venture.money.terms import GiverKind, SourceKind

Step = tuple[str, int, int, int, int]
ACTIONS = (
    *["advance"] * 12, "spend", "spend", "change", "return", "reject", "suspend", "resume", "refund", "terminate",
    "decline", "award", "award", "receive", "cancel", "later", "lapse", "pay", "verify", "close", "finish",
    "confirm_refund", "reject_refund", "reverse_refund", "object", "uphold", "dismiss",
    "carry", "uncarry", "own",
)  # fmt: skip
TERMS = {"midterm_tranche": 2, "final_tranche": 3}
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS),
        st.integers(0, 2),
        st.integers(0, 2),
        st.integers(0, 100),
        st.integers(-1, 14),  # at which statement it crashes; 0 never, -1 after the commit
    ),
    min_size=20,
    max_size=70,
)
# A grant that is closed with what is unspent, one that is terminated and recovered, one that is declined.
TELLING: list[Step] = [
    ("award", 0, 0, 60, 7), ("award", 1, 0, 40, 0), ("award", 2, 0, 5, -1), ("award", 2, 0, 99, 4),
    *[("advance", 0, 0, 50, crash) for crash in (3, 0, -1, 5, 0, 0, 9, 0, 12)],
    *[("advance", 1, 0, 50, crash) for crash in (0, -1, 0, 0, 0, 11)],
    ("own", 0, 0, 40, 5), ("advance", 0, 0, 50, 0),
    ("spend", 0, 0, 90, 4), ("advance", 0, 0, 50, 7), ("spend", 1, 1, 50, 0), ("change", 0, 0, 60, 8),
    ("decline", 2, 0, 0, 10), ("terminate", 1, 0, 50, 13), ("refund", 1, 0, 30, 0),
    ("confirm_refund", 1, 0, 0, 0), ("object", 1, 0, 0, 7), ("uphold", 1, 0, 0, 21), ("terminate", 1, 0, 50, 9),
    ("object", 1, 0, 0, -1), ("dismiss", 1, 0, 0, 5), ("refund", 1, 0, 50, 6), ("confirm_refund", 1, 0, 0, 9),
    ("reverse_refund", 1, 0, 0, 11), ("refund", 1, 0, 100, -1), ("confirm_refund", 1, 0, 0, 5),
    *[("advance", 0, 0, 80, crash) for crash in (6, -1, 9, 8, 14, 7, 5, 11, 0, 0)],
    ("cancel", 0, 0, 0, 5), ("receive", 0, 0, 70, 6), ("close", 0, 0, 0, 0), ("carry", 0, 0, 30, 8),
    ("carry", 0, 1, 20, -1), ("uncarry", 0, 0, 0, 9),
]  # fmt: skip
SECOND = (
    "sign", "verify", "return", "verify_spending", "reject", "approve", "cancel", "confirm_refund", "reject_refund",
    "uphold", "dismiss", "uncarry",
)  # fmt: skip
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


class Crash(Exception):
    """The process is gone."""


class Crashing:
    """A unit of work that is gone at its n-th statement."""

    def __init__(self, unit: Any, at: int) -> None:
        self._unit, self._left = unit, at

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._unit, name)
        if name not in ("execute", "fetch", "fetchrow", "fetchval"):
            return found

        async def call(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left == 0:
                raise Crash
            return await found(*args, **kwargs)

        return call


class Life:
    """A pool with three sources, and three projects that apply for its money."""

    def __init__(self, story: Any) -> None:
        self.story, self.world = story, story.world
        self.grants: dict[int, UUID] = {}
        self.receipts: list[UUID] = []
        self.carried: list[UUID] = []

    async def set_up(self) -> None:
        self.pool = await self.story.pool()
        fund = {"kind": SourceKind.SPECIAL_FUND, "category": "elderly"}
        self.sources = [
            await self.story.source(self.pool, 20_000, name="助老专项基金", **fund),
            await self.story.source(self.pool, 90_000),
            await self.story.source(self.pool, 0, kind=SourceKind.DONATION, name="社会捐赠"),
        ]
        old = await self.story.pool(title="上年度资金", year=2025)
        self.left = [
            await self.story.source(old, 5_000, name="助老专项基金", **fund),
            await self.story.source(old, 7_000),
        ]
        await self.story.act("closeVenturePool", id=old)
        self.projects = [
            await self.story.project(self.pool, title=f"演示项目{number}", category=category, **terms)
            for number, (category, terms) in enumerate(
                (("elderly", TERMS), ("elderly", {}), ("children", TERMS))
            )
        ]
        self.members = {
            one.proposal.id: await self.world.member(one.organisation_id) for one in self.projects
        }

    async def take(self, step: Step) -> None:
        """Take one step, again where it crashed; a refusal is as good as a success."""
        action, which, number, amount, crash = step
        work = await self._work(action, which, number, amount)
        if work is None:
            return
        for at in (crash, 0):
            with suppress(Crash, LinliError):
                async with self.world.context(self._actor(action)) as ctx:
                    if at > 0:
                        ctx.db = Crashing(ctx.db, at)
                    await work(ctx)
            await self.check()
            if crash == 0:
                break
        await self._remember()

    def _actor(self, action: str) -> Any:
        world = self.world
        if action in SECOND:
            return world.second
        third = ("pay", "reverse_refund")
        others = {"appraise": world.fourth, "audit": world.fourth, **dict.fromkeys(third, world.third)}
        return others.get(action, world.officer)

    async def _work(
        self, action: str, which: int, number: int, amount: int
    ) -> Callable[[Any], Awaitable[Any]] | None:
        if action == "later":
            self.world.clock.advance(timedelta(days=amount))
            return None
        if action == "receive":
            return lambda ctx: sources.receive(
                ctx, source_id=self.sources[number], giver_kind=GiverKind.GOVERNMENT, giver="演示财政局",
                amount_fen=1 + 100 * amount, received_on=ctx.today(), basis=f"演示 {new_id()}",
            )  # fmt: skip
        if action == "cancel":
            if not self.receipts:
                return None
            receipt = self.receipts[number % len(self.receipts)]
            return lambda ctx: sources.cancel(ctx, receipt, reason="试")
        if action == "carry":
            return lambda ctx: carrying.carry_over(
                ctx, source_id=self.left[number % 2], pool_id=self.pool, basis=f"演示 {new_id()}", reason="试",
                amount_fen=1 + 100 * amount,
            )  # fmt: skip
        if action == "uncarry":
            if not self.carried:
                return None
            carried = self.carried[number % len(self.carried)]
            return lambda ctx: carrying.cancel(ctx, carried, reason="试")
        if action == "award":
            project = self.projects[which]
            return lambda ctx: award(
                ctx, call=project.call, proposal=project.proposal, amount_fen=100 + 1_001 * amount,
                decision_id=project.decision.id,
            )  # fmt: skip
        grant = self.grants.get(which)
        return await self._on_grant(action, grant, number, amount) if grant else None

    async def _on_grant(
        self, action: str, grant: UUID, number: int, amount: int
    ) -> Callable[[Any], Awaitable[Any]] | None:
        if action == "advance":
            action, number = await self._next(grant)
        self._chosen = action
        parts = await self._parts(grant)
        milestone = parts["milestones"][number] if number < len(parts["milestones"]) else None
        if action in ("submit", "verify", "return", "pay", "lapse") and milestone is None:
            return None
        fen = int(parts["amount_fen"]) * amount // 100
        works: dict[str, Callable[[Any], Awaitable[Any]]] = {
            "prepare": lambda ctx: self._prepare(ctx, grant, parts["amount_fen"]),
            "sign": lambda ctx: contracts.sign(self._as(ctx, "sign"), grant),
            "start": lambda ctx: contracts.start(ctx, grant),
            "decline": lambda ctx: contracts.decline(ctx, grant, reason="试"),
            "submit": lambda ctx: self._submit(ctx, milestone),
            "verify": lambda ctx: milestones.verify(self._as(ctx, "verify"), milestone),
            "return": lambda ctx: milestones.send_back(ctx, milestone, reason="试"),
            "lapse": lambda ctx: milestones.lapse(ctx, milestone),
            "pay": lambda ctx: paying.pay(self._as(ctx, "pay"), milestone),
            "spend": lambda ctx: self._spend(ctx, parts["lines"][number % 2], max(1, fen // 2)),
            "own": lambda ctx: self._spend(ctx, parts["lines"][number % 2], max(1, fen), PaidFrom.OWN_FUNDS),
            "reject": lambda ctx: spending.reject(ctx, parts["entered"], reason="试"),
            "verify_spending": lambda ctx: spending.verify(self._as(ctx, "verify"), parts["entered"]),
            "change": lambda ctx: self._change(ctx, grant, parts, amount),
            "suspend": lambda ctx: ending.suspend(ctx, grant, reason="试"),
            "resume": lambda ctx: ending.resume(ctx, grant),
            "finish": lambda ctx: ending.finish(ctx, grant),
            "appraise": lambda ctx: self._appraise(ctx, grant, AppraisalKind.FINAL, amount),
            "appraise_midterm": lambda ctx: self._appraise(ctx, grant, AppraisalKind.MIDTERM, amount),
            "audit": lambda ctx: self._audit(ctx, grant, parts["spent"] * amount // 100),
            "refund": lambda ctx: self._refund(ctx, grant, parts["held"] * amount // 100),
            "confirm_refund": lambda ctx: refunding.confirm(self._as(ctx, "confirm_refund"), parts["waiting"]),
            "reject_refund": lambda ctx: refunding.reject(ctx, parts["waiting"], reason="试"),
            "reverse_refund": lambda ctx: refunding.reverse(ctx, parts["confirmed"], reason="试"),
            "object": lambda ctx: objections.object_to_termination(
                self._by(ctx, self.members[parts["proposal_id"]]), grant, reason="试"
            ),
            "uphold": lambda ctx: objections.decide(ctx, parts["objection"], upheld=True, reason="试"),
            "dismiss": lambda ctx: objections.decide(ctx, parts["objection"], upheld=False, reason="试"),
            "close": lambda ctx: ending.close(ctx, grant),
            "terminate": lambda ctx: ending.terminate(
                ctx, grant, reason="试", rule="试", accepted_fen=min(parts["spent"], parts["held"]) * amount // 100
            ),
        }  # fmt: skip
        part = {
            "reject": "entered", "verify_spending": "entered", "confirm_refund": "waiting", "reject_refund": "waiting",
            "reverse_refund": "confirmed", "uphold": "objection", "dismiss": "objection",
        }.get(action)  # fmt: skip
        if part is not None and parts[part] is None:
            return None
        return works[action]

    def _as(self, ctx: Any, action: str) -> Any:
        return self._by(ctx, self._actor(action))

    def _by(self, ctx: Any, actor: Any) -> Any:
        ctx.actor = actor
        return ctx

    async def _parts(self, grant: UUID) -> dict[str, Any]:
        row = await self.world.row("venture_grant", grant)
        ids = "where tenant_id = $1 and grant_id = $2"
        one = await self.world.rows(f"select id from venture_milestone {ids} order by number", grant)
        two = await self.world.rows(f"select id from venture_grant_line {ids} order by place", grant)
        spent = (
            f"select coalesce(sum(amount_fen), 0)::bigint from venture_expenditure {ids} and {_FROM_GRANT}"
        )
        entered = f"select id from venture_expenditure {ids} and state = 'entered' limit 1"
        refund = f"select id from venture_refund {ids} and state = '{{}}' order by id limit 1"
        objection = f"select id from venture_termination_objection {ids} and state = 'raised'"
        return {
            **dict(row),
            "waiting": await self.world.value(refund.format("recorded"), grant),
            "confirmed": await self.world.value(refund.format("confirmed"), grant),
            "objection": await self.world.value(objection, grant),
            "milestones": [found["id"] for found in one],
            "lines": [found["id"] for found in two] or [new_id(), new_id()],
            "spent": await self.world.value(spent, grant),
            "entered": await self.world.value(entered, grant),
            "held": row["paid_fen"] - row["refunded_fen"] - row["settled_fen"],
        }

    async def _next(self, grant: UUID) -> tuple[str, int]:
        """What comes next in an undisturbed life."""
        row = await self.world.row("venture_grant", grant)
        if row["state"] in ("awarded", "signed", "suspended"):
            ready = "prepare" if row["starts_on"] is None else "sign"
            return {"awarded": ready, "signed": "start", "suspended": "resume"}[row["state"]], 0
        parts = await self._parts(grant)
        if parts["entered"]:
            return "verify_spending", 0
        if parts["waiting"]:
            return "confirm_refund", 0
        states = await self.world.rows(
            "select state from venture_milestone where tenant_id = $1 and grant_id = $2 order by number",
            grant,
        )
        todo = {
            "planned": "submit",
            "returned": "submit",
            "overdue": "submit",
            "evidence": "verify",
            "verified": "pay",
        }
        work = [(todo[one["state"]], place) for place, one in enumerate(states) if one["state"] in todo]
        appraisals = await self.world.rows(
            "select kind, grade <> 'unqualified' as passed from venture_appraisal"
            " where tenant_id = $1 and grant_id = $2",
            grant,
        )
        passed = {one["kind"] for one in appraisals if one["passed"]}
        if row["state"] == "active":
            found = next((one for one in work if one[1] < len(states) - 1), ("finish", 0))
            return ("appraise_midterm", 0) if found == ("pay", 1) and not passed else found
        audited = await self.world.value(
            "select count(*) from venture_audit where tenant_id = $1 and grant_id = $2", grant
        )
        appraised = any(one["kind"] == "final" for one in appraisals)
        if not appraised or not audited:
            return ("audit" if appraised else "appraise"), 0
        accepted = await self.world.value(
            "select accepted_fen from venture_audit where tenant_id = $1 and grant_id = $2", grant
        )
        if parts["held"] > accepted:
            return "refund", 0
        if parts["held"] == accepted or "final" not in passed:
            work = [one for one in work if one[0] != "pay"]
        return work[0] if work else ("close", 0)

    async def _prepare(self, ctx: Any, grant: UUID, fen: int) -> None:
        lines = [LineGiven("人员", fen - fen // 3), LineGiven("物资", fen // 3)]
        day = ctx.today()
        shares = [
            MilestoneGiven(f"节点{place}", share, day + timedelta(days=60 * place))
            for place, share in enumerate((50, 40, 10), start=1)
        ]
        until = day + timedelta(days=4_000)
        await contracts.prepare(ctx, grant, starts_on=day, ends_on=until, lines=lines, milestones=shares)

    async def _submit(self, ctx: Any, milestone: UUID) -> None:
        content = io.BytesIO("演示材料".encode())
        await files.attach(ctx, content, kind="venture.evidence", owner_id=milestone, name="材料.txt")
        await milestones.submit(ctx, milestone, report="试")

    async def _spend(self, ctx: Any, line: UUID, fen: int, paid_from: PaidFrom = PaidFrom.GRANT) -> None:
        made = await spending.enter(
            ctx, line_id=line, amount_fen=fen, spent_on=ctx.today(), item="试", receipt_number=str(new_id()),
            paid_from=paid_from,
        )  # fmt: skip
        content = io.BytesIO("演示票据".encode())
        await files.attach(ctx, content, kind="venture.receipt", owner_id=made.id, name="票据.txt")

    async def _change(self, ctx: Any, grant: UUID, parts: dict[str, Any], amount: int) -> None:
        first = parts["amount_fen"] * amount // 100
        given = [
            LineChange(parts["lines"][0], first),
            LineChange(parts["lines"][1], parts["amount_fen"] - first),
        ]
        made = await changes.propose(ctx, grant_id=grant, reason="试", lines=given)
        await changes.approve(self._as(ctx, "approve"), made.id)

    async def _appraise(self, ctx: Any, grant: UUID, kind: AppraisalKind, amount: int) -> None:
        """One in five is not passed."""
        score = 50 + amount // 2
        await appraising.appraise(
            self._as(ctx, "appraise"), grant_id=grant, kind=kind, score=score, summary="试"
        )

    async def _audit(self, ctx: Any, grant: UUID, fen: int) -> None:
        await appraising.record_audit(
            self._as(ctx, "audit"), grant_id=grant, auditor="演示事务所", report_number="1", accepted_fen=fen,
            opinion="试", audited_on=ctx.today(),
        )  # fmt: skip

    async def _refund(self, ctx: Any, grant: UUID, fen: int) -> None:
        row = await self.world.row("venture_grant", grant)
        audit = await self.world.value(
            "select accepted_fen from venture_audit where tenant_id = $1 and grant_id = $2", grant
        )
        held = row["paid_fen"] - row["refunded_fen"] - row["settled_fen"]
        due = held - audit if audit is not None and row["state"] == "final" else fen
        await refunding.take_back(
            ctx, grant, amount_fen=due, received_on=ctx.today(), basis=f"演示 {new_id()}"
        )

    async def _remember(self) -> None:
        found = await self.world.rows(
            "select id, proposal_id from venture_grant where tenant_id = $1 order by awarded_at, id"
        )
        for row in found:
            which = next(
                place for place, one in enumerate(self.projects) if one.proposal.id == row["proposal_id"]
            )
            self.grants[which] = row["id"]
        found = await self.world.rows("select id from venture_receipt where tenant_id = $1 order by id")
        self.receipts = [row["id"] for row in found]
        found = await self.world.rows("select id from venture_carry_over where tenant_id = $1 order by id")
        self.carried = [row["id"] for row in found]

    async def check(self) -> None:
        """Ask for every row that breaks an invariant."""
        for rule, sql in BROKEN.items():
            assert await self.world.rows(sql) == [], rule


_FROM_GRANT, _OWN = (f"paid_from = '{one}' and state = 'verified'" for one in PaidFrom)
_SUM = "(select coalesce(sum({}), 0) from {} where tenant_id = $1 and {})"
_VERIFIED = "grant_id = g.id and state in ('verified', 'paid')"
_COUNTED = "grant_id = g.id and state = 'confirmed'"
_RESERVED = "amount_fen - paid_fen - released_fen"
# Each gives the rows that break a rule.
BROKEN = {
    "paid <= verified <= grant": """
        select id from venture_grant where tenant_id = $1
            and not (0 <= paid_fen and paid_fen <= verified_fen and verified_fen <= amount_fen)""",
    "a grant's sums are those of its parts": f"""
        select id from venture_grant g where tenant_id = $1 and (
            paid_fen <> {_SUM.format("amount_fen", "venture_payment", "grant_id = g.id")}
            or refunded_fen <> {_SUM.format("amount_fen", "venture_refund", _COUNTED)}
            or own_shown_fen <> {_SUM.format("amount_fen", "venture_expenditure", f"grant_id = g.id and {_OWN}")}
            or verified_fen <> {_SUM.format("amount_fen", "venture_milestone", _VERIFIED)}
            or amount_fen <> {_SUM.format("amount_fen", "venture_allocation", "grant_id = g.id")}
            or paid_fen <> {_SUM.format("paid_fen", "venture_allocation", "grant_id = g.id")}
            or released_fen <> {_SUM.format("released_fen", "venture_allocation", "grant_id = g.id")}
            or refunded_fen <> {_SUM.format("refunded_fen", "venture_allocation", "grant_id = g.id")})""",
    "grants <= pool": f"""
        select id from venture_pool p where tenant_id = $1
            and {_SUM.format("amount_fen - released_fen - refunded_fen", "venture_grant", "pool_id = p.id")}
                > {_SUM.format("amount_fen", "venture_receipt", "pool_id = p.id and state = 'posted'")}
                + {_SUM.format("amount_fen", "venture_carry_over", "to_pool_id = p.id and state = 'posted'")}
                - {_SUM.format("amount_fen", "venture_carry_over", "from_pool_id = p.id and state = 'posted'")}""",
    "a source has what came in, less what grants took": f"""
        select s.id from venture_source s
        join ledger_account f on f.tenant_id = $1 and f.id = s.fund_account_id
        join ledger_account i on i.tenant_id = $1 and i.id = s.given_account_id
        where s.tenant_id = $1 and (
            -i.available <> {_SUM.format("amount_fen", "venture_receipt", "source_id = s.id and state = 'posted'")}
            or f.reserved <> {_SUM.format(_RESERVED, "venture_allocation", "source_id = s.id")}
            or f.available + f.reserved <> -i.available
                + {_SUM.format("amount_fen", "venture_carry_over", "to_source_id = s.id and state = 'posted'")}
                - {_SUM.format("amount_fen", "venture_carry_over", "from_source_id = s.id and state = 'posted'")}
                - {_SUM.format("paid_fen - refunded_fen", "venture_allocation", "source_id = s.id")})""",
    "pools and what grants hold and settled = sources": """
        select role from ledger_account where tenant_id = $1 and role like 'venture_%'
            and (select sum(available + reserved) from ledger_account
                where tenant_id = $1 and role like 'venture_%') <> 0""",
    "a grantee holds what was paid, less what came back or was settled": """
        select g.id from venture_grant g join ledger_account a on a.tenant_id = $1 and a.id = g.account_id
        where g.tenant_id = $1 and a.available <> g.paid_fen - g.refunded_fen - g.settled_fen""",
    "what is carried over stays bound as it was": """
        select c.id from venture_carry_over c
        join venture_source s on s.tenant_id = $1 and s.id = c.from_source_id
        join venture_source t on t.tenant_id = $1 and t.id = c.to_source_id
        where c.tenant_id = $1 and (s.kind, s.category, s.terms) <> (t.kind, t.category, t.terms)""",
    "restricted money serves its purpose only": """
        select a.id from venture_allocation a
        join venture_source s on s.tenant_id = $1 and s.id = a.source_id
        join venture_grant g on g.tenant_id = $1 and g.id = a.grant_id
        where a.tenant_id = $1 and s.category not in ('', g.category)""",
    "closing releases exactly what is unspent": """
        select g.id from venture_grant g left join venture_audit u on u.tenant_id = $1 and u.grant_id = g.id
        join venture_call c on c.tenant_id = $1 and c.id = g.call_id
        where g.tenant_id = $1 and g.state = 'closed'
            and (g.released_fen + g.refunded_fen <> g.amount_fen - g.settled_fen or not coalesce(
                g.settled_fen = u.accepted_fen or (g.settled_fen < u.accepted_fen and c.final_tranche > 0
                    and not exists (select 1 from venture_appraisal a where a.tenant_id = $1 and a.grant_id = g.id
                        and a.kind = 'final' and a.grade <> 'unqualified')), false))""",
    "a tranche is paid once the appraisal was passed that it waits for": """
        select p.id from venture_payment p
        join venture_milestone m on m.tenant_id = $1 and m.id = p.milestone_id
        join venture_grant g on g.tenant_id = $1 and g.id = p.grant_id
        join venture_call c on c.tenant_id = $1 and c.id = g.call_id
        left join (select grant_id, bool_or(kind = 'final') as final from venture_appraisal
            where tenant_id = $1 and grade <> 'unqualified' group by grant_id) a on a.grant_id = g.id
        where p.tenant_id = $1 and (c.midterm_tranche between 1 and m.number and a.grant_id is null
            or c.final_tranche between 1 and m.number and a.final is not true)""",
    "a project is funded once": """
        select project_digest from venture_grant
        where tenant_id = $1 and state not in ('declined', 'terminated')
        group by project_digest having count(*) > 1""",
    "each entry leads to a decision and a person": """
        select e.id from ledger_entry e
        left join venture_receipt r on r.tenant_id = $1 and r.id = e.source_id and e.source_table = 'venture_receipt'
        left join venture_carry_over k on k.tenant_id = $1 and k.id = e.source_id and k.basis <> ''
        left join venture_payment p on p.tenant_id = $1 and p.id = e.source_id and e.source_table = 'venture_payment'
        left join venture_refund b on b.tenant_id = $1 and b.id = e.source_id and e.source_table = 'venture_refund'
        left join venture_termination_objection o on o.tenant_id = $1 and o.id = e.source_id
        left join venture_grant g on g.tenant_id = $1
            and g.id = coalesce(p.grant_id, b.grant_id, o.grant_id, e.source_id)
        left join venture_decision d on d.tenant_id = $1 and d.id = g.decision_id
        where e.tenant_id = $1 and (e.actor_id is null or (r.id is null and d.id is null and k.id is null)
            or coalesce(r.recorded_by, k.carried_by, p.paid_by, b.recorded_by, o.decided_by, g.awarded_by) is null)""",
}  # fmt: skip


@settings(max_examples=12, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
@example(steps=TELLING)
async def test_the_money_adds_up_at_every_moment(make_story: Any, steps: list[Step]) -> None:
    life = Life(await make_story())
    await life.set_up()
    for step in steps:
        await life.take(step)
    await life.world.books_agree()
    if steps is TELLING:
        states = await life.world.rows("select state from venture_grant where tenant_id = $1 order by state")
        assert [row["state"] for row in states] == ["closed", "declined", "terminated"]
        objections_of = "select state from venture_termination_objection where tenant_id = $1 order by id"
        decided = [row["state"] for row in await life.world.rows(objections_of)]
        assert decided == ["upheld", "dismissed"]
        undone = "select state from venture_refund where tenant_id = $1 order by id"
        found = {row["state"] for row in await life.world.rows(undone)}
        assert found == {"repaid", "reversed", "confirmed"}
