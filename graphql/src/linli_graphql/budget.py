"""What callers may spend on reads and writes: buckets for each principal and each tenant, refilled by the minute.

The buckets are in Redis and are charged in one atomic step, for all processes and transports together. A process
takes a small lot at a time and spends it from its own memory, so that few requests wait for Redis; a lot that is
not spent within seconds is lost to the caller, never gained. A lot is about what its caller spent in the last
seconds, so that a tenant of many callers who ask seldom does not lose its minute to lots that nobody spends.
Source for the headers: draft-ietf-httpapi-ratelimit-headers.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from linli.context import Actor
from linli.http.errors import RateLimited
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.registry import PluginSet
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli_graphql.refusals import DocumentRefused, Fault, TooExpensive

WINDOW_S: Final = 60
_LOT_KEPT_S: Final = 5.0
_LOT_SHARE: Final = 100
_POCKETS_MAX: Final = 10_000
_WINDOW_MS: Final = WINDOW_S * 1000.0


@dataclass(frozen=True, slots=True)
class Quota:
    """What holds for one principal: for one document, and for a minute; and for its tenant's minute."""

    document: int
    principal: int
    tenant: int

    @classmethod
    def of(cls, settings: Settings, tenant: Tenant, plugins: PluginSet) -> Quota:
        """The tenant's settings, within what the platform's operator allows it."""
        ceiling = settings.tenant_cost_per_minute
        principal = min(_setting(tenant, plugins, "http.cost_per_minute"), ceiling)
        return cls(min(_setting(tenant, plugins, "http.request_cost_max"), principal), principal, ceiling)


@dataclass(slots=True)
class _Pocket:
    left: int = 0
    good_until: float = 0.0
    beyond: int = 0
    """What was left in the bucket when the lot was taken."""
    taken: int = 0
    spent_before: int = 0
    """What was taken in this period, and what was spent in the one before."""

    def begin_period(self) -> None:
        """Lose what was not spent, and remember how much was."""
        self.spent_before = self.taken - self.left
        self.left = self.taken = 0

    def lot(self, need: int, lot_max: int) -> int:
        """How much to take: a quarter more than was spent in the last period, twice as much when it ran out."""
        wanted = self.taken or self.spent_before + self.spent_before // 4
        return max(need, min(wanted, lot_max))


class Receipt(msgspec.Struct, eq=False):
    """What a request was charged. `remaining` is what its principal has left, as far as this process knows."""

    quota: Quota
    requested: int
    charged: int
    pocket: _Pocket

    @property
    def remaining(self) -> int:
        """What is left of the minute."""
        return max(0, min(self.quota.principal, self.pocket.left + self.pocket.beyond))

    def settle(self, used: int) -> None:
        """Give back what the estimate was too high by."""
        given_back = self.charged - max(1, min(used, self.charged))
        self.charged -= given_back
        self.pocket.left += given_back

    def as_extension(self) -> bytes:
        """What `extensions.cost` says, as JSON."""
        return b'{"requested":%d,"charged":%d,"remaining":%d,"perMinute":%d}' % (
            self.requested,
            self.charged,
            self.remaining,
            self.quota.principal,
        )


class Budget:
    """The buckets, as one process sees them; at most 10,000 principals' lots are held."""

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._pockets: OrderedDict[tuple[Any, ...], _Pocket] = OrderedDict()

    async def charge(self, quota: Quota, tenant: Tenant, actor: Actor, cost: int) -> Receipt:
        """Charge a request before it is executed. Raises: DocumentRefused (TooExpensive), RateLimited."""
        if cost > quota.document:
            raise DocumentRefused(Fault(TooExpensive(cost=cost, limit=quota.document)))
        pocket: _Pocket | None = actor.derived.get(self)
        if pocket is None:
            pocket = actor.derived[self] = self._pocket((tenant.id, actor.kind, actor.id))
        now = time.monotonic()
        if pocket.good_until <= now:
            pocket.begin_period()
        if pocket.left < cost:
            await self._fill(pocket, quota, tenant, actor, cost)
        pocket.left -= cost
        return Receipt(quota, cost, cost, pocket)

    async def _fill(self, pocket: _Pocket, quota: Quota, tenant: Tenant, actor: Actor, cost: int) -> None:
        held, pocket.left = pocket.left, 0  # nobody else spends it while Redis is asked
        need = cost - held
        try:
            wanted = pocket.lot(need, quota.principal // _LOT_SHARE)
            taken = await self._take(quota, tenant, actor, wanted)
            if taken is None:
                taken = await self._take(quota, tenant, actor, need, refuse=True)
        except BaseException:
            pocket.left += held
            raise
        assert taken is not None
        lot, pocket.beyond = taken
        pocket.left += held + lot
        pocket.taken += lot
        pocket.good_until = time.monotonic() + _LOT_KEPT_S

    async def _take(
        self, quota: Quota, tenant: Tenant, actor: Actor, lot: int, *, refuse: bool = False
    ) -> tuple[int, int] | None:
        """Take a lot out of both buckets: its size and what the principal has left. None when there is not enough."""
        taken = await self._throttle.take(
            [
                _charge(
                    throttle_key("cost", str(tenant.id), actor.kind.value, str(actor.id)),
                    quota.principal,
                    lot,
                ),
                _charge(throttle_key("tenant-cost", str(tenant.id)), quota.tenant, lot),
            ]
        )
        if taken.wait_ms <= 0:
            return lot, taken.left[0]
        if refuse:
            raise RateLimited(retry_after_s=taken.retry_after_s)
        return None

    def _pocket(self, key: tuple[Any, ...]) -> _Pocket:
        pocket = self._pockets.get(key)
        if pocket is None:
            pocket = self._pockets[key] = _Pocket()
            if len(self._pockets) > _POCKETS_MAX:
                self._pockets.popitem(last=False)
        else:
            self._pockets.move_to_end(key)
        return pocket


def rate_headers(quota: Quota, remaining: int) -> tuple[tuple[bytes, bytes], ...]:
    """`RateLimit-Policy` and `RateLimit`: the quota of a minute, what is left, when it is full again."""
    full_in_s = -(-(quota.principal - remaining) * WINDOW_S // quota.principal)
    return (
        (b"ratelimit-policy", b'"cost";q=%d;w=%d' % (quota.principal, WINDOW_S)),
        (b"ratelimit", b'"cost";r=%d;t=%d' % (remaining, full_in_s)),
    )


def _charge(key: str, per_minute: int, cost: int) -> Charge:
    return Charge(key, burst=per_minute, interval_ms=_WINDOW_MS / per_minute, cost=cost)


def _setting(tenant: Tenant, plugins: PluginSet, name: str) -> int:
    value = tenant.settings[name] if name in tenant.settings else plugins.setting_default(name)
    assert isinstance(value, int)
    return max(1, value)
