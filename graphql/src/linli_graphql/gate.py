"""How many requests of one tenant are under way in this process: the rest wait their turn, or are sent away."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli_graphql.refusals import TenantBusy

QUEUE_MAX: Final = 64
WAIT_S: Final = 5.0
_RETRY_AFTER_S: Final = 1


def share_of(connections: int) -> int:
    """How many of so many connections one tenant may use: three quarters, so that others find some free.

    With half of them, a tenant alone on the machine waited for its own requests: that cost a tenth of a small read.
    """
    return max(1, connections * 3 // 4)


@dataclass(slots=True)
class _Place:
    """Who is in, and who waits: each turn with the moment until which it does. `bell` rings for the first of them."""

    running: int = 0
    waiting: deque[tuple[float, asyncio.Future[None]]] = field(default_factory=deque)
    bell: asyncio.TimerHandle | None = None

    def listen(self, loop: asyncio.AbstractEventLoop) -> None:
        """Have the bell ring for whoever waits longest. All wait equally long, so one timer serves them all."""
        if self.bell is None and self.waiting:
            self.bell = loop.call_at(self.waiting[0][0], self._ring, loop)

    def _ring(self, loop: asyncio.AbstractEventLoop) -> None:
        self.bell = None
        while self.waiting and self.waiting[0][0] <= loop.time():
            _until, turn = self.waiting.popleft()
            if not turn.done():
                turn.set_exception(TenantBusy(retry_after_s=_RETRY_AFTER_S))
        self.listen(loop)


class TenantGate:
    """Lets `running_max` requests of a tenant in at a time, first come first served.

    At most `queue_max` wait, each `wait_s` at the longest. Without this, one tenant's slow requests would hold
    every connection of the pool.
    """

    def __init__(self, running_max: int, *, queue_max: int = QUEUE_MAX, wait_s: float = WAIT_S) -> None:
        self._running_max = running_max
        self._queue_max = queue_max
        self._wait_s = wait_s
        self._places: dict[UUID, _Place] = {}

    async def enter(self, tenant_id: UUID) -> None:
        """Take one of the tenant's places, to be given back by `leave`. Raises: TenantBusy with `retry_after_s`."""
        place = self._places.get(tenant_id)
        if place is None:
            place = self._places[tenant_id] = _Place()
        if place.running < self._running_max:
            place.running += 1
        else:
            await self._wait(tenant_id, place)

    def leave(self, tenant_id: UUID) -> None:
        """Give a place back: to the first who waits, or to nobody."""
        self._leave(tenant_id, self._places[tenant_id])

    async def _wait(self, tenant_id: UUID, place: _Place) -> None:
        if len(place.waiting) >= self._queue_max:
            raise TenantBusy(retry_after_s=_RETRY_AFTER_S)
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        place.waiting.append((loop.time() + self._wait_s, turn))
        place.listen(loop)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                place.waiting = deque(one for one in place.waiting if one[1] is not turn)
            elif turn.exception() is None:
                self._leave(tenant_id, place)  # it came in the same moment as the end: it is the next one's
            raise

    def _leave(self, tenant_id: UUID, place: _Place) -> None:
        while place.waiting:
            _until, turn = place.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        place.running -= 1
        if place.running == 0:
            if place.bell is not None:
                place.bell.cancel()
            self._places.pop(tenant_id, None)
