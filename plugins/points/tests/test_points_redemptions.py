"""Redemptions: set aside, issued, handed out by somebody else; or taken back, with exactly what was held."""

from __future__ import annotations

import asyncio
import json
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.ids import new_id
from linli_points.states import REDEMPTION

MUTATIONS = {
    "issue": "issuePointsRedemption",
    "fulfil": "fulfilPointsRedemption",
    "cancel": "cancelPointsRedemption",
}


async def test_a_voucher_is_requested_issued_and_handed_in(story: Any) -> None:
    world = story.world
    someone, pool = await world.person(points=100), await story.pool()
    reward = await story.reward(points=15, value_fen=600, stock=5)
    made = await story.reserved(someone, reward, someone.actor, quantity=2)
    assert await world.balance(someone) == (70, 30)
    assert await world.money(pool) == (13_800, 1_200)
    assert (await world.row("points_reward", reward))["stock"] == 3
    await story.act("issuePointsRedemption", id=made)
    assert await story.fulfilled(made) == made
    assert await world.balance(someone) == (70, 0)
    assert await world.money(pool) == (13_800, 0)
    assert (await world.role("points_redeemed"), await world.role("points_spent")) == (30, 1_200)
    row = await world.row("points_redemption", made)
    assert (row["state"], row["points"], row["value_fen"], row["quantity"]) == ("fulfilled", 30, 1_200, 2)
    assert (row["area_id"], row["person_id"]) == (world.area.id, someone.person_id)
    assert row["fulfilled_by"] == world.checker.id
    await world.books_agree()


async def test_the_handing_out_is_told_once(quick: Any, refused: Any) -> None:
    world = quick.world
    someone = await world.person(points=100)
    made = await quick.issued(someone, await quick.reward())
    await quick.fulfilled(made)
    with pytest.raises(refused) as caught:
        await quick.fulfilled(made)
    assert caught.value.code == "workflow.undefined_transition"
    sql = "select payload from events_event where tenant_id = $1 and name = 'points.redemption_fulfilled'"
    async with world.context() as ctx:
        (event,) = await ctx.db.fetch(sql, world.tenant.id)
    payload = json.loads(event["payload"])
    assert (payload["redemption_id"], payload["points"]) == (str(made), 10)
    assert await world.balance(someone) == (90, 0)


@pytest.mark.parametrize("issued", [False, True])
@pytest.mark.parametrize("by", ["participant", "officer"])
async def test_cancelling_gives_back_exactly_what_was_held(story: Any, issued: bool, by: str) -> None:
    world = story.world
    someone, pool = await world.person(points=100), await story.pool()
    reward = await story.reward(value_fen=600, stock=5)
    other = await story.reserved(someone, reward, someone.actor)
    made = await story.reserved(someone, reward, someone.actor, quantity=3)
    if issued:
        await story.act("issuePointsRedemption", id=made)
    actor = someone.actor if by == "participant" else world.officer
    await story.act("cancelPointsRedemption", actor, id=made, reason="不需要了")
    assert await world.balance(someone) == (90, 10)
    assert await world.money(pool) == (14_400, 600)
    assert (await world.row("points_reward", reward))["stock"] == 4
    row = await world.row("points_redemption", made)
    assert (row["state"], row["end_reason"]) == ("cancelled", "不需要了")
    assert (await world.row("points_redemption", other))["state"] == "reserved"
    await world.books_agree()


async def test_a_voucher_lapses_when_its_time_is_over_and_gives_back_what_it_held(quick: Any) -> None:
    world = quick.world
    someone, pool = await world.person(points=100), await quick.pool()
    reward = await quick.reward(value_fen=600, stock=5)
    issued = await quick.issued(someone, reward)
    reserved = await quick.reserved(someone, reward, someone.actor)
    done = await quick.issued(someone, reward)
    await quick.fulfilled(done)
    world.clock.advance(timedelta(days=30))
    await world.work("points.lapse_redemptions")
    assert (await world.row("points_redemption", issued))["state"] == "issued"
    world.clock.advance(timedelta(hours=12))  # midnight in the tenant's time zone
    await world.work("points.lapse_redemptions")
    states = [(await world.row("points_redemption", one))["state"] for one in (issued, reserved, done)]
    assert states == ["lapsed", "lapsed", "fulfilled"]
    assert await world.balance(someone) == (90, 0)
    assert await world.money(pool) == (14_400, 0)
    assert (await world.row("points_reward", reward))["stock"] == 4
    await world.work("points.lapse_redemptions")
    assert await world.balance(someone) == (90, 0)
    await world.books_agree()


async def test_an_expired_voucher_is_neither_issued_nor_handed_in(story: Any, refused: Any) -> None:
    world = story.world
    someone = await world.person(points=100)
    reward = await story.reward()
    issued, reserved = await story.issued(someone, reward), await story.reserved(someone, reward)
    world.clock.advance(timedelta(days=30, hours=12))
    with pytest.raises(refused) as caught:
        await story.fulfilled(issued)
    assert caught.value.code == "points.voucher_expired"
    with pytest.raises(refused) as caught:
        await story.act("issuePointsRedemption", id=reserved)
    assert caught.value.code == "points.voucher_expired"
    await story.act("cancelPointsRedemption", someone.actor, id=issued, reason="过期")


async def test_a_voucher_is_good_for_as_many_days_as_the_tenant_says(quick: Any) -> None:
    world = quick.world
    world.settings["points.redemption_days"] = 0
    made = await quick.issued(await world.person(points=10), await quick.reward())
    row = await world.row("points_redemption", made)
    assert row["expires_at"].isoformat() == "2026-05-06T16:00:00+00:00"
    await quick.fulfilled(made)


@pytest.mark.parametrize("quantity", [0, -1, 1_001])
async def test_an_impossible_quantity_is_refused(story: Any, refused: Any, quantity: int) -> None:
    someone = await story.world.person(points=100)
    with pytest.raises(refused) as caught:
        await story.reserved(someone, await story.reward(), quantity=quantity)
    assert (caught.value.code, caught.value.at) == ("points.number_out_of_range", "quantity")


async def test_what_is_not_offered_here_or_now_is_refused(story: Any, refused: Any) -> None:
    world = story.world
    someone = await world.person(points=100)
    withdrawn = await story.reward()
    await story.act("withdrawPointsReward", id=withdrawn)
    for reward in (
        await story.draft(),
        withdrawn,
        await story.reward(offered_until=date(2026, 5, 5)),
        await story.reward(area_id=world.elsewhere.id),
    ):
        with pytest.raises(refused) as caught:
            await story.reserved(someone, reward, someone.actor)
        assert (caught.value.code, caught.value.at) == ("points.not_offered", "reward_id")
    with pytest.raises(refused) as caught:
        await story.reserved(someone, new_id(), someone.actor)
    assert caught.value.code == "not_found"
    for reward in (
        await story.reward(offered_until=date(2026, 5, 6)),
        await story.reward(area_id=None),
        await story.reward(area_id=world.area.id),
    ):
        await story.reserved(someone, reward, someone.actor)


async def test_more_than_there_are_is_refused(story: Any, refused: Any) -> None:
    someone = await story.world.person(points=100)
    reward = await story.reward(stock=2)
    with pytest.raises(refused) as caught:
        await story.reserved(someone, reward, quantity=3)
    assert (caught.value.code, caught.value.at) == ("points.out_of_stock", "quantity")
    await story.reserved(someone, reward, quantity=2)


async def test_more_points_than_are_available_are_refused(story: Any, refused: Any) -> None:
    world = story.world
    someone, reward = await world.person(points=19), await story.reward(stock=10)
    await story.reserved(someone, reward)
    for quantity in (1, 9):
        with pytest.raises(refused) as caught:
            await story.reserved(someone, reward, quantity=quantity)
        assert caught.value.code == "points.not_enough_points"
    dear = await story.reward(points=1_000_000_000)
    with pytest.raises(refused) as caught:
        await story.reserved(someone, dear, quantity=1_000)
    assert caught.value.code == "points.not_enough_points"
    assert await world.balance(someone) == (9, 10)
    assert (await world.row("points_reward", reward))["stock"] == 9


async def test_more_money_than_the_pool_has_is_refused_and_so_is_a_cost_without_a_pool(
    story: Any, refused: Any
) -> None:
    world = story.world
    someone, reward = await world.person(points=100), await story.reward(value_fen=9_000)
    with pytest.raises(refused) as caught:
        await story.reserved(someone, reward)
    assert caught.value.code == "points.pool_exhausted"
    pool = await story.pool()
    await story.reserved(someone, reward)
    with pytest.raises(refused) as caught:
        await story.reserved(someone, reward)
    assert caught.value.code == "points.pool_exhausted"
    assert await world.balance(someone) == (90, 10)
    assert await world.money(pool) == (6_000, 9_000)


async def test_the_nearest_pool_pays_and_no_other(quick: Any, refused: Any) -> None:
    world = quick.world
    someone = await world.person(points=1_000)
    reward = await quick.reward(area_id=None, value_fen=100)
    whole = await quick.pool(area_id=None)
    await quick.reserved(someone, reward)
    town = await quick.pool()
    await quick.reserved(someone, reward)
    own = await quick.pool(area_id=world.area.id, residents=1)
    await quick.reserved(someone, reward)
    assert [(await world.money(pool))[1] for pool in (whole, town, own)] == [100, 100, 100]
    with pytest.raises(refused) as caught:
        await quick.reserved(someone, reward)
    assert caught.value.code == "points.pool_exhausted"
    world.clock.advance(timedelta(days=300))
    with pytest.raises(refused) as caught:
        await quick.reserved(someone, reward)
    assert caught.value.code == "points.pool_exhausted"


async def test_nobody_hands_out_what_they_asked_for_or_what_is_theirs(story: Any, refused: Any) -> None:
    world = story.world
    someone, reward = await world.person(points=100), await story.reward()
    made = await story.reserved(someone, reward)  # the officer asks for them
    await story.act("issuePointsRedemption", id=made)
    with pytest.raises(refused) as caught:
        await story.fulfilled(made, world.officer)
    assert caught.value.code == "points.own_case"
    own = world.bench.actor(world.officer.permissions)
    object.__setattr__(own, "person_id", someone.person_id)
    with pytest.raises(refused) as caught:
        await story.fulfilled(made, own)
    assert caught.value.code == "points.own_case"
    officer_again = world.bench.actor(world.officer.permissions)
    neighbour = await world.person()
    accounts = await world.bench.one_person(world.tenant, neighbour.person_id, world.officer, officer_again)
    with pytest.raises(refused) as caught:
        await story.fulfilled(made, accounts[1])
    assert caught.value.code == "points.own_case"
    await story.fulfilled(made, world.checker)


async def test_no_member_hands_out_what_is_their_households(quick: Any, refused: Any) -> None:
    world = quick.world
    one, other = await world.person(), await world.person("演示李四")
    home = await world.household(one, other, points=50)
    made = await quick.reserved(home, await quick.reward(), one.actor)
    await quick.act("issuePointsRedemption", id=made)
    worker = world.bench.actor(world.officer.permissions)
    object.__setattr__(worker, "person_id", other.person_id)
    with pytest.raises(refused) as caught:
        await quick.fulfilled(made, worker)
    assert caught.value.code == "points.own_case"


async def test_a_number_is_taken_as_typed_or_scanned(quick: Any, refused: Any) -> None:
    someone, reward = await quick.world.person(points=100), await quick.reward()
    for shape in (
        "{0}",
        " {1} ",
        "https://linli.example.cn/p/x/points/vouchers/{0}",
        "/p/x/points/vouchers/{0}/",
    ):
        made = await quick.issued(someone, reward)
        number = await quick.number(made)
        typed = shape.format(number, number.lower().replace("-", " "))
        assert await quick.act("fulfilPointsRedemption", quick.world.checker, number=typed) == made
    for typed in ("", "2026-00000-00000-0", "x" * 501, "../" + await quick.number(made) + "?"):
        with pytest.raises(refused) as caught:
            await quick.act("fulfilPointsRedemption", quick.world.checker, number=typed)
        assert (caught.value.code, caught.value.at) == ("not_found", "number")


async def test_whoever_may_not_see_a_voucher_finds_none_and_whoever_may_only_see_it_hands_out_nothing(
    story: Any, refused: Any
) -> None:
    world = story.world
    someone = await world.person(points=100)
    made = await story.issued(someone, await story.reward())
    for actor, code in (
        (world.bench.actor(world.officer.permissions, area_path=world.elsewhere.path), "not_found"),
        (someone.actor, "not_found"),
        (world.bench.actor(["points.redemption.read"]), "permission_denied"),
    ):
        with pytest.raises(refused) as caught:
            await story.fulfilled(made, actor)
        assert caught.value.code == code
    provider = ["points.redemption.read", "points.redemption.fulfil"]
    await story.fulfilled(made, world.bench.actor(provider, area_path=world.town.path))


async def test_only_those_who_may_act_for_a_participant_redeem_and_cancel(story: Any, refused: Any) -> None:
    world = story.world
    someone, stranger = await world.person(points=100), await world.person("演示李四", points=100)
    reward = await story.reward()
    with pytest.raises(refused) as caught:
        await story.reserved(someone, reward, stranger.actor)
    assert caught.value.code == "not_found"
    reader = world.bench.actor(["points.participant.read", "points.redemption.read"])
    with pytest.raises(refused) as caught:
        await story.reserved(someone, reward, reader)
    assert caught.value.code == "permission_denied"
    made = await story.reserved(someone, reward, someone.actor)
    for actor, code in ((stranger.actor, "not_found"), (reader, "permission_denied")):
        with pytest.raises(refused) as caught:
            await story.act("cancelPointsRedemption", actor, id=made, reason="试")
        assert caught.value.code == code
    with pytest.raises(refused) as caught:
        await story.act("issuePointsRedemption", someone.actor, id=made)
    assert caught.value.code == "not_found"
    with pytest.raises(refused) as caught:
        await story.act("cancelPointsRedemption", someone.actor, id=made, reason=" ")
    assert (caught.value.code, caught.value.at) == ("required", "reason")
    with pytest.raises(refused) as caught:
        await story.act("cancelPointsRedemption", id=made, reason="试", expected_version=7)
    assert caught.value.code == "stale_version"


async def test_any_member_redeems_for_the_household_and_takes_it_back(story: Any) -> None:
    world = story.world
    one, other = await world.person(), await world.person("演示李四")
    home = await world.household(one, other, points=50)
    made = await story.reserved(home, await story.reward(), one.actor)
    assert (await world.row("points_redemption", made))["person_id"] == one.person_id
    await story.act("cancelPointsRedemption", other.actor, id=made, reason="改主意了")
    assert await world.balance(home) == (50, 0)


async def test_a_participant_that_left_still_redeems_what_they_have(story: Any) -> None:
    world = story.world
    someone, reward = await world.person(points=20), await story.reward()
    await world.leave(someone)
    made = await story.reserved(someone, reward, someone.actor)
    await story.act("issuePointsRedemption", id=made)
    await story.fulfilled(made)
    assert await world.balance(someone) == (10, 0)


async def test_a_voucher_stays_good_when_its_reward_is_withdrawn_or_costs_more(quick: Any) -> None:
    world = quick.world
    someone, reward = await world.person(points=20), await quick.reward()
    made = await quick.issued(someone, reward)
    await quick.act("updatePointsReward", id=reward, points=500, name="贵的")
    await quick.act("withdrawPointsReward", id=reward)
    await quick.fulfilled(made)
    assert await world.balance(someone) == (10, 0)


@pytest.mark.parametrize(("state", "action"), [pair for pair in REDEMPTION.illegal() if pair[1] in MUTATIONS])
async def test_a_step_that_is_not_in_the_table_is_refused_and_changes_nothing(
    quick: Any, refused: Any, state: str, action: str
) -> None:
    world = quick.world
    someone = await world.person(points=20)
    made = await quick.reserved(someone, await quick.reward(), someone.actor)
    now = world.clock.now()
    columns: dict[str, object] = {"state": state}
    if state == "fulfilled":
        columns |= {"fulfilled_at": now, "fulfilled_by": world.checker.id}
    if state in ("cancelled", "lapsed"):
        columns["ended_at"] = now
    await world.set_state("points_redemption", made, **columns)
    values = {"number": await quick.number(made)} if action == "fulfil" else {"id": made}
    reason = {"reason": "试"} if action == "cancel" else {}
    with pytest.raises(refused) as caught:
        await quick.act(MUTATIONS[action], world.checker, **values, **reason)
    assert caught.value.code == "workflow.undefined_transition"
    assert (await world.row("points_redemption", made))["state"] == state
    assert await world.balance(someone) == (10, 10)


async def test_of_twenty_at_once_the_last_three_pieces_go_to_three(quick: Any, refused: Any) -> None:
    world = quick.world
    crowd = [await world.person(f"演示{number}", points=10) for number in range(20)]
    reward = await quick.reward(stock=3)
    results = await asyncio.gather(
        *(quick.reserved(one, reward, one.actor) for one in crowd), return_exceptions=True
    )
    assert sorted(codes(results, refused)) == ["", "", "", *["points.out_of_stock"] * 17]
    assert (await world.row("points_reward", reward))["stock"] == 0
    assert sorted([await world.balance(one) for one in crowd]) == [(0, 10)] * 3 + [(10, 0)] * 17
    await world.books_agree()


async def test_of_twenty_at_once_a_pool_for_five_pays_for_five(quick: Any, refused: Any) -> None:
    world = quick.world
    crowd = [await world.person(f"演示{number}", points=10) for number in range(20)]
    pool = await quick.pool(residents=20)  # 3,000 fen
    reward = await quick.reward(value_fen=600)
    results = await asyncio.gather(
        *(quick.reserved(one, reward, one.actor) for one in crowd), return_exceptions=True
    )
    assert sorted(codes(results, refused)) == [*[""] * 5, *["points.pool_exhausted"] * 15]
    assert await world.money(pool) == (0, 3_000)
    await world.books_agree()


async def test_of_twenty_who_spend_the_same_points_at_once_as_many_do_as_there_are_points(
    quick: Any, refused: Any
) -> None:
    world = quick.world
    someone, reward = await world.person(points=45), await quick.reward(stock=30)
    results = await asyncio.gather(
        *(quick.reserved(someone, reward, someone.actor) for _ in range(20)), return_exceptions=True
    )
    assert sorted(codes(results, refused)) == [*[""] * 4, *["points.not_enough_points"] * 16]
    assert await world.balance(someone) == (5, 40)
    assert (await world.row("points_reward", reward))["stock"] == 26


async def test_all_that_is_done_at_once_ends_without_a_deadlock(quick: Any, refused: Any) -> None:
    world = quick.world
    pool = await quick.pool(residents=40)
    many = [await quick.reward(value_fen=100, stock=50), await quick.reward(value_fen=200)]
    crowd = [await world.person(f"演示{number}", points=60) for number in range(6)]
    vouchers = [await quick.issued(one, many[i % 2]) for i, one in enumerate(crowd)]
    steps = [
        *(quick.reserved(one, many[i % 2], one.actor) for i, one in enumerate(crowd)),
        *(quick.reserved(one, many[(i + 1) % 2], one.actor) for i, one in enumerate(crowd)),
        *(quick.fulfilled(one) for one in vouchers),
        *(quick.fulfilled(one) for one in vouchers),
        *(quick.act("cancelPointsRedemption", id=one, reason="试") for one in vouchers),
        *(quick.act("adjustPointsPool", id=pool, amount_fen=100, reason="试") for _ in range(3)),
        quick.act("withdrawPointsReward", id=many[0]),
    ]
    results = await asyncio.gather(*steps, return_exceptions=True)
    known = {"", "workflow.undefined_transition", "points.not_offered", "points.not_enough_points"}
    assert set(codes(results, refused)) <= known
    done = [(await world.row("points_redemption", one))["state"] for one in vouchers]
    assert set(done) <= {"fulfilled", "cancelled"}
    await world.books_agree()


async def test_money_is_taken_back_while_many_redeem_without_a_deadlock(quick: Any, refused: Any) -> None:
    world = quick.world
    pool = await quick.pool(residents=20)  # 3,000 fen, thinly spread over the stripes
    crowd = [await world.person(f"演示{number}", points=10) for number in range(16)]
    reward = await quick.reward(value_fen=150)
    steps: list[Any] = []
    for number, one in enumerate(crowd):
        steps.append(quick.reserved(one, reward, one.actor))
        if number % 4 == 0:
            steps.append(quick.act("adjustPointsPool", id=pool, amount_fen=-700, reason="调出"))
    results = await asyncio.gather(*steps, return_exceptions=True)
    known = {"", "points.pool_exhausted", "ledger.insufficient_balance"}
    assert set(codes(results, refused)) <= known
    available, reserved = await world.money(pool)
    assert available + reserved == (await world.row("points_pool", pool))["budget_fen"]
    await world.books_agree()


async def test_the_statements_of_a_list_do_not_grow_with_its_rows(quick: Any, api: Any) -> None:
    world = quick.world
    document = """{ pointsRedemptions(orderBy: RESERVED_AT_DESC) { nodes {
        number state points quantity reward { name kind } participant { kind nickname } pool { year budgetFen } } }
      pointsTransfers { nodes { points state giver { kind } receiver { kind } } }
      pointsPools { nodes { year budgetFen area { name } redemptions { nodes { state } } } }
      pointsRewards { nodes { name provider { name } area { name } } } }"""
    one, other = await world.person(points=100), await world.person("演示李四", points=100)
    await world.household(one, other)

    async def more() -> None:
        await quick.reserved(one, await quick.reward(value_fen=100))
        await quick.offered(one, other, 5)

    await quick.pool()
    await more()
    first = await api.execute(world.tenant, world.officer, document)
    assert len(first["pointsRedemptions"]["nodes"]) == 1
    for _ in range(3):
        await more()
    await quick.pool(area_id=None)
    after = await api.execute(world.tenant, world.officer, document)
    assert [len(after[name]["nodes"]) for name in ("pointsRedemptions", "pointsTransfers")] == [4, 4]
    assert after.statements == first.statements
    assert first.statements <= 14


async def test_a_repeated_request_with_the_same_key_is_done_once(quick: Any, api: Any) -> None:
    from linli_graphql.ids import to_global_id

    world = quick.world
    api.runtime.clock = world.clock
    someone, reward = await world.person(points=100), await quick.reward()
    document = """mutation($input: ReservePointsRedemptionInput!) {
      reservePointsRedemption(input: $input, idempotencyKey: "手机-1") {
        pointsRedemption { number verificationPath qrPath } problems { code } } }"""
    given = {
        "participantId": to_global_id("PointsParticipant", someone.id),
        "rewardId": to_global_id("PointsReward", reward),
    }
    answers = [
        (await api.execute(world.tenant, someone.actor, document, {"input": given}))[
            "reservePointsRedemption"
        ]
        for _ in range(2)
    ]
    assert answers[0]["problems"] == []
    assert answers[0] == answers[1]
    made = answers[0]["pointsRedemption"]
    path = f"/p/{world.tenant.slug}/points/vouchers/{made['number']}"
    assert (made["verificationPath"], made["qrPath"]) == (path, f"{path}/qr.svg")
    assert await world.balance(someone) == (90, 10)


async def test_another_tenants_rows_look_like_ones_that_do_not_exist(story: Any, refused: Any) -> None:
    world = story.world
    someone, reward = await world.person(points=100), await story.reward()
    made = await story.issued(someone, reward)
    number = await story.number(made)
    world.tenant = await world.bench.tenant(plugins=["points"])
    for name, values in (
        ("reservePointsRedemption", {"participant_id": someone.id, "reward_id": reward}),
        ("issuePointsRedemption", {"id": made}),
        ("cancelPointsRedemption", {"id": made, "reason": "试"}),
        ("fulfilPointsRedemption", {"number": number}),
    ):
        with pytest.raises(refused) as caught:
            await story.act(name, world.checker, **values)
        assert caught.value.code == "not_found"


def codes(results: list[Any], refused: Any) -> list[str]:
    """The code of each refusal, "" for what was done; anything else is raised."""
    for one in results:
        if not isinstance(one, UUID | refused):
            raise one
    return [one.code if isinstance(one, refused) else "" for one in results]
