"""From a claim to its points: the service calls of one claim after another, each in a unit of work of its own.

A claim is drafted and submitted, verified by another, confirmed by a third, and posted when its notice is over (the
clock is moved for that: waiting is the law's, not ours). Four claims at a time, of 200 residents.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from linli.clock import FixedClock
from linli.context import Context
from linli.plugin import ProvisionRequest, people, rows
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_points import claims, decisions, participants, posting, provisioning
from linli_points.evidence import EvidenceGiven
from linli_points.tables import Rule

CLAIMS: Final = 400
RESIDENTS: Final = 200
AT_ONCE: Final = 4
NOTICE: Final = timedelta(days=30)
NOON: Final = datetime(2026, 5, 6, 4, tzinfo=UTC)  # its notice lies in a year with an official calendar

Step = Callable[[Context], Awaitable[Any]]


async def measure(bench: Bench) -> str:
    """One line: median and 99th percentile of all steps of a claim together, and the median of each step, in ms."""
    tenant = await bench.tenant(plugins=["points"])
    clock = FixedClock(NOON)
    rule_id, joined = await _prepare(bench, tenant, clock)
    actors = [bench.actor(bench.composition.plugin_set(["points"]).permissions) for _ in range(3)]
    taken: dict[str, list[float]] = {}
    numbers = iter(range(CLAIMS))

    async def step(name: str, actor: int, work: Step, at: FixedClock) -> Any:
        begun = time.perf_counter()
        async with bench.context(tenant, actor=actors[actor], clock=at) as ctx:
            made = await work(ctx)
        taken.setdefault(name, []).append((time.perf_counter() - begun) * 1000)
        return made

    async def client() -> None:
        for number in numbers:
            claim = await step("submit", 0, _submitted(rule_id, joined[number % RESIDENTS], number), clock)
            await step("verify", 1, lambda ctx, one=claim: decisions.verify(ctx, one.id), clock)
            await step("confirm", 2, lambda ctx, one=claim: decisions.confirm(ctx, one.id), clock)
            later = FixedClock(clock.now() + NOTICE)
            await step("post", 0, lambda ctx, one=claim: posting.post(ctx, one.id), later)

    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    whole = sorted(sum(steps) for steps in zip(*(taken[name] for name in taken), strict=True))
    each = ", ".join(f"{name} {sorted(found)[len(found) // 2]:.1f}" for name, found in taken.items())
    return (
        f"From a claim to its points ({CLAIMS} claims, {AT_ONCE} at a time, without the days of the notice): median"
        f" {whole[len(whole) // 2]:.1f} ms, 99th percentile {whole[len(whole) * 99 // 100]:.1f} ms ({each})."
    )


def _submitted(rule_id: UUID, participant_id: UUID, number: int) -> Step:
    async def work(ctx: Context) -> Any:
        claim = await claims.draft(
            ctx,
            participant_id=participant_id,
            rule_id=rule_id,
            activity=f"清洁日 {number}",
            activity_day=ctx.today(),
            given_evidence=[EvidenceGiven("reference", f"签到表 {number}")],
        )
        return await claims.submit(ctx, claim.id)

    return work


async def _prepare(bench: Bench, tenant: Tenant, clock: FixedClock) -> tuple[UUID, list[UUID]]:
    area = await bench.area(tenant)
    joined = []
    async with bench.context(tenant, clock=clock) as ctx:
        await provisioning.standard(ctx, ProvisionRequest())
        rule = await rows.find_by(ctx, Rule, code="clean_up")
        assert rule is not None
        for number in range(RESIDENTS):
            person = await people.register(
                ctx, area_id=area.id, full_name=f"演示居民{number}", synthetic=True
            )
            joined.append((await participants.join_person(ctx, person_id=person.id)).id)
    return rule.id, joined
