"""Boards: rankings that may be lost at any time, kept in Redis and rebuilt from the database.

Whoever asks for a board that is not there (Redis is away, it was never built, it expired or was evicted) is given None
and asks the database instead. Nothing here fails a request.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final
from uuid import UUID

from redis.exceptions import RedisError

if TYPE_CHECKING:
    from redis.asyncio import Redis

    from linli.runtime import RedisHealth

MEMBERS_MAX: Final = 10_000
TOP_MAX: Final = 500
NAME_MAX: Final = 200
EXPIRES_S: Final = 2 * 86_400
_BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ranked:
    """A member of a board; those with equal scores share a position, counted from 1."""

    member_id: UUID
    score: int
    position: int


@dataclass(frozen=True, slots=True)
class Board:
    """The upper part of a board as it was built."""

    as_of: datetime
    ranked: Sequence[Ranked]


class Boards:
    """The boards of all tenants; each call names the tenant, whose id every key carries.

    Without Redis every call gives None or False.
    """

    def __init__(self, redis: Redis | None = None, health: RedisHealth | None = None) -> None:
        self._redis = redis
        self._health = health

    async def replace(
        self, tenant_id: UUID, name: str, scores: Iterable[tuple[UUID, int]], *, as_of: datetime
    ) -> bool:
        """Put a board in the place of the one of that name, at once for all readers; False when it cannot be kept.

        Of more than 10,000 members the best are kept. A score is exact up to 2^53.
        """
        if (redis := self._answering()) is None:
            return False
        kept = heapq.nlargest(MEMBERS_MAX, scores, key=lambda one: (one[1], one[0]))
        board, facts = _keys(tenant_id, name)
        pipe = redis.pipeline(transaction=True)
        pipe.delete(board)
        for start in range(0, len(kept), _BATCH):
            batch = kept[start : start + _BATCH]
            pipe.zadd(board, {member_id.hex: score for member_id, score in batch})
        pipe.expire(board, EXPIRES_S)
        pipe.set(facts, f"{as_of.isoformat()} {len(kept)}", ex=EXPIRES_S)
        try:
            await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._lost(error)
            return False
        return True

    async def top(self, tenant_id: UUID, name: str, count: int) -> Board | None:
        """The best of a board, at most 500; None when the board is not there."""
        assert 1 <= count <= TOP_MAX
        if (redis := self._answering()) is None:
            return None
        board, facts = _keys(tenant_id, name)
        pipe = redis.pipeline(transaction=True)
        pipe.get(facts)
        pipe.zcard(board)
        pipe.zrevrange(board, 0, count - 1, withscores=True)
        try:
            known, size, found = await pipe.execute()
        except (RedisError, OSError, TimeoutError) as error:
            self._lost(error)
            return None
        as_of = _as_of(known, size)
        if as_of is None:
            return None
        return Board(as_of, with_positions((UUID(hex=key.decode()), int(score)) for key, score in found))

    async def position(self, tenant_id: UUID, name: str, member_id: UUID) -> Ranked | None:
        """Where one member stands; None for who is not on the board, and when the board is not there."""
        if (redis := self._answering()) is None:
            return None
        board, _facts = _keys(tenant_id, name)
        try:
            score = await redis.zscore(board, member_id.hex)
            if score is None:
                return None
            better = await redis.zcount(board, f"({int(score)}", "+inf")
        except (RedisError, OSError, TimeoutError) as error:
            self._lost(error)
            return None
        return Ranked(member_id, int(score), int(better) + 1)

    def _answering(self) -> Redis | None:
        away = self._health is not None and not self._health.available
        return None if away else self._redis

    def _lost(self, error: BaseException) -> None:
        if self._health is not None:
            self._health.lost(error)


def with_positions(scores: Iterable[tuple[UUID, int]]) -> Sequence[Ranked]:
    """Members in the order of their scores, the best first, with the positions that they have."""
    ranked: list[Ranked] = []
    for number, (member_id, score) in enumerate(scores, start=1):
        shared = ranked[-1].position if ranked and ranked[-1].score == score else number
        ranked.append(Ranked(member_id, score, shared))
    return ranked


def _keys(tenant_id: UUID, name: str) -> tuple[str, str]:
    """The keys of a board and of its facts. The braces keep both on one node of a Redis cluster."""
    assert len(name) <= NAME_MAX
    return f"linli:board:{{{tenant_id.hex}}}:{name}", f"linli:board-facts:{{{tenant_id.hex}}}:{name}"


def _as_of(known: bytes | None, size: int) -> datetime | None:
    """When the board was built; None when it is not the whole of what was built, as one of its keys was evicted."""
    if known is None:
        return None
    moment, _, count = known.decode().partition(" ")
    return datetime.fromisoformat(moment) if int(count) == size else None
