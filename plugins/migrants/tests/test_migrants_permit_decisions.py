"""What officers meet when applications are completed, reopened, late, or contradicted by the authority."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest


def turn(world: Any, day: str) -> None:
    """Let it be noon of a day in Shanghai."""
    noon = datetime.fromisoformat(f"{day}T04:00:00").replace(tzinfo=UTC)
    world.clock.advance(noon - world.clock.now())


def somebody(world: Any) -> Any:
    """One more officer with all rights."""
    return world.bench.actor([one for grant in world.officer.grants for one in grant.permissions])


async def test_whoever_returned_an_application_can_hand_it_in_completed(
    story: Any, world: Any, refused: Any
) -> None:
    application = await story.drafted()
    await story.act("submitMigrantApplication", id=application)
    await story.act("returnMigrantApplication", world.checker, id=application)
    await story.complete(application)
    await story.act("submitMigrantApplication", world.checker, id=application)
    with pytest.raises(refused) as caught:
        await story.act("acceptMigrantApplication", world.checker, id=application)
    assert caught.value.code == "migrants.own_application"
    await story.act("acceptMigrantApplication", somebody(world), id=application)


async def test_a_reopened_application_is_looked_at_anew(story: Any, world: Any, refused: Any) -> None:
    application = await story.drafted()
    await story.act("submitMigrantApplication", id=application)
    await story.act("refuseMigrantApplication", world.checker, id=application, reason="材料不全")
    turn(world, "2026-06-10")
    await story.act("objectToMigrantRefusal", id=application, objection="材料可以补")
    await story.act("reopenMigrantApplication", somebody(world), id=application, answer="可以补正")
    with pytest.raises(refused) as caught:
        await story.act("acceptMigrantApplication", world.checker, id=application)
    assert caught.value.code == "migrants.papers_missing"
    await story.act("returnMigrantApplication", world.checker, id=application)


async def test_what_counts_as_accepted_does_so_since_it_was_handed_in(story: Any, world: Any) -> None:
    application = await story.drafted()
    await story.act("submitMigrantApplication", id=application)
    turn(world, "2026-05-20")
    await story.act("acceptMigrantApplication", world.checker, id=application)
    row = """select (accepted_at at time zone 'Asia/Shanghai')::date || ' ' || decision_due_on
        from migrants_application where tenant_id = $1"""
    assert await world.value(row) == "2026-05-06 2026-05-21"


async def test_an_approval_that_the_authority_takes_back_leaves_the_way_open(story: Any, world: Any) -> None:
    person = await world.person()
    await story.active(person_id=person, from_on=date(2025, 9, 1))
    application = await story.approved(person_id=person)
    given = {"decision": "refused", "reference": "公字第 2 号", "reason": "撤销批准"}
    await story.act("recordMigrantDecision", world.checker, id=application, **given)
    await story.drafted(person_id=person)
