"""Rankings in a real Valkey: replaced at once, apart by tenant, and never in the way of a request."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID

import pytest
import pytest_asyncio
from redis.asyncio import Redis

from linli.boards import EXPIRES_S, MEMBERS_MAX, Boards, Ranked, with_positions
from linli.embedded import EmbeddedValkey
from linli.ids import new_id
from linli.runtime import RedisHealth

NOW = datetime(2026, 5, 6, 4, tzinfo=UTC)
ONE, TWO, THREE, FOUR = (UUID(int=number) for number in range(1, 5))


@pytest_asyncio.fixture(scope="module")
async def redis(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Redis]:
    with EmbeddedValkey(tmp_path_factory.mktemp("valkey") / "data") as server:
        client = Redis.from_url(server.url())
        yield client
        await client.aclose()


@pytest.fixture
def boards(redis: Redis) -> Boards:
    return Boards(redis, RedisHealth())


async def test_the_best_come_first_and_equals_share_a_position(boards: Boards) -> None:
    tenant = new_id()
    assert await boards.replace(tenant, "points", [(ONE, 5), (TWO, 9), (THREE, 9), (FOUR, 1)], as_of=NOW)
    board = await boards.top(tenant, "points", 3)
    assert board is not None
    assert board.as_of == NOW
    assert list(board.ranked) == [Ranked(THREE, 9, 1), Ranked(TWO, 9, 1), Ranked(ONE, 5, 3)]
    assert await boards.position(tenant, "points", FOUR) == Ranked(FOUR, 1, 4)
    assert await boards.position(tenant, "points", TWO) == Ranked(TWO, 9, 1)
    assert await boards.position(tenant, "points", new_id()) is None


async def test_a_new_board_leaves_nothing_of_the_one_before(boards: Boards) -> None:
    tenant = new_id()
    await boards.replace(tenant, "points", [(ONE, 5), (TWO, 9)], as_of=NOW)
    await boards.replace(tenant, "points", [(THREE, 1)], as_of=NOW)
    board = await boards.top(tenant, "points", 10)
    assert board is not None
    assert [one.member_id for one in board.ranked] == [THREE]
    await boards.replace(tenant, "points", [], as_of=NOW)
    board = await boards.top(tenant, "points", 10)
    assert board is not None
    assert list(board.ranked) == []


async def test_another_tenants_board_and_another_name_are_not_there(boards: Boards, redis: Redis) -> None:
    tenant = new_id()
    await boards.replace(tenant, "points", [(ONE, 5)], as_of=NOW)
    assert await boards.top(new_id(), "points", 10) is None
    assert await boards.top(tenant, "others", 10) is None
    keys = [key.decode() async for key in redis.scan_iter(f"*{tenant.hex}*")]
    assert len(keys) == 2
    for key in keys:
        assert 0 < await redis.ttl(key) <= EXPIRES_S


async def test_a_board_of_which_a_part_was_evicted_is_not_there(boards: Boards, redis: Redis) -> None:
    tenant = new_id()
    await boards.replace(tenant, "points", [(ONE, 5)], as_of=NOW)
    await redis.delete(f"linli:board:{{{tenant.hex}}}:points")
    assert await boards.top(tenant, "points", 10) is None


async def test_of_too_many_members_the_best_are_kept(boards: Boards) -> None:
    tenant = new_id()
    scores = [(UUID(int=number), number) for number in range(1, MEMBERS_MAX + 11)]
    assert await boards.replace(tenant, "points", scores, as_of=NOW)
    assert await boards.position(tenant, "points", UUID(int=10)) is None
    last = await boards.position(tenant, "points", UUID(int=11))
    assert last is not None
    assert last.position == MEMBERS_MAX


async def test_readers_never_see_half_a_board(boards: Boards) -> None:
    tenant = new_id()
    await boards.replace(tenant, "points", [(ONE, 1), (TWO, 1)], as_of=NOW)

    async def write() -> None:
        for score in range(2, 60):
            await boards.replace(tenant, "points", [(ONE, score), (TWO, score)], as_of=NOW)

    async def read() -> None:
        for _ in range(60):
            board = await boards.top(tenant, "points", 10)
            assert board is not None
            assert len(board.ranked) == 2
            assert len({one.score for one in board.ranked}) == 1

    await asyncio.gather(write(), read(), read())


async def test_redis_away_is_told_once_and_then_not_asked() -> None:
    health = RedisHealth()
    gone = Redis.from_url("unix:///nowhere/valkey.sock")
    boards = Boards(gone, health)
    assert await boards.top(new_id(), "points", 10) is None
    assert not health.available
    assert await boards.position(new_id(), "points", ONE) is None
    assert not await boards.replace(new_id(), "points", [(ONE, 1)], as_of=NOW)


async def test_without_redis_there_are_no_boards() -> None:
    boards = Boards()
    assert not await boards.replace(new_id(), "points", [(ONE, 1)], as_of=NOW)
    assert await boards.top(new_id(), "points", 1) is None
    assert await boards.position(new_id(), "points", ONE) is None


def test_positions_count_those_above() -> None:
    scores = [(ONE, 3), (TWO, 2), (THREE, 2), (FOUR, 1)]
    assert [one.position for one in with_positions(scores)] == [1, 2, 2, 4]
