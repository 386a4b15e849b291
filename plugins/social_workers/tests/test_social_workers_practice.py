"""Licences, solo practice, supervision, targets and the work list."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from linli_social_workers import figures

TERM = {"valid_from": date(2026, 1, 1), "valid_until": date(2029, 1, 1)}
SOLO = {"subject": "个案辅导", "from_on": date(2026, 5, 1), "to_on": date(2026, 6, 1)}


async def test_solo_practice_takes_a_licence_for_all_of_its_days(
    story: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    given = {"person_id": person, "number": "DL-0001", **TERM}
    with pytest.raises(refused) as caught:
        await story.act("licenseSocialWorker", **given)
    assert caught.value.code == "social_workers.no_registration"
    await story.registered(person)
    with pytest.raises(refused) as caught:
        await story.act("enterSocialWorkerPractice", person_id=person, **SOLO)
    assert caught.value.code == "social_workers.no_licence"
    licence = await story.act("licenseSocialWorker", **given)
    await story.act("enterSocialWorkerPractice", person_id=person, **SOLO)
    beyond = {**SOLO, "to_on": date(2029, 1, 2)}
    with pytest.raises(refused) as caught:
        await story.act("enterSocialWorkerPractice", person_id=person, **beyond)
    assert caught.value.code == "social_workers.no_licence"
    await story.act("revokeSocialWorkerLicence", id=licence, reason="违规")
    with pytest.raises(refused) as caught:
        await story.act("enterSocialWorkerPractice", person_id=person, **SOLO)
    assert caught.value.code == "social_workers.no_licence"


async def test_nobody_supervises_themselves_or_without_a_registration(
    story: Any, world: Any, refused: Any
) -> None:
    person, other = await world.person(), await world.person()
    given = {"on_day": date(2026, 5, 1), "hours": 2}
    for supervisor, code in ((other, "own_supervision"), (person, "no_registration")):
        with pytest.raises(refused) as caught:
            await story.act(
                "enterSocialWorkerSupervision", supervisor_id=supervisor, person_id=other, **given
            )
        assert caught.value.code == f"social_workers.{code}"
    await story.registered(person)
    await story.act("enterSocialWorkerSupervision", supervisor_id=person, person_id=other, **given)


async def test_a_post_takes_a_certificate_and_a_unit_that_exists(
    story: Any, world: Any, refused: Any
) -> None:
    person = await world.person()
    given = {"person_id": person, "area_id": world.area.id, "from_on": date(2026, 5, 1)}
    with pytest.raises(refused) as caught:
        await story.act("takeUpSocialWorkerPost", **given)
    assert caught.value.code == "social_workers.no_certificate"
    await story.certificate(person)
    post = await story.act("takeUpSocialWorkerPost", **given)
    with pytest.raises(refused) as caught:
        await story.act("leaveSocialWorkerPost", id=post, on=date(2026, 5, 1))
    assert caught.value.code == "social_workers.ends_before_start"


async def test_the_274_for_214_communities_of_jingmen(quick: Any, world: Any) -> None:
    given = {"year": 2026, "communities": 214, "aim": 214, "source": "荆门市报告"}
    await quick.act("setSocialWorkerTarget", area_id=world.area.id, **given)
    for _ in range(3):
        await quick.certificate()
    fill = """insert into social_workers_certificate (tenant_id, id, area_id, area_path, person_id, number, level,
        source, passed_in, issued_on) select $1, gen_random_uuid(), $2, $3, p.id, 'N' || p.id, 'assistant',
        'elsewhere', 2024, '2024-10-01' from person p"""
    people = """with person as (insert into identity_person (tenant_id, id, area_id, area_path, full_name, name_pinyin,
        synthetic) select $1, gen_random_uuid(), $2, $3, '演示' || n, '', true from generate_series(1, 271) as n
        returning id)"""
    async with world.as_system() as ctx:
        await ctx.db.execute(
            f"{people} {fill.replace('::text', '::text::varchar(36)')}",
            world.tenant.id,
            world.area.id,
            world.area.path,
        )
    async with world.context() as ctx:
        found = await figures.coverage(ctx, area_id=world.area.id)
    assert (found.people, found.communities, found.per_community, found.aim_met) == (274, 214, 1.28, True)


WORK = "{ socialWorkerWorkList(first: 5) { section more items { person dueOn hours hoursRequired } } }"


async def test_the_work_list_has_what_comes_due(quick: Any, world: Any, api: Any) -> None:
    api.runtime.clock = world.clock
    for day in (date(2023, 5, 10), date(2023, 6, 1), date(2023, 8, 1), date(2024, 1, 1)):
        await quick.registered(await world.person(), valid_from=day)
    await quick.applied()
    reader = world.bench.actor(["social_workers.registration.read"])
    pages = (await api.execute(world.tenant, reader, WORK))["socialWorkerWorkList"]
    counted = {page["section"]: len(page["items"]) for page in pages}
    assert counted == {
        "RENEWALS_7": 1,
        "RENEWALS_30": 1,
        "RENEWALS_90": 1,
        "APPLICATIONS": 1,
        "RENEWALS_APPLIED": 0,
        "HOURS_SHORT": 3,
    }
    first = pages[0]["items"][0]
    assert first == {"person": "演***", "dueOn": "2026-05-10", "hours": 0, "hoursRequired": 72}
