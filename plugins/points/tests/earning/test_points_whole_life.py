"""Claims, redemptions, transfers, reversals, cancellations, replays and crashes in any order: the books agree."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import ledger
from linli.context import Context
from linli.ledger.verify import verify
from linli.plugin import LinliError
from linli_graphql.ids import from_global_id, to_global_id
from linli_points import claims, decisions, posting, redemptions, rewards, transfers
from linli_points.evidence import EvidenceGiven

ACTIONS = (
    "award",
    "award",
    "award",
    "reverse",
    "reserve",
    "issue",
    "fulfil",
    "cancel",
    "offer",
    "accept",
    "post",
)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(ACTIONS), st.integers(0, 7), st.integers(1, 9), st.sampled_from([False, False, True])
    ),
    min_size=5,
    max_size=25,
)
# Everything that can come of it, so that no run is without it.
TELLING = [
    ("award", 0, 9, False), ("award", 0, 9, True), ("award", 1, 9, False), ("reserve", 0, 1, False),
    ("issue", 0, 1, False), ("fulfil", 0, 1, True), ("fulfil", 0, 1, False), ("reserve", 1, 1, False),
    ("cancel", 1, 1, False),
    ("offer", 0, 5, False), ("accept", 0, 1, False), ("post", 0, 1, True), ("post", 0, 1, False),
    ("reverse", 1, 1, False),
]  # fmt: skip
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
Work = Callable[[Context], Awaitable[Any]]


class Crash(Exception):
    """The process ends before it commits."""


class Life:
    """Two of one household and what they did; each step is a transaction, which may crash."""

    def __init__(self, desk: Any) -> None:
        self.desk = desk
        self.made: dict[str, list[UUID]] = {"claims": [], "vouchers": [], "gifts": []}
        self.serial = 0

    async def set_up(self) -> None:
        desk = self.desk
        people = [await desk.person(), await desk.person("演示李四")]
        home = await desk.household(*people)
        joined = [await desk.participant(one) for one in people]
        joined.append(await desk.call("joinPoints", householdId=to_global_id("Household", home)))
        self.parties = [from_global_id(one)[1] for one in joined]
        async with desk.context() as ctx:
            reward = await rewards.create(
                ctx, area_id=None, name="演示奖品", kind="honour", points=4, value_fen=0, stock=5
            )
            await rewards.offer(ctx, reward.id)
        self.reward_id = reward.id
        self.rule_id = from_global_id(desk.rules["clean_up"])[1]

    async def take(self, action: str, which: int, amount: int, *, crash: bool) -> None:
        """Take a step; a refusal is as good as a success, and after a crash nothing of it may be left."""
        work = self._work(action, which, amount)
        if work is None:
            return
        with suppress(LinliError, Crash):
            async with self.desk.context() as ctx:
                made = await work(ctx)
                if crash:
                    raise Crash
            if made is not None:
                self.made[made[0]].append(made[1])

    def _work(self, action: str, which: int, amount: int) -> Work | None:
        if action == "award":
            return lambda ctx: self._award(ctx, self.parties[which % 2], amount)
        if action == "reserve":
            return lambda ctx: self._reserve(ctx, self.parties[which % 3])
        if action == "offer":
            return lambda ctx: self._offer(ctx, which, amount)
        kind = {"reverse": "claims", "accept": "gifts", "post": "gifts"}.get(action, "vouchers")
        if not (rows := self.made[kind]):
            return None
        return lambda ctx: self._turn(ctx, action, rows[which % len(rows)])

    async def _award(self, ctx: Context, participant_id: UUID, quantity: int) -> tuple[str, UUID]:
        self.serial += 1
        evidence = [EvidenceGiven("reference", f"照片 {self.serial}")]
        claim = await claims.draft(
            self._as(ctx, self.desk.clerk),
            participant_id=participant_id,
            rule_id=self.rule_id,
            activity=f"清洁日 {self.serial}",
            activity_day=ctx.today(),
            quantity=quantity,
            given_evidence=evidence,
        )
        await claims.submit(self._as(ctx, self.desk.clerk), claim.id)
        await decisions.verify(self._as(ctx, self.desk.verifier), claim.id)
        confirmed = await decisions.confirm(self._as(ctx, self.desk.confirmer), claim.id)
        await posting.award(ctx, confirmed, "posted")
        return "claims", claim.id

    async def _reserve(self, ctx: Context, participant_id: UUID) -> tuple[str, UUID]:
        made = await redemptions.reserve(ctx, participant_id=participant_id, reward_id=self.reward_id)
        return "vouchers", made.id

    async def _offer(self, ctx: Context, which: int, points: int) -> tuple[str, UUID]:
        one, other = self.parties[which % 3], self.parties[(which + 1) % 3]
        made = await transfers.offer(
            self._as(ctx, replace(self.desk.clerk, grants=self._all())),
            from_participant_id=one,
            to_participant_id=other,
            points=points,
            purpose="household",
        )
        return "gifts", made.id

    async def _turn(self, ctx: Context, action: str, row_id: UUID) -> None:
        if action == "reverse":
            await posting.reverse(ctx, row_id, reason="试")
        elif action == "issue":
            await redemptions.issue(ctx, row_id)
        elif action == "cancel":
            await redemptions.cancel(ctx, row_id, reason="试")
        elif action == "fulfil":
            sql = "select number from points_redemption where tenant_id = $1 and id = $2"
            number = await ctx.db.fetchval(sql, ctx.tenant_id, row_id)
            judge = replace(self.desk.judge, grants=self._all())
            await redemptions.fulfil(self._as(ctx, judge), number=number)
        elif action == "accept":
            await transfers.accept(self._as(ctx, replace(self.desk.judge, grants=self._all())), row_id)
        else:
            later = replace(ctx, clock=type(self.desk.clock)(ctx.now() + timedelta(hours=25)))
            await transfers.post(later, row_id)

    def _all(self) -> Any:
        return self.desk.bench.actor(self.desk.bench.composition.plugin_set(["points"]).permissions).grants

    @staticmethod
    def _as(ctx: Context, actor: Any) -> Context:
        return replace(ctx, actor=actor)


async def test_everything_can_come_of_it(desk: Any) -> None:
    life = Life(desk)
    await life.set_up()
    for action, which, amount, crash in TELLING:
        await life.take(action, which, amount, crash=crash)
    async with desk.context() as ctx:
        found = {
            f"{table} {row['state']}"
            for table in ("claim", "redemption", "transfer")
            for row in await ctx.db.fetch(
                f"select state from points_{table} where tenant_id = $1", ctx.tenant_id
            )
        }
    assert found == {
        "claim posted", "claim reversed", "redemption fulfilled", "redemption cancelled", "transfer posted",
    }  # fmt: skip


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
async def test_the_books_agree_after_any_life(desk: Any, steps: list[tuple[str, int, int, bool]]) -> None:
    life = Life(desk)
    await life.set_up()
    for action, which, amount, crash in steps:
        await life.take(action, which, amount, crash=crash)
    async with desk.context() as ctx:
        assert (await ledger.trial_balance(ctx, ledger.Unit.POINTS)).total == 0
        sql = "select count(*) from points_claim where tenant_id = $1 and state = 'posted'"
        posted = await ctx.db.fetchval(sql, ctx.tenant_id)
        entries = "select count(*) from ledger_entry where tenant_id = $1 and kind = 'points.claim_posted'"
        undone = "select count(*) from ledger_entry where tenant_id = $1 and kind = 'points.claim_reversed'"
        assert (
            await ctx.db.fetchval(entries, ctx.tenant_id) - await ctx.db.fetchval(undone, ctx.tenant_id)
            == posted
        )
        low = "select min(least(available, reserved)) from ledger_account where tenant_id = $1 and role = $2"
        assert await ctx.db.fetchval(low, ctx.tenant_id, "points_holder") >= 0
    assert (await verify(desk.bench.database, desk.tenant)).problems == []
