"""After an allowed erasure nothing tells who it was, and the figures are what they were."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from uuid import UUID

from linli.plugin import people
from linli.privacy import requests
from linli.privacy.requests import RequestKind
from linli.privacy.subjects import export_all
from linli_migrants import figures, permit_figures, stays, visit_figures

NUMBER, ORIGIN, PERMIT = "11010519491231002X", "示例县示例镇 7 号", "JZ0000000077"


async def counted(world: Any) -> Any:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        tables = [await visit_figures.stays_by(ctx, by=by) for by in ("state", "reason", "origin")]
        period = {"since": date(2026, 1, 1), "until": date(2026, 5, 6)}
        ratios = await permit_figures.permit_ratios(ctx, **period)
        services = await visit_figures.service_ratios(ctx, **period)
        assert figures.Measure.PERMITS_VALID in {one.measure for one in ratios}
        return tables, ratios, services


async def erased(world: Any, person: UUID) -> None:
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        request = await requests.receive(ctx, person, RequestKind.ERASE)
        await requests.verify(ctx, request.id, how="身份证原件")
        kept = await requests.erase(ctx, request.id)
    assert "migrants.application" in {one.what for one in kept}


async def test_an_erasure_takes_values_and_leaves_figures(quick: Any, world: Any) -> None:
    person = await world.person("演示要删除的人", id_number=NUMBER)
    stay = await quick.reported(person_id=person, from_on=date(2025, 9, 1), origin_address=ORIGIN)
    await quick.act("verifyMigrantStay", world.checker, id=stay)
    await quick.act("activateMigrantStay", id=stay)
    await quick.permit(PERMIT, person_id=person)
    for _ in range(6):
        await quick.active(from_on=date(2025, 9, 1))
    async with world.context() as ctx:
        await stays.depart(ctx, stay, on=date(2026, 5, 5))
        await people.mark_left(ctx, person, on=date(2026, 5, 5))
    before = await counted(world)
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        export = json.dumps(await export_all(ctx, [person]), ensure_ascii=False, default=str)
    assert all(value in export for value in (NUMBER, ORIGIN, PERMIT, "示例材料"))
    await erased(world, person)
    assert await counted(world) == before
    async with world.bench.context(world.tenant, clock=world.clock) as ctx:
        left = json.dumps(await export_all(ctx, [person]), ensure_ascii=False, default=str)
    assert not any(value in left for value in ("要删除", NUMBER, ORIGIN, PERMIT, "示例材料"))
