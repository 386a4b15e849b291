"""Rewards: what may be one, who may change it, and how its stock counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli.ids import new_id
from linli_points.states import REWARD
from linli_points.terms import RewardKind, RewardState


async def test_a_reward_is_drafted_changed_offered_and_withdrawn(story: Any) -> None:
    reward = await story.draft(value_fen=500, stock=3, description="一瓶")
    await story.act(
        "updatePointsReward", id=reward, name="洗手液", points=12, offered_until=date(2026, 12, 31)
    )
    await story.act("offerPointsReward", id=reward)
    row = await story.world.row("points_reward", reward)
    assert (row["name"], row["description"], row["kind"], row["points"]) == ("洗手液", "一瓶", "goods", 12)
    assert (row["value_fen"], row["stock"], row["state"]) == (500, 3, "offered")
    await story.act("withdrawPointsReward", id=reward)
    await story.act("offerPointsReward", id=reward)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("优先办理居住证", "居住证"),
        ("小学入学名额", "入学"),
        ("开具 证明", "开具证明"),
        ("办事免 排队 券", "免排队"),
        ("Ｌｅｇａｌ aid", "legal aid"),
        ("法律援助一次", "法律援助"),
        ("社保补贴", "社保"),
    ],
)
@pytest.mark.parametrize("field", ["name", "description"])
async def test_a_basic_public_service_is_never_a_reward(
    story: Any, refused: Any, field: str, name: str, word: str
) -> None:
    with pytest.raises(refused) as caught:
        await story.draft(**{field: name})
    assert (caught.value.code, caught.value.at) == ("points.gates_basic_service", field)
    reward = await story.draft()
    with pytest.raises(refused) as caught:
        await story.act("updatePointsReward", id=reward, **{field: name})
    assert caught.value.code == "points.gates_basic_service"


async def test_one_that_came_to_be_called_a_basic_service_is_not_offered(quick: Any, refused: Any) -> None:
    reward = await quick.draft()
    await quick.world.set_state("points_reward", reward, name="公租房申请")
    with pytest.raises(refused) as caught:
        await quick.act("offerPointsReward", id=reward)
    assert caught.value.code == "points.gates_basic_service"


@pytest.mark.parametrize(
    ("values", "code", "at"),
    [
        ({"name": " "}, "required", "name"),
        ({"name": "长" * 101}, "too_long", "name"),
        ({"description": "长" * 2001}, "too_long", "description"),
        ({"points": 0}, "points.number_out_of_range", "points"),
        ({"points": -5}, "points.number_out_of_range", "points"),
        ({"points": 1_000_000_001}, "points.number_out_of_range", "points"),
        ({"value_fen": -1}, "points.number_out_of_range", "value_fen"),
        ({"stock": -1}, "points.number_out_of_range", "stock"),
        ({"provider_id": new_id()}, "points.not_present", "provider_id"),
        ({"area_id": new_id()}, "not_found", "area_id"),
    ],
)
async def test_a_reward_that_cannot_be_is_refused(
    story: Any, refused: Any, values: dict[str, Any], code: str, at: str
) -> None:
    with pytest.raises(refused) as caught:
        await story.draft(**values)
    assert (caught.value.code, caught.value.at) == (code, at)


async def test_an_unknown_kind_is_refused(quick: Any, refused: Any) -> None:
    with pytest.raises(refused) as caught:
        await quick.draft(kind="cash")
    assert (caught.value.code, caught.value.at) == ("unknown_value", "kind")


async def test_what_must_be_there_cannot_be_taken_away(story: Any, refused: Any) -> None:
    reward = await story.draft()
    for field in ("name", "points", "kind"):
        with pytest.raises(refused) as caught:
            await story.act("updatePointsReward", id=reward, **{field: None})
        assert (caught.value.code, caught.value.at) == ("required", field)


async def test_the_stock_goes_up_and_down_and_never_below_nothing(story: Any, refused: Any) -> None:
    reward = await story.draft(stock=2)
    await story.act("changePointsRewardStock", id=reward, by=5)
    await story.act("changePointsRewardStock", id=reward, by=-6)
    assert (await story.world.row("points_reward", reward))["stock"] == 1
    with pytest.raises(refused) as caught:
        await story.act("changePointsRewardStock", id=reward, by=-2)
    assert (caught.value.code, caught.value.at) == ("points.out_of_stock", "by")
    with pytest.raises(refused) as caught:
        await story.act("changePointsRewardStock", id=reward, by=10_000_000)
    assert caught.value.code == "points.number_out_of_range"


async def test_a_reward_without_a_limit_gets_one_and_loses_it_again(story: Any) -> None:
    reward = await story.draft()
    assert (await story.world.row("points_reward", reward))["stock"] is None
    await story.act("changePointsRewardStock", id=reward, by=4)
    assert (await story.world.row("points_reward", reward))["stock"] == 4
    await story.act("updatePointsReward", id=reward, stock=None)
    assert (await story.world.row("points_reward", reward))["stock"] is None


@pytest.mark.parametrize(("state", "action"), REWARD.illegal())
async def test_a_step_that_is_not_in_the_table_is_refused(
    quick: Any, refused: Any, state: str, action: str
) -> None:
    reward = await quick.draft()
    await quick.world.set_state("points_reward", reward, state=state)
    with pytest.raises(refused) as caught:
        await quick.act(f"{action}PointsReward", id=reward)
    assert caught.value.code == "workflow.undefined_transition"
    assert (await quick.world.row("points_reward", reward))["state"] == state


async def test_a_stale_version_is_refused(story: Any, refused: Any) -> None:
    reward = await story.draft()
    await story.act("updatePointsReward", id=reward, points=11, expected_version=1)
    for name, values in (
        ("updatePointsReward", {"points": 12}),
        ("changePointsRewardStock", {"by": 1}),
        ("offerPointsReward", {}),
        ("withdrawPointsReward", {}),
    ):
        with pytest.raises(refused) as caught:
            await story.act(name, id=reward, expected_version=1, **values)
        assert caught.value.code == "stale_version"


async def test_whoever_may_not_write_there_is_refused_and_whoever_may_not_read_finds_nothing(
    story: Any, refused: Any
) -> None:
    world = story.world
    reward = await story.draft()
    reader = world.bench.actor(["points.reward.read"])
    for name, values in (("updatePointsReward", {"points": 12}), ("offerPointsReward", {})):
        with pytest.raises(refused) as caught:
            await story.act(name, reader, id=reward, **values)
        assert caught.value.code == "permission_denied"
        foreign = world.bench.actor(world.officer.permissions, area_path=world.elsewhere.path)
        with pytest.raises(refused) as caught:
            await story.act(name, foreign, id=reward, **values)
        assert caught.value.code == "not_found"
    with pytest.raises(refused) as caught:
        await story.act("createPointsReward", reader, area_id=world.town.id, name="书", kind=RewardKind.GOODS,
                        points=1)  # fmt: skip
    assert caught.value.code == "permission_denied"


async def test_another_tenants_reward_looks_like_one_that_does_not_exist(story: Any, refused: Any) -> None:
    reward = await story.draft()
    world = story.world
    world.tenant = await world.bench.tenant(plugins=["points"])
    for row_id in (reward, new_id()):
        with pytest.raises(refused) as caught:
            await story.act("offerPointsReward", id=row_id)
        assert caught.value.code == "not_found"


async def test_residents_see_what_is_offered(quick: Any, api: Any) -> None:
    await quick.reward(name="理发", kind=RewardKind.SERVICE, stock=7)
    someone = await quick.world.person()
    document = "{ pointsRewards(orderBy: POINTS_ASC) { nodes { name kind points stock state valueFen } } }"
    found = await api.execute(quick.world.tenant, someone.actor, document)
    assert found["pointsRewards"]["nodes"] == [
        {"name": "理发", "kind": "SERVICE", "points": 10, "stock": 7, "state": "OFFERED", "valueFen": 0}
    ]


def test_the_states_are_those_of_the_terms() -> None:
    assert set(REWARD.states) == {state.value for state in RewardState}
