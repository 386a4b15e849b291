"""Rate limits that hold across processes through Redis, and per process while Redis is away."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from redis.exceptions import RedisError

from linli.http.errors import RateLimited
from linli.runtime import Runtime

_ENTRIES_MAX: Final = 20_000
_SLACK_MS: Final = 0.01  # what adding up fractions may be off by

# Generic cell rate algorithm: a key holds the moment at which its bucket is full again. Either every key has
# room and all are charged, or none is. Redis's own clock is used: processes need not agree on the time.
# Source: ITU-T I.371 (virtual scheduling).
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
local wait, after, left = 0, {}, {}
for i, key in ipairs(KEYS) do
    local interval, burst, cost = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
    local present = math.max(tonumber(redis.call('GET', key) or now), now)
    after[i] = present + interval * cost
    wait = math.max(wait, after[i] - interval * burst - now - 0.01)
    left[i] = burst - (present - now - 0.01) / interval
end
local told = {math.ceil(math.max(wait, 0))}
for i, key in ipairs(KEYS) do
    if wait <= 0 then
        redis.call('SET', key, string.format('%.3f', after[i]), 'PX', math.max(1, math.ceil(after[i] - now)))
        left[i] = left[i] - tonumber(ARGV[3*i])
    end
    told[i + 1] = math.min(tonumber(ARGV[3*i-1]), math.floor(left[i]))
end
return told
"""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request takes from one bucket: it holds `burst` and gets one more every `interval_ms`."""

    key: str
    burst: int
    interval_ms: float
    cost: int = 1


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether charges were taken: `wait_ms` is 0, or nothing was. `left` is what each bucket holds now."""

    wait_ms: float
    left: tuple[int, ...]

    @property
    def retry_after_s(self) -> int:
        """After how many whole seconds there is enough."""
        return max(1, -(-int(self.wait_ms) // 1000))


class Throttle:
    """Buckets by key, all charged in one step. In memory are at most 20,000 keys: the oldest go first."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._script = runtime.redis.register_script(_SCRIPT) if runtime.redis is not None else None

    async def charge(self, charges: Sequence[Charge]) -> None:
        """Take what the charges say, or nothing at all. Raises: RateLimited with `retry_after_s`."""
        taken = await self.take(charges)
        if taken.wait_ms > 0:
            raise RateLimited(retry_after_s=taken.retry_after_s)

    async def take(self, charges: Sequence[Charge]) -> Taken:
        """Take what the charges say, or nothing at all, and tell what is left."""
        health = self._runtime.redis_health
        if self._script is not None and health.available:
            arguments = [n for charge in charges for n in (charge.interval_ms, charge.burst, charge.cost)]
            try:
                wait, *left = await self._script(keys=[c.key for c in charges], args=arguments)
            except (RedisError, OSError) as error:
                health.lost(error)
            else:
                return Taken(float(wait), tuple(left))
        return self._take_here(charges)

    def _take_here(self, charges: Sequence[Charge]) -> Taken:
        now = time.monotonic() * 1000
        present = [max(self._full_at.get(c.key, now), now) for c in charges]
        after = [at + c.interval_ms * c.cost for at, c in zip(present, charges, strict=True)]
        waits = (at - c.interval_ms * c.burst - now - _SLACK_MS for at, c in zip(after, charges, strict=True))
        wait = max(0.0, *waits) if charges else 0.0
        full_at = present if wait > 0 else after
        left = tuple(
            min(c.burst, int(c.burst - (at - now - _SLACK_MS) / c.interval_ms))
            for at, c in zip(full_at, charges, strict=True)
        )
        if wait > 0:
            return Taken(wait, left)
        for at, charge in zip(after, charges, strict=True):
            self._full_at[charge.key] = at
            self._full_at.move_to_end(charge.key)
        while len(self._full_at) > _ENTRIES_MAX:
            self._full_at.popitem(last=False)
        return Taken(0.0, left)


def sign_in_charges(origin: str, tenant_slug: str, login: str) -> tuple[Charge, Charge]:
    """Give the charges of one attempt to sign in.

    A log-in name has 10, then one every 30 s; an address has 60, then one every 2 s. A key holds a digest, so
    that Redis holds no log-in name and no address.
    """
    return (
        Charge(throttle_key("login", tenant_slug, login.strip().casefold()), burst=10, interval_ms=30_000),
        Charge(throttle_key("address", origin), burst=60, interval_ms=2_000),
    )


def throttle_key(kind: str, *parts: str) -> str:
    """Give the key of a bucket; what it stands for cannot be read off it."""
    digest = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    # The braces keep all keys of a script on one node of a Redis cluster.
    return f"linli:{{throttle}}:{kind}:{digest}"
