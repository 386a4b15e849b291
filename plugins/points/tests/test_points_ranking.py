"""The ranking: only who chose it, only by nickname, the same from a board and from the ledger."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from linli.embedded import EmbeddedValkey
from linli.ids import new_id
from linli.plugin import Boards, ledger
from linli.runtime import RedisHealth
from linli_graphql.ids import to_global_id
from linli_points import ranking
from linli_points.ranking import RankedBy

DOCUMENT = """query($area: ID, $year: Int, $by: PointsRankedBy! = EARNED, $first: Int! = 20) {
  pointsRanking(area: $area, year: $year, by: $by, first: $first) {
    by year asOf places { position nickname points } own { position nickname points } } }"""


@pytest_asyncio.fixture(scope="module")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Redis]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey") / "data") as server:
        client = Redis.from_url(server.url())
        yield client
        await client.aclose()


@pytest.fixture(params=["board", "ledger"])
def boards(request: pytest.FixtureRequest) -> Boards:
    """Rankings from a real Valkey, and without one."""
    if request.param == "ledger":
        return Boards()
    return Boards(request.getfixturevalue("redis"), RedisHealth())


async def asked(
    world: Any, boards: Boards, actor: Any = None, *, rebuild: bool = True, **options: Any
) -> Any:
    if rebuild:
        async with world.context() as ctx:
            ctx.boards = boards
            await ranking.rebuild(ctx)
    async with world.context(actor, read_only=True) as ctx:
        ctx.boards = boards
        return await ranking.ranking(ctx, **options)


def shown(found: Any) -> list[tuple[int, str, int]]:
    return [(one.position, one.nickname, one.points) for one in found.places]


async def crowd(world: Any) -> dict[str, Any]:
    """Four who chose to be ranked, one of whom lives elsewhere, and one who did not."""
    made = {}
    for name, points, area in (
        ("甲", 30, None), ("乙", 50, None), ("丙", 50, None), ("丁", 70, world.elsewhere), ("戊", 90, None),
    ):  # fmt: skip
        made[name] = await world.person(f"演示{name}", points=points, area=area)
        if name != "戊":
            await world.rank(made[name], f"昵称{name}")
    return made


async def test_who_chose_it_is_ranked_by_nickname_and_nobody_else(quick: Any, boards: Boards) -> None:
    world = quick.world
    await crowd(world)
    found = await asked(world, boards)
    assert [(place, points) for place, _name, points in shown(found)] == [(1, 70), (2, 50), (2, 50), (4, 30)]
    assert {name for _place, name, _points in shown(found)} == {"昵称甲", "昵称乙", "昵称丙", "昵称丁"}
    assert (found.by, found.year, found.as_of) == (RankedBy.EARNED, 2026, world.clock.now())


async def test_an_area_is_ranked_with_all_below_it(quick: Any, boards: Boards) -> None:
    world = quick.world
    await crowd(world)
    for area, points in ((world.town, [50, 50, 30]), (world.area, [50, 50, 30]), (world.elsewhere, [70])):
        found = await asked(world, boards, area_id=area.id)
        assert [one.points for one in found.places] == points
    empty = await world.bench.area(world.tenant, "没有人的社区")
    assert shown(await asked(world, boards, area_id=empty.id)) == []


async def test_only_as_many_as_were_asked_for_are_shown_and_the_caller_knows_the_own_place(
    quick: Any, boards: Boards
) -> None:
    world = quick.world
    people = await crowd(world)
    found = await asked(world, boards, people["甲"].actor, first=1)
    assert shown(found) == [(1, "昵称丁", 70)]
    assert [(one.position, one.nickname, one.points) for one in found.own] == [(4, "昵称甲", 30)]
    assert (await asked(world, boards, people["戊"].actor)).own == []


async def test_points_earned_count_in_their_year_and_not_what_was_spent_received_or_reversed(
    quick: Any, boards: Boards
) -> None:
    world = quick.world
    one, other = await world.person(points=100), await world.person("演示李四", points=40)
    await world.household(one, other)
    for someone, name in ((one, "昵称甲"), (other, "昵称乙")):
        await world.rank(someone, name)
    wrong = await world.give(one, 25)
    async with world.context() as ctx:
        purpose = ledger.Purpose("points.claim_reversed", f"test:{new_id()}", reason="误记")
        await ledger.reverse(ctx, wrong, purpose)
    await quick.fulfilled(await quick.issued(one, await quick.reward()))
    made = await quick.offered(one, other, 20)
    await quick.act("acceptPointsTransfer", other.actor, id=made)
    world.clock.advance(timedelta(days=1))
    await quick.act("postPointsTransfer", id=made)
    assert shown(await asked(world, boards)) == [(1, "昵称甲", 100), (2, "昵称乙", 40)]
    assert shown(await asked(world, boards, by="balance")) == [(1, "昵称甲", 70), (2, "昵称乙", 60)]
    world.clock.advance(datetime(2026, 12, 31, 16, tzinfo=UTC) - world.clock.now())
    await world.give(other, 5)
    assert shown(await asked(world, boards)) == [(1, "昵称乙", 5)]
    assert shown(await asked(world, boards, year=2026)) == [(1, "昵称甲", 100), (2, "昵称乙", 40)]


async def test_who_chooses_otherwise_is_gone_at_once(quick: Any, boards: Boards) -> None:
    world = quick.world
    people = await crowd(world)
    await asked(world, boards)
    await world.rank(people["丁"], "昵称丁", ranked=False)
    await world.leave(people["甲"])
    found = await asked(world, boards, people["丁"].actor, rebuild=False)
    assert [one.points for one in found.places] == [50, 50]
    assert [one.position for one in found.places] == [1, 1]
    assert found.own == []


async def test_a_board_is_not_asked_of_the_ledger_again_until_it_is_rebuilt(quick: Any, redis: Redis) -> None:
    world, boards = quick.world, Boards(redis, RedisHealth())
    people = await crowd(world)
    before = await asked(world, boards)
    await world.give(people["甲"], 1_000)
    world.clock.advance(timedelta(minutes=5))
    assert await asked(world, boards, rebuild=False) == before
    assert (await asked(world, boards)).places[0].points == 1_030


async def test_a_ranking_that_redis_lost_comes_from_the_ledger(quick: Any) -> None:
    world = quick.world
    await crowd(world)
    gone = Boards(Redis.from_url("unix:///nowhere/valkey.sock"), RedisHealth())
    assert len((await asked(world, gone)).places) == 4


async def test_the_job_builds_the_boards(quick: Any, redis: Redis) -> None:
    world = quick.world
    await crowd(world)
    runtime = world.runtime()
    runtime.redis = redis
    world.runtime = lambda: runtime
    await world.work("points.rebuild_ranking")
    board = await runtime.boards.top(world.tenant.id, f"points.earned:2026:{world.town.path}", 10)
    assert [one.score for one in board.ranked] == [50, 50, 30]
    assert (await runtime.boards.top(world.tenant.id, "points.balance:2026:", 10)).ranked[0].score == 70


async def test_another_tenants_people_are_in_no_board(quick: Any, redis: Redis) -> None:
    world, boards = quick.world, Boards(redis, RedisHealth())
    await crowd(world)
    await asked(world, boards)
    world.tenant = await world.bench.tenant(plugins=["points"])
    assert shown(await asked(world, boards, rebuild=False)) == []


@pytest.mark.parametrize(("values", "at"), [({"first": 0}, "first"), ({"first": 101}, "first"),
                                            ({"year": 2027}, "year"), ({"year": 1999}, "year")])  # fmt: skip
async def test_an_impossible_question_is_refused(quick: Any, values: dict[str, Any], at: str) -> None:
    from linli_points.errors import NumberOutOfRange

    with pytest.raises(NumberOutOfRange) as caught:
        await asked(
            quick.world, Boards(), quick.world.bench.actor(["points.figures.read"]), rebuild=False, **values
        )
    assert caught.value.path == (at,)


async def test_the_ranking_and_ones_own_points_are_asked_through_the_api(quick: Any, api: Any) -> None:
    world = quick.world
    api.runtime.clock = world.clock
    people = await crowd(world)
    home = await world.household(people["甲"], people["乙"], points=8)
    made = await quick.offered(people["甲"], people["乙"], 12)
    found = await api.execute(
        world.tenant, people["甲"].actor, DOCUMENT, {"area": to_global_id("Area", world.town.id)}
    )
    assert [one["points"] for one in found["pointsRanking"]["places"]] == [50, 50, 30]
    assert found["pointsRanking"]["own"] == [{"position": 3, "nickname": "昵称甲", "points": 30}]
    mine = """{ myPoints { participantId kind state nickname ranked available reserved }
        myPointsTransfers { transferId points state purpose
            giver { kind name participantId } receiver { kind name } } }"""
    found = await api.execute(world.tenant, people["甲"].actor, mine)
    assert found["myPoints"] == [
        {"participantId": to_global_id("PointsParticipant", people["甲"].id), "kind": "PERSON", "state": "ACTIVE",
         "nickname": "昵称甲", "ranked": True, "available": 18, "reserved": 12},
        {"participantId": to_global_id("PointsParticipant", home.id), "kind": "HOUSEHOLD", "state": "ACTIVE",
         "nickname": "", "ranked": False, "available": 8, "reserved": 0},
    ]  # fmt: skip
    (transfer,) = found["myPointsTransfers"]
    assert transfer["transferId"] == to_global_id("PointsTransfer", made)
    assert (transfer["points"], transfer["state"], transfer["purpose"]) == (12, "OFFERED", "HOUSEHOLD")
    assert transfer["receiver"] == {"kind": "PERSON", "name": "演**"}
    assert (await api.execute(world.tenant, people["乙"].actor, mine))["myPointsTransfers"] == [transfer]
    assert (await api.execute(world.tenant, people["丙"].actor, mine))["myPointsTransfers"] == []
    nobody = world.bench.actor(["points.own.take_part"])
    found = await api.execute(world.tenant, nobody, mine)
    assert (found["myPoints"], found["myPointsTransfers"]) == ([], [])


async def test_who_takes_no_part_and_may_see_no_figures_is_refused(quick: Any, api: Any) -> None:
    world = quick.world
    nobody = world.bench.actor(["points.reward.read"])
    assert (await api.execute(world.tenant, nobody, DOCUMENT)).codes == ["permission_denied"]
    local = world.bench.actor(["points.own.take_part"], area_path=world.town.path)
    for area, codes in ((world.town, []), (world.elsewhere, ["permission_denied"])):
        given = {"area": to_global_id("Area", area.id)}
        assert (await api.execute(world.tenant, local, DOCUMENT, given)).codes == codes
