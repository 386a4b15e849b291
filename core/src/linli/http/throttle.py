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

# Generic cell rate algorithm: a key holds the moment at which its bucket is full again. Either every key has
# room and all are charged, or none is. Redis's own clock is used: processes need not agree on the time.
# Source: ITU-T I.371 (virtual scheduling).
_SCRIPT: Final = """
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
local wait, after = 0, {}
for i, key in ipairs(KEYS) do
    local interval, burst, cost = tonumber(ARGV[3*i-2]), tonumber(ARGV[3*i-1]), tonumber(ARGV[3*i])
    local full_at = math.max(tonumber(redis.call('GET', key) or now), now) + interval * cost
    wait = math.max(wait, full_at - interval * burst - now)
    after[i] = full_at
end
if wait > 0 then return math.ceil(wait) end
for i, key in ipairs(KEYS) do
    redis.call('SET', key, string.format('%.0f', after[i]), 'PX', math.max(1, math.ceil(after[i] - now)))
end
return 0
"""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one request takes from one bucket: it holds `burst` and gets one more every `interval_ms`."""

    key: str
    burst: int
    interval_ms: int
    cost: int = 1


class Throttle:
    """Buckets by key, all charged in one step. In memory are at most 20,000 keys: the oldest go first."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._full_at: OrderedDict[str, float] = OrderedDict()
        self._script = runtime.redis.register_script(_SCRIPT) if runtime.redis is not None else None

    async def charge(self, charges: Sequence[Charge]) -> None:
        """Take what the charges say, or nothing at all. Raises: RateLimited with `retry_after_s`."""
        wait_ms = await self._wait_ms(charges)
        if wait_ms > 0:
            raise RateLimited(retry_after_s=max(1, -(-int(wait_ms) // 1000)))

    async def _wait_ms(self, charges: Sequence[Charge]) -> float:
        health = self._runtime.redis_health
        if self._script is not None and health.available:
            arguments = [n for charge in charges for n in (charge.interval_ms, charge.burst, charge.cost)]
            try:
                return float(await self._script(keys=[c.key for c in charges], args=arguments))
            except (RedisError, OSError) as error:
                health.lost(error)
        return self._wait_here_ms(charges)

    def _wait_here_ms(self, charges: Sequence[Charge]) -> float:
        now = time.monotonic() * 1000
        after = {c.key: max(self._full_at.get(c.key, now), now) + c.interval_ms * c.cost for c in charges}
        wait = max((after[c.key] - c.interval_ms * c.burst - now for c in charges), default=0.0)
        if wait > 0:
            return wait
        for key, full_at in after.items():
            self._full_at[key] = full_at
            self._full_at.move_to_end(key)
        while len(self._full_at) > _ENTRIES_MAX:
            self._full_at.popitem(last=False)
        return 0.0


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
