"""Whatever is reserved, issued, handed out, given, taken back or late: points, money and stock add up."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from linli_points import redemptions, transfers
from linli_points.terms import TransferPurpose

Step = tuple[str, int, int, int]
GIVEN = 60
STOCK = 4
ACTIONS = (
    "reserve", "reserve", "issue", "fulfil", "cancel", "lapse", "offer", "offer", "accept", "decline", "take_back",
    "post", "post_due", "later", "adjust", "stock",
)  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(ACTIONS), st.integers(0, 4), st.integers(0, 4), st.integers(1, 30)),
    min_size=10,
    max_size=40,
)
# Everything that can come of a voucher and a transfer, so that no run of this test is without it.
TELLING: list[Step] = [
    ("reserve", 0, 0, 3), ("reserve", 1, 0, 3), ("reserve", 3, 1, 3), ("reserve", 2, 0, 3),
    ("issue", 0, 0, 1), ("issue", 1, 0, 1), ("fulfil", 0, 0, 1), ("fulfil", 0, 0, 1), ("cancel", 1, 0, 1),
    ("offer", 0, 1, 20), ("offer", 1, 3, 10), ("offer", 2, 4, 5), ("offer", 3, 0, 7),
    ("accept", 0, 0, 1), ("accept", 1, 0, 1), ("decline", 2, 0, 1), ("take_back", 1, 0, 1), ("accept", 3, 0, 1),
    ("post", 0, 0, 1), ("later", 0, 0, 30), ("post", 0, 0, 1), ("post", 0, 0, 1), ("post_due", 3, 0, 1),
    *[("later", 0, 0, 30)] * 24, ("lapse", 2, 0, 1), ("lapse", 2, 0, 1), ("lapse", 3, 0, 1),
]  # fmt: skip
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
HELD = {"reserved", "issued"}
OPEN = {"offered", "accepted"}


class Scene:
    """Two people and a third of one household, the household, a charity; two rewards and a pool for a few."""

    def __init__(self, story: Any, refused: Any) -> None:
        self.story, self.world, self.refused = story, story.world, refused
        self.vouchers: list[UUID] = []
        self.transfers: list[UUID] = []
        self.added_fen = 0
        self.added_stock = 0

    async def set_up(self) -> None:
        world = self.world
        people = [await world.person(f"演示{number}", points=GIVEN) for number in range(3)]
        home = await world.household(*people, points=GIVEN)
        self.parties = [*people, home, await world.unit(points=GIVEN)]
        self.pool = await self.story.pool(area_id=world.area.id, residents=20)  # 3,000 fen
        self.rewards = [
            await self.story.reward(area_id=world.area.id, points=7, value_fen=900, stock=STOCK),
            await self.story.reward(area_id=world.area.id, points=5),
        ]

    async def take(self, step: Step) -> None:
        """Take one step, twice where that must change nothing; a refusal is as good as a success."""
        action, one, other, amount = step
        again = (
            2 if action in ("fulfil", "cancel", "lapse", "decline", "take_back", "post", "post_due") else 1
        )
        for _ in range(again):
            with suppress(self.refused):
                await self._step(action, one, other, amount)

    async def _step(self, action: str, one: int, other: int, amount: int) -> None:
        act, world = self.story.act, self.world
        if action == "reserve":
            reward = self.rewards[other % 2]
            made = await self.story.reserved(self.parties[one], reward, quantity=1 + amount % 3)
            self.vouchers.append(made)
        elif action == "offer":
            purpose = list(TransferPurpose)[1 if other == 4 else 0]
            giver = self.parties[one]
            made = await self.story.offered(
                giver, self.parties[other], amount, purpose=purpose, actor=world.officer
            )
            self.transfers.append(made)
        elif action == "later":
            world.clock.advance(timedelta(hours=amount))
        elif action == "adjust":
            amount_fen = (amount - 15) * 100
            await act("adjustPointsPool", id=self.pool, amount_fen=amount_fen, reason="试")
            self.added_fen += amount_fen
        elif action == "stock":
            await act("changePointsRewardStock", id=self.rewards[0], by=amount % 5 - 2)
            self.added_stock += amount % 5 - 2
        elif action in ("issue", "fulfil", "cancel", "lapse"):
            if self.vouchers:
                await self._voucher(action, self.vouchers[one % len(self.vouchers)])
        elif self.transfers:
            await self._transfer(action, self.transfers[one % len(self.transfers)])

    async def _voucher(self, action: str, voucher: UUID) -> None:
        if action == "lapse":
            async with self.world.context() as ctx:
                await redemptions.lapse(ctx, voucher)
        elif action == "fulfil":
            await self.story.fulfilled(voucher)
        else:
            reason = {"reason": "试"} if action == "cancel" else {}
            await self.story.act(f"{action}PointsRedemption", id=voucher, **reason)

    async def _transfer(self, action: str, transfer: UUID) -> None:
        if action == "post_due":
            async with self.world.context() as ctx:
                await transfers.post_due(ctx, transfer)
            return
        name = {"take_back": "cancel"}.get(action, action)
        reason = {"reason": "试"} if name == "cancel" else {}
        await self.story.act(f"{name}PointsTransfer", self.world.checker, id=transfer, **reason)

    async def check(self) -> set[str]:
        """Look at all that there is; gives the states that vouchers and transfers came to."""
        world = self.world
        vouchers = [await world.row("points_redemption", one) for one in self.vouchers]
        given = [await world.row("points_transfer", one) for one in self.transfers]
        for party in self.parties:
            own = [one for one in vouchers if one["participant_id"] == party.id]
            sent = [one for one in given if one["from_participant_id"] == party.id]
            got = [one for one in given if one["to_participant_id"] == party.id and one["state"] == "posted"]
            reserved = points(own, HELD) + points(sent, OPEN)
            total = GIVEN - points(own, {"fulfilled"}) - points(sent, {"posted"}) + points(got, {"posted"})
            assert await world.balance(party) == (total - reserved, reserved)
            assert total >= reserved >= 0
        held = sum(one["value_fen"] for one in vouchers if one["state"] in HELD)
        spent = sum(one["value_fen"] for one in vouchers if one["state"] == "fulfilled")
        assert await world.money(self.pool) == (3_000 + self.added_fen - held - spent, held)
        taken = sum(
            one["quantity"]
            for one in vouchers
            if one["reward_id"] == self.rewards[0] and one["state"] in HELD | {"fulfilled"}
        )
        left = (await world.row("points_reward", self.rewards[0]))["stock"]
        assert left == STOCK + self.added_stock - taken
        assert await world.role("points_redeemed") == points(vouchers, {"fulfilled"})
        assert await world.role("points_spent") == spent
        await world.books_agree()
        return {one["state"] for one in (*vouchers, *given)}


@settings(max_examples=20, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
@example(steps=TELLING)
async def test_after_any_history_everything_adds_up(make_story: Any, refused: Any, steps: list[Step]) -> None:
    scene = Scene(await make_story(), refused)
    await scene.set_up()
    for step in steps:
        await scene.take(step)
    states = await scene.check()
    if steps is TELLING:
        assert states == {"fulfilled", "cancelled", "lapsed", "posted", "declined"}


def points(found: list[Any], states: set[str]) -> int:
    return sum(one["points"] for one in found if one["state"] in states)
