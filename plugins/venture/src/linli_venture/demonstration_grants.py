"""The lives of the demonstration's grants, by the real commands: what each of them has come to by today."""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid5

from linli.plugin import Context, FixedClock, LinliError, demo_id, demo_officer, demo_person, files, rows
from linli_venture.grants import (
    appraising,
    contracts,
    ending,
    milestones,
    objections,
    paying,
    refunding,
    spending,
)
from linli_venture.grants.contracts import LineGiven, MilestoneGiven
from linli_venture.grants.reading import lines_of, milestones_of
from linli_venture.grants.tables import Grant
from linli_venture.grants.terms import AppraisalKind, PaidFrom

APPLICANT: Final = ("venture.own.apply", "venture.call.read", "identity.organisation.read")
# What the grants of each call come to, the best ranked first.
LIVES: Final = {
    "演示:春季公益创投": ("closed", "closed_below", "terminated", "closed"),
    "演示:夏季公益创投": ("midterm", "midterm", "suspended", "overdue"),
    "演示:秋季公益创投": ("signed", "signed", "awarded", "awarded"),
}
_GRANTS: Final = """
select g.* from venture_grant g join venture_call c on c.tenant_id = $1 and c.id = g.call_id
join venture_ranking r on r.tenant_id = $1 and r.proposal_id = g.proposal_id
where g.tenant_id = $1 and c.title = $2 order by r.rank limit 20"""


async def live(ctx: Context, title: str) -> None:
    """Let the grants of a call come to what they are; one that cannot stays where it got to."""
    found = await ctx.db.fetch(_GRANTS, ctx.tenant_id, title)
    for row, life in zip(found, LIVES[title], strict=False):
        grant = rows.from_record(Grant, row)
        with suppress(LinliError):
            async with ctx.db.savepoint():
                await _Life(ctx, grant).come_to(life)


class _Life:
    """A grant on its way, with the people who act on it."""

    def __init__(self, ctx: Context, grant: Grant) -> None:
        self._ctx, self._grant = ctx, grant

    async def come_to(self, life: str) -> None:
        """Take the steps of a life."""
        if life == "awarded":
            return
        await self._contract()
        if life == "signed":
            return
        await contracts.start(self._as("演示负责人", 12), self._grant.id)
        await self._tranche(1, 20)
        if life == "overdue":
            return
        await self._spend((25, 25), 30)
        if life == "suspended":
            reason = "演示:财务资料不完整"
            await ending.suspend(self._as("演示负责人", 40), self._grant.id, reason=reason)
        elif life == "terminated":
            await self._terminate()
        else:
            await self._appraise(AppraisalKind.MIDTERM, 86, 60)
            await self._tranche(2, 65)
        if life.startswith("closed"):
            await self._close(below=life == "closed_below")

    async def _contract(self) -> None:
        fen, day = self._grant.amount_fen, self._as("演示经办人", 8).today()
        await contracts.prepare(
            self._as("演示经办人", 8),
            self._grant.id,
            starts_on=day,
            ends_on=day + timedelta(days=200),
            lines=[LineGiven("人员与服务", fen - fen // 3), LineGiven("活动物资", fen // 3)],
            milestones=[
                MilestoneGiven("启动与首期计划", 50, day + timedelta(days=20)),
                MilestoneGiven("中期报告", 40, day + timedelta(days=90)),
                MilestoneGiven("结项报告", 10, day + timedelta(days=200)),
            ],
        )
        await contracts.sign(self._as("演示负责人", 10), self._grant.id)

    async def _tranche(self, number: int, days: int) -> None:
        milestone = (await milestones_of(self._ctx, self._grant.id))[number - 1]
        reporter = self._as("演示项目官员", days)
        await self._attach(reporter, "venture.evidence", milestone.id)
        await milestones.submit(reporter, milestone.id, report="演示报告")
        await milestones.verify(self._as("演示核实员", days + 2), milestone.id)
        await paying.pay(self._as("演示出纳", days + 4), milestone.id)

    async def _spend(self, percents: Sequence[int], days: int) -> None:
        """Spend so many per cent of each line."""
        for line, percent in zip(await lines_of(self._ctx, self._grant.id), percents, strict=True):
            made = await spending.enter(
                self._as("演示项目官员", days),
                line_id=line.id,
                amount_fen=line.amount_fen * percent // 100,
                spent_on=self._as("演示项目官员", days).today(),
                item=f"演示:{line.name}",
                receipt_number=f"演示票据 {uuid5(line.id, str(days)).hex[:12]}",
            )
            await self._attach(self._as("演示项目官员", days), "venture.receipt", made.id)
            await spending.verify(self._as("演示核实员", days + 1), made.id)

    async def _show_own_funds(self, percent: int, days: int) -> None:
        """Show so many per cent of the own funds that were promised."""
        line = (await lines_of(self._ctx, self._grant.id))[0]
        reporter = self._as("演示项目官员", days)
        made = await spending.enter(
            reporter,
            line_id=line.id,
            amount_fen=self._grant.own_fen * percent // 100,
            spent_on=reporter.today(),
            item="演示:自筹资金支出",
            receipt_number=f"演示票据 {uuid5(line.id, 'own').hex[:12]}",
            paid_from=PaidFrom.OWN_FUNDS,
        )
        await self._attach(reporter, "venture.receipt", made.id)
        await spending.verify(self._as("演示核实员", days + 1), made.id)

    async def _terminate(self) -> None:
        until = self._ctx.today() + timedelta(days=365)
        await ending.terminate(
            self._as("演示负责人", 50),
            self._grant.id,
            reason="演示:未按计划实施",
            rule="演示规则 第 1 版",
            accepted_fen=self._grant.amount_fen // 5,
            barred_until=until,
        )
        await self._object()
        await self._refund(self._grant.amount_fen // 5, 60)

    async def _object(self) -> None:
        """The unit objects to the termination, and somebody else dismisses the objection."""
        then = replace(self._ctx, clock=FixedClock(self._grant.awarded_at + timedelta(days=52)))
        own = demo_person(
            then, demo_id(then, "venture", f"applicant:{self._grant.organisation_id}"), APPLICANT
        )
        objection = await objections.object_to_termination(own, self._grant.id, reason="演示:已补交实施材料")
        await objections.decide(
            self._as("演示复核员", 56), objection.id, upheld=False, reason="演示:补交材料与现场情况不符"
        )

    async def _close(self, *, below: bool) -> None:
        await self._spend((30, 30) if below else (75, 75), 75)
        await self._show_own_funds(60 if below else 100, 76)
        await ending.finish(self._as("演示负责人", 100), self._grant.id)
        await self._appraise(AppraisalKind.FINAL, 78 if below else 93, 105)
        verified = await appraising.verified_spending(self._ctx, self._grant)
        day = self._as("演示审计联络人", 108)
        await appraising.record_audit(
            day,
            grant_id=self._grant.id,
            auditor="演示会计师事务所",
            report_number=f"演审 {self._grant.contract_number or self._grant.id.hex[:8]}",
            accepted_fen=verified,
            opinion="演示:账目清楚",
            audited_on=day.today(),
        )
        last = (await milestones_of(self._ctx, self._grant.id))[-1]
        if below:
            grant = await rows.get(self._ctx, Grant, self._grant.id)
            await self._refund(paying.held(grant) - verified, 112)
            reporter = self._as("演示项目官员", 110)
            await self._attach(reporter, "venture.evidence", last.id)
            await milestones.submit(reporter, last.id, report="演示报告")
            await milestones.verify(self._as("演示核实员", 111), last.id)
        else:
            await self._tranche(3, 110)
        await ending.close(self._as("演示负责人", 118), self._grant.id)

    async def _appraise(self, kind: AppraisalKind, score: int, days: int) -> None:
        judge = self._as("演示评估员", days)
        await appraising.appraise(judge, grant_id=self._grant.id, kind=kind, score=score, summary="演示评语")

    async def _refund(self, fen: int, days: int) -> None:
        day = self._as("演示出纳", days)
        basis = f"演示回单 {days}"
        made = await refunding.take_back(
            day, self._grant.id, amount_fen=fen, received_on=day.today(), basis=basis
        )
        await refunding.confirm(self._as("演示财务", days), made.id)

    async def _attach(self, ctx: Context, kind: str, owner_id: UUID) -> None:
        content = io.BytesIO("演示材料，非真实材料。".encode())
        await files.attach(ctx, content, kind=kind, owner_id=owner_id, name="演示材料.txt")

    def _as(self, name: str, days: int) -> Context:
        """Somebody, so many days after the award."""
        then = self._grant.awarded_at + timedelta(days=days)
        return demo_officer(replace(self._ctx, clock=FixedClock(then)), "venture", name)
