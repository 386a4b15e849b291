"""Transfers: within a household or to a charity, within the yearly cap, with a cooling-off; never sold."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from linli.ids import new_id
from linli.plugin import households
from linli_points.states import TRANSFER
from linli_points.terms import TransferPurpose

CHARITY = TransferPurpose.CHARITY
MUTATIONS = {action: f"{action}PointsTransfer" for action in ("accept", "decline", "cancel", "post")}


async def family(world: Any, *, points: int = 100) -> tuple[Any, Any, Any]:
    """Two people with points, and their household without."""
    one, other = await world.person(points=points), await world.person("演示李四", points=points)
    return one, other, await world.household(one, other)


async def test_points_are_offered_accepted_and_move_when_the_cooling_off_is_over(story: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    made = await story.offered(one, home, 30)
    assert await world.balance(one) == (70, 30)
    await story.act("acceptPointsTransfer", other.actor, id=made)
    assert (await world.balance(one), await world.balance(home)) == ((70, 30), (0, 0))
    world.clock.advance(timedelta(hours=24))
    await story.act("postPointsTransfer", one.actor, id=made)
    assert (await world.balance(one), await world.balance(home)) == ((70, 0), (30, 0))
    row = await world.row("points_transfer", made)
    assert (row["state"], row["person_id"], row["area_id"]) == ("posted", one.person_id, world.area.id)
    await world.books_agree()


@pytest.mark.parametrize(("giver", "receiver"), [(0, 1), (0, 2), (2, 0)])
async def test_points_go_either_way_within_a_household(story: Any, giver: int, receiver: int) -> None:
    world = story.world
    parties = await family(world)
    one, other, home = parties
    await world.give(home, 100)
    made = await story.offered(
        parties[giver], parties[receiver], actor=one.actor if giver != 1 else other.actor
    )
    accepts = {0: one.actor, 1: other.actor, 2: other.actor}[receiver]
    await story.act("acceptPointsTransfer", accepts, id=made)
    world.clock.advance(timedelta(hours=24))
    await story.act("postPointsTransfer", id=made)
    assert (await world.balance(parties[giver]))[0] == 90


async def test_points_go_to_a_charity_that_an_officer_accepts_for(story: Any) -> None:
    world = story.world
    someone, charity = await world.person(points=100), await world.unit()
    made = await story.offered(someone, charity, purpose=CHARITY)
    await story.act("acceptPointsTransfer", world.checker, id=made)
    world.clock.advance(timedelta(hours=24))
    await story.act("postPointsTransfer", world.checker, id=made)
    assert await world.balance(charity) == (10, 0)


async def test_the_clock_moves_what_is_due_and_only_once(quick: Any) -> None:
    world = quick.world
    one, other, _home = await family(world)
    due, waiting = await quick.offered(one, other), await quick.offered(one, other)
    taken_back = await quick.offered(one, other)
    for made in (due, taken_back):
        await quick.act("acceptPointsTransfer", other.actor, id=made)
    await quick.act("cancelPointsTransfer", one.actor, id=taken_back, reason="改主意了")
    await world.work("points.post_transfers")
    assert await world.balance(other) == (100, 0)
    world.clock.advance(timedelta(hours=24))
    for _ in range(2):
        await world.work("points.post_transfers")
        assert await world.balance(other) == (110, 0)
        assert await world.balance(one) == (80, 10)
    states = [(await world.row("points_transfer", one))["state"] for one in (due, waiting, taken_back)]
    assert states == ["posted", "offered", "cancelled"]
    await world.books_agree()


async def test_before_the_cooling_off_is_over_nothing_moves(story: Any, refused: Any) -> None:
    world = story.world
    one, other, _home = await family(world)
    made = await story.offered(one, other)
    await story.act("acceptPointsTransfer", other.actor, id=made)
    world.clock.advance(timedelta(hours=24, seconds=-1))
    with pytest.raises(refused) as caught:
        await story.act("postPointsTransfer", one.actor, id=made)
    assert caught.value.code == "points.cooling_off"
    await story.act("cancelPointsTransfer", one.actor, id=made, reason="改主意了")
    assert await world.balance(one) == (100, 0)


@pytest.mark.parametrize("accepted", [False, True])
async def test_the_giver_takes_back_exactly_what_was_held_until_it_moves(story: Any, accepted: bool) -> None:
    world = story.world
    one, other, _home = await family(world)
    await story.offered(one, other, 7)
    made = await story.offered(one, other, 30)
    if accepted:
        await story.act("acceptPointsTransfer", other.actor, id=made)
    await story.act("cancelPointsTransfer", one.actor, id=made, reason="改主意了")
    assert await world.balance(one) == (93, 7)
    row = await world.row("points_transfer", made)
    assert (row["state"], row["end_reason"]) == ("cancelled", "改主意了")


async def test_the_receiver_declines_and_the_giver_has_the_points_again(story: Any) -> None:
    world = story.world
    one, other, _home = await family(world)
    made = await story.offered(one, other)
    await story.act("declinePointsTransfer", other.actor, id=made, reason="心领了")
    assert await world.balance(one) == (100, 0)
    assert (await world.row("points_transfer", made))["state"] == "declined"


@pytest.mark.parametrize("points", [0, -1, -100, 1_000_000_001])
async def test_a_non_positive_or_absurd_amount_is_refused(story: Any, refused: Any, points: int) -> None:
    one, other, _home = await family(story.world)
    with pytest.raises(refused) as caught:
        await story.offered(one, other, points)
    assert (caught.value.code, caught.value.at) == ("points.number_out_of_range", "points")


async def test_nobody_gives_to_themself(story: Any, refused: Any) -> None:
    one, _other, _home = await family(story.world)
    with pytest.raises(refused) as caught:
        await story.offered(one, one)
    assert (caught.value.code, caught.value.at) == ("points.transfer_to_self", "to_participant_id")


@pytest.mark.parametrize("purpose", list(TransferPurpose))
async def test_a_unit_never_gives(story: Any, refused: Any, purpose: TransferPurpose) -> None:
    world = story.world
    someone, unit, other = await world.person(), await world.unit(points=100), await world.unit("演示协会")
    for receiver in (someone, other):
        with pytest.raises(refused) as caught:
            await story.offered(unit, receiver, purpose=purpose, actor=world.officer)
        assert (caught.value.code, caught.value.at) == ("points.unit_cannot_give", "from_participant_id")


async def test_outside_a_household_nothing_is_given_as_within_one(story: Any, refused: Any) -> None:
    world = story.world
    one, _other, home = await family(world)
    stranger, charity = await world.person("演示王五", points=100), await world.unit()
    second = await world.household(points=100)
    for giver, receiver in ((one, stranger), (stranger, home), (one, charity), (one, second)):
        with pytest.raises(refused) as caught:
            await story.offered(giver, receiver)
        assert (caught.value.code, caught.value.at) == ("points.not_a_household", "to_participant_id")
    with pytest.raises(refused) as caught:
        await story.offered(second, home, actor=world.officer)
    assert caught.value.code == "points.not_a_household"


async def test_who_no_longer_belongs_to_the_household_neither_gives_nor_accepts(
    quick: Any, refused: Any
) -> None:
    world = quick.world
    one, other, home = await family(world)
    made = await quick.offered(one, other)
    world.clock.advance(timedelta(days=1))
    async with world.context() as ctx:
        await households.remove_member(ctx, home.household_id, person_id=other.person_id)
    with pytest.raises(refused) as caught:
        await quick.act("acceptPointsTransfer", other.actor, id=made)
    assert caught.value.code == "points.not_a_household"
    with pytest.raises(refused) as caught:
        await quick.offered(other, home)
    assert caught.value.code == "points.not_a_household"
    with pytest.raises(refused) as caught:
        await quick.offered(home, other, actor=other.actor)
    assert caught.value.code == "not_found"
    await quick.act("declinePointsTransfer", other.actor, id=made)
    assert await world.balance(one) == (100, 0)


async def test_only_a_charity_is_given_to_as_one(story: Any, refused: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    for receiver in (await world.unit("演示公司", charity=False), other, home):
        with pytest.raises(refused) as caught:
            await story.offered(one, receiver, purpose=CHARITY)
        assert (caught.value.code, caught.value.at) == ("points.not_a_charity", "to_participant_id")


async def test_more_than_the_yearly_cap_is_refused_over_all_that_is_under_way(
    story: Any, refused: Any
) -> None:
    world = story.world
    one, other, home = await family(world, points=2_000)
    posted = await story.offered(one, other, 200)
    await story.act("acceptPointsTransfer", other.actor, id=posted)
    world.clock.advance(timedelta(hours=24))
    await story.act("postPointsTransfer", id=posted)
    accepted = await story.offered(one, home, 200)
    await story.act("acceptPointsTransfer", other.actor, id=accepted)
    await story.offered(one, other, 90)
    with pytest.raises(refused) as caught:
        await story.offered(one, other, 11)
    assert (caught.value.code, caught.value.at) == ("points.transfer_cap_exceeded", "points")
    await story.act("cancelPointsTransfer", one.actor, id=accepted, reason="试")
    last = await story.offered(one, other, 210)
    with pytest.raises(refused) as caught:
        await story.offered(one, other, 1)
    assert caught.value.code == "points.transfer_cap_exceeded"
    await story.act("declinePointsTransfer", other.actor, id=last)
    await story.offered(one, other, 210)


async def test_a_new_year_begins_in_the_tenants_time_zone(quick: Any, refused: Any) -> None:
    world = quick.world
    one, other, _home = await family(world, points=2_000)
    world.clock.advance(datetime(2026, 12, 31, 15, 59, tzinfo=UTC) - world.clock.now())
    await quick.offered(one, other, 500)
    with pytest.raises(refused):
        await quick.offered(one, other, 1)
    world.clock.advance(timedelta(minutes=1))
    await quick.offered(one, other, 500)
    with pytest.raises(refused):
        await quick.offered(one, other, 1)


async def test_more_than_is_available_is_refused(story: Any, refused: Any) -> None:
    one, other, _home = await family(story.world)
    await story.offered(one, other, 60)
    with pytest.raises(refused) as caught:
        await story.offered(one, other, 41)
    assert (caught.value.code, caught.value.at) == ("points.not_enough_points", "points")


async def test_who_has_left_neither_gives_nor_receives(story: Any, refused: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    made = await story.offered(one, other)
    await world.leave(other)
    for giver, receiver, at in ((one, other, "to_participant_id"), (other, one, "from_participant_id")):
        with pytest.raises(refused) as caught:
            await story.offered(giver, receiver)
        assert (caught.value.code, caught.value.at) == ("points.not_a_participant", at)
    with pytest.raises(refused) as caught:
        await story.act("acceptPointsTransfer", other.actor, id=made)
    assert caught.value.code == "points.not_a_participant"
    await story.offered(one, home)


async def test_only_the_receiver_accepts_or_declines(story: Any, refused: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    stranger = await world.person("演示王五")
    reader = world.bench.actor(["points.transfer.read"])
    made = await story.offered(one, other)
    for name in ("acceptPointsTransfer", "declinePointsTransfer"):
        for actor, code in (
            (stranger.actor, "not_found"),
            (one.actor, "permission_denied"),
            (reader, "permission_denied"),
        ):
            with pytest.raises(refused) as caught:
                await story.act(name, actor, id=made)
            assert caught.value.code == code
    to_home = await story.offered(one, home)
    with pytest.raises(refused) as caught:
        await story.act("acceptPointsTransfer", one.actor, id=to_home)
    assert caught.value.code == "points.own_case"
    await story.act("acceptPointsTransfer", other.actor, id=to_home)


async def test_who_is_alone_in_a_household_accepts_for_it(quick: Any) -> None:
    world = quick.world
    someone = await world.person(points=100)
    home = await world.household(someone)
    made = await quick.offered(someone, home)
    await quick.act("acceptPointsTransfer", someone.actor, id=made)


async def test_an_officer_accepts_for_others_but_not_what_they_offered_themself(
    story: Any, refused: Any
) -> None:
    world = story.world
    one, other, _home = await family(world)
    charity = await world.unit()
    for receiver, purpose in ((other, TransferPurpose.HOUSEHOLD), (charity, CHARITY)):
        made = await story.offered(one, receiver, purpose=purpose, actor=world.officer)
        with pytest.raises(refused) as caught:
            await story.act("acceptPointsTransfer", world.officer, id=made)
        assert caught.value.code == "points.own_case"
        await story.act("acceptPointsTransfer", world.checker, id=made)


async def test_only_the_giver_takes_back(story: Any, refused: Any) -> None:
    world = story.world
    one, other, _home = await family(world)
    stranger = await world.person("演示王五")
    made = await story.offered(one, other)
    for actor, code in ((stranger.actor, "not_found"), (other.actor, "permission_denied")):
        with pytest.raises(refused) as caught:
            await story.act("cancelPointsTransfer", actor, id=made, reason="试")
        assert caught.value.code == code
    with pytest.raises(refused) as caught:
        await story.act("cancelPointsTransfer", one.actor, id=made, reason="")
    assert (caught.value.code, caught.value.at) == ("required", "reason")
    await story.act("acceptPointsTransfer", other.actor, id=made)
    world.clock.advance(timedelta(hours=24))
    reader = world.bench.actor(["points.transfer.read"])
    for actor, code in ((stranger.actor, "not_found"), (reader, "permission_denied")):
        with pytest.raises(refused) as caught:
            await story.act("postPointsTransfer", actor, id=made)
        assert caught.value.code == code


async def test_another_member_takes_back_what_one_would_move_out_of_the_household(story: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    await world.give(home, 50)
    made = await story.offered(home, one, 40, actor=one.actor)
    await story.act("acceptPointsTransfer", one.actor, id=made)
    await story.act("cancelPointsTransfer", other.actor, id=made, reason="没有商量过")
    assert await world.balance(home) == (50, 0)


async def test_nobody_gives_what_is_somebody_elses(story: Any, refused: Any) -> None:
    world = story.world
    one, other, home = await family(world)
    stranger = await world.person("演示王五")
    for giver in (one, home):
        with pytest.raises(refused) as caught:
            await story.offered(giver, other, actor=stranger.actor)
        assert caught.value.code == "not_found"
    reader = world.bench.actor(["points.participant.read", "points.own.take_part"])
    with pytest.raises(refused) as caught:
        await story.offered(one, other, actor=reader)
    assert (caught.value.code, caught.value.at) == ("points.not_yours", "from_participant_id")


async def test_across_tenants_nothing_is_found(story: Any, refused: Any) -> None:
    world = story.world
    one, other, _home = await family(world)
    made = await story.offered(one, other)
    here, there = world.tenant, await world.bench.tenant(plugins=["points"])
    world.tenant, town, area = there, world.town, world.area
    world.town = await world.bench.area(there)
    world.area = await world.bench.area(there, parent=world.town)
    foreign = await world.person("演示外地人", points=100)
    for name, values in (
        ("acceptPointsTransfer", {}),
        ("cancelPointsTransfer", {"reason": "试"}),
        ("postPointsTransfer", {}),
    ):
        for row_id in (made, new_id()):
            with pytest.raises(refused) as caught:
                await story.act(name, id=row_id, **values)
            assert caught.value.code == "not_found"
    for receiver in (one.id, new_id()):
        with pytest.raises(refused) as caught:
            await story.act("offerPointsTransfer", foreign.actor, from_participant_id=foreign.id,
                            to_participant_id=receiver, points=1, purpose=CHARITY)  # fmt: skip
        assert caught.value.code == "not_found"
    world.tenant, world.town, world.area = here, town, area
    assert await world.balance(one) == (90, 10)


@pytest.mark.parametrize(("state", "action"), TRANSFER.illegal())
async def test_a_step_that_is_not_in_the_table_is_refused_and_changes_nothing(
    quick: Any, refused: Any, state: str, action: str
) -> None:
    world = quick.world
    one, other, _home = await family(world)
    made = await quick.offered(one, other)
    now = world.clock.now()
    columns: dict[str, object] = {"state": state}
    if state in ("accepted", "posted"):
        columns["due_at"] = now
    if state == "posted":
        columns["posted_at"] = now
    if state in ("declined", "cancelled"):
        columns["ended_at"] = now
    await world.set_state("points_transfer", made, **columns)
    reason = {"reason": "试"} if action == "cancel" else {}
    with pytest.raises(refused) as caught:
        await quick.act(MUTATIONS[action], world.checker, id=made, **reason)
    assert caught.value.code == "workflow.undefined_transition"
    assert await world.balance(one) == (90, 10)


async def test_a_stale_version_is_refused(quick: Any, refused: Any) -> None:
    one, other, _home = await family(quick.world)
    made = await quick.offered(one, other)
    for name, values in (("accept", {}), ("decline", {}), ("cancel", {"reason": "试"})):
        with pytest.raises(refused) as caught:
            await quick.act(MUTATIONS[name], quick.world.checker, id=made, expected_version=9, **values)
        assert caught.value.code == "stale_version"


async def test_two_who_give_to_each_other_at_once_do_not_wait_for_each_other(
    quick: Any, refused: Any
) -> None:
    world = quick.world
    one, other, home = await family(world)
    await world.give(home, 100)
    results = await asyncio.gather(
        *(quick.offered(one, other, 5) for _ in range(8)),
        *(quick.offered(other, one, 5) for _ in range(8)),
        *(quick.offered(one, home, 2) for _ in range(4)),
        *(quick.offered(home, other, 5, actor=other.actor) for _ in range(4)),
        return_exceptions=True,
    )
    assert [one for one in results if isinstance(one, BaseException)] == []
    assert await world.balance(one) == (52, 48)
    await asyncio.gather(
        *(quick.act("acceptPointsTransfer", world.checker, id=made) for made in results),
    )
    world.clock.advance(timedelta(hours=24))
    await asyncio.gather(*(quick.act("postPointsTransfer", id=made) for made in results))
    assert [await world.balance(who) for who in (one, other, home)] == [(92, 0), (120, 0), (88, 0)]
    await world.books_agree()


async def test_of_many_at_once_no_more_than_the_cap_is_given(quick: Any, refused: Any) -> None:
    one, other, _home = await family(quick.world, points=5_000)
    results = await asyncio.gather(
        *(quick.offered(one, other, 100) for _ in range(20)), return_exceptions=True
    )
    codes = [result.code for result in results if isinstance(result, refused)]
    assert codes == ["points.transfer_cap_exceeded"] * 15
    assert await quick.world.balance(one) == (4_500, 500)
