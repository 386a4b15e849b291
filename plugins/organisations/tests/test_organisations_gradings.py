"""Gradings: the whole table of states, every refusal, and which grade counts on a day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import (
    FutureDate,
    NotFound,
    OwnWork,
    PermissionDenied,
    Required,
    StaleVersion,
    UndefinedTransition,
    UnknownValue,
    rows,
)
from linli.workflow.errors import PermissionMissing
from linli_organisations import api, gradings, jobs, registrations
from linli_organisations.decisions import facts
from linli_organisations.errors import (
    AssessorHasInterest,
    AssessorsOutOfRange,
    NewerGrade,
    NotRegistered,
    PersonOrName,
    PublishedBeforeAssessed,
    RegisteredTooShortly,
    ScoreOutOfRange,
)
from linli_organisations.gradings import LIFE, AssessorEntry, years_after
from linli_organisations.tables import Grading
from linli_organisations.terms import Grade

REGISTERED = date(2018, 3, 1)
EXPERT = AssessorEntry(has_interest=False, name="演示专家")


async def _act(town: Any, ctx: Any, action: str, grading: Grading) -> Grading:
    """Do what leads to a transition; gives the grading as it is then."""
    if action == "publish":
        return await gradings.publish_grade(ctx, grading.id)
    if action == "discard":
        return await gradings.discard(ctx, grading.id)
    if action == "revoke":
        return await gradings.revoke(ctx, grading.id, reason="评估材料不实")
    # The job expires and a newer grade replaces; both ask the machine in this way.
    state = LIFE.apply(grading.state, action, await facts(ctx, grading, LIFE))
    return await rows.update(ctx, grading, action=action, state=state)


async def _put(town: Any, registration_id: UUID, state: str) -> Grading:
    async with town.as_(town.deputy) as ctx:
        published = state not in ("draft", "discarded")
        return await rows.insert(
            ctx,
            Grading,
            registration_id=registration_id,
            area_id=town.street.id,
            area_path=town.street.path,
            grade="3A",
            score=850,
            assessed_on=date(2020, 5, 1),
            state=state,
            published_on=date(2020, 6, 1) if published else None,
            valid_until=date(2030, 6, 1) if published else None,
        )


@pytest.mark.parametrize(("state", "action"), LIFE.legal())
async def test_every_transition_of_the_table_works(town: Any, state: str, action: str) -> None:
    entry = await town.entry("登1", REGISTERED)
    grading = await _put(town, entry.id, state)
    async with town.as_(town.chief) as ctx:
        done = await _act(town, ctx, action, grading)
    assert done.state == LIFE.transition(state, action).target


async def test_every_other_transition_is_refused(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    for state, action in LIFE.illegal():
        grading = await _put(town, entry.id, state)
        async with town.as_(town.chief) as ctx:
            with pytest.raises(UndefinedTransition):
                await _act(town, ctx, action, grading)


async def test_a_grade_is_published_by_somebody_else(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    async with town.as_(town.chief) as ctx:
        values = {"grade": "5A", "score": 960, "assessed_on": date(2026, 7, 1), "assessors": [EXPERT]}
        mine = await gradings.draft(ctx, entry.id, **values)
        with pytest.raises(OwnWork):
            await gradings.publish_grade(ctx, mine.id)
    async with town.as_(town.clerk) as ctx:
        with pytest.raises(PermissionMissing):
            await gradings.publish_grade(ctx, mine.id)
    async with town.as_(town.deputy) as ctx:
        done = await gradings.publish_grade(ctx, mine.id)
    assert (done.published_on, done.valid_until) == (town.today, date(2031, 7, 24))
    assert (await town.events())[-1] == "organisations.grade_published"


async def test_who_assessed_does_not_publish(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    made = await town.grading(
        entry, assessors=[AssessorEntry(has_interest=False, person_id=town.person_id), EXPERT]
    )
    async with town.as_(replace(town.chief, person_id=town.person_id)) as ctx:
        with pytest.raises(OwnWork):
            await gradings.publish_grade(ctx, made.id)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"grade": "6A"}, UnknownValue),
        ({"score": -1}, ScoreOutOfRange),
        ({"score": 1001}, ScoreOutOfRange),
        ({"assessed_on": date(2026, 7, 25)}, FutureDate),
        ({"assessors": []}, AssessorsOutOfRange),
        ({"assessors": [EXPERT] * 2}, AssessorsOutOfRange),
        ({"assessors": [EXPERT] * 31}, AssessorsOutOfRange),
        ({"assessors": [EXPERT, AssessorEntry(has_interest=True, name="演示亲属")]}, AssessorHasInterest),
        ({"assessors": [AssessorEntry(has_interest=False)]}, PersonOrName),
    ],
)
async def test_a_bad_grading_is_refused(town: Any, changes: dict[str, Any], refusal: type) -> None:
    entry = await town.entry("登1", REGISTERED)
    with pytest.raises(refusal):
        await town.grading(entry, **changes)


async def test_an_officer_does_not_assess_the_own_organisation(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    await town.officer(entry, person_id=town.person_id, name=None)
    with pytest.raises(AssessorHasInterest):
        await town.grading(entry, assessors=[AssessorEntry(has_interest=False, person_id=town.person_id)])


async def test_an_assessment_takes_two_years_of_registration(town: Any) -> None:
    entry = await town.entry("登1", date(2024, 7, 2))
    with pytest.raises(RegisteredTooShortly):
        await town.grading(entry, assessed_on=date(2026, 7, 1))
    await town.grading(entry, assessed_on=date(2026, 7, 2))


async def test_a_filing_and_a_suspended_organisation_are_not_graded(town: Any) -> None:
    filing = await town.entry("备1", REGISTERED, track="filing")
    with pytest.raises(NotRegistered):
        await town.grading(filing)
    entry = await town.entry("登1", REGISTERED, organisation_id=town.society_id)
    made = await town.grading(entry)
    async with town.as_(town.chief) as ctx:
        await registrations.suspend(ctx, entry.id, reason="未按期年检")
        with pytest.raises(NotRegistered):
            await gradings.publish_grade(ctx, made.id)


async def test_a_grade_is_not_published_before_its_assessment_nor_in_the_future(town: Any) -> None:
    made = await town.grading(await town.entry("登1", REGISTERED))
    async with town.as_(town.chief) as ctx:
        with pytest.raises(PublishedBeforeAssessed):
            await gradings.publish_grade(ctx, made.id, published_on=date(2026, 6, 30))
        with pytest.raises(FutureDate):
            await gradings.publish_grade(ctx, made.id, published_on=town.today + timedelta(days=1))
        with pytest.raises(StaleVersion):
            await gradings.publish_grade(ctx, made.id, expected_version=made.version + 1)


async def test_a_grade_counts_for_five_years_and_never_after(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    await town.published(entry, date(2021, 7, 23), assessed_on=date(2021, 5, 1), grade="3A")
    async with town.as_(town.chief) as ctx:
        assert await api.valid_grade(ctx, town.club_id, date(2021, 7, 22)) is None
        assert await api.valid_grade(ctx, town.club_id, date(2021, 7, 23)) is Grade.A3
        assert await api.valid_grade(ctx, town.club_id, date(2026, 7, 23)) is Grade.A3
        assert await api.valid_grade(ctx, town.club_id, town.today) is None  # although no job has run yet


async def test_the_daily_job_tells_of_each_grade_that_ended_once(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    ended = await town.published(entry, date(2021, 7, 23), assessed_on=date(2021, 5, 1))
    other = await town.entry("登2", REGISTERED, organisation_id=town.society_id)
    going_on = await town.published(other, date(2021, 7, 24), assessed_on=date(2021, 5, 1))
    for _ in range(2):
        async with town.bench.context(town.tenant, clock=town.clock) as ctx:
            await jobs.expire_gradings(ctx, {})
    async with town.as_(town.chief) as ctx:
        states = [(await rows.get(ctx, Grading, one.id)).state for one in (ended, going_on)]
    assert states == ["expired", "published"]
    assert (await town.events()).count("organisations.grade_expired") == 1


async def test_a_newer_grade_replaces_the_earlier_one(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    earlier = await town.published(entry, date(2023, 1, 10), assessed_on=date(2023, 1, 1), grade="5A")
    drafted = await town.grading(entry, grade="4A")
    async with town.as_(town.chief) as ctx:
        for day in (date(2023, 1, 9), date(2023, 1, 10)):
            with pytest.raises((NewerGrade, PublishedBeforeAssessed)):
                await gradings.publish_grade(ctx, drafted.id, published_on=day)
        await gradings.publish_grade(ctx, drafted.id, published_on=date(2026, 7, 20))
        replaced = await rows.get(ctx, Grading, earlier.id)
        assert (replaced.state, replaced.valid_until) == ("replaced", date(2026, 7, 19))
        assert await api.valid_grade(ctx, town.club_id, date(2026, 7, 19)) is Grade.A5
        assert await api.valid_grade(ctx, town.club_id, date(2026, 7, 20)) is Grade.A4
    late = await town.grading(entry, assessed_on=date(2026, 7, 2))
    async with town.as_(town.chief) as ctx:
        with pytest.raises(NewerGrade):
            await gradings.publish_grade(ctx, late.id, published_on=date(2026, 7, 20))


async def test_a_revoked_grade_counts_no_more_and_says_why(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    made = await town.published(entry, date(2026, 7, 10))
    async with town.as_(town.chief) as ctx:
        with pytest.raises(Required):
            await gradings.revoke(ctx, made.id, reason="")
        done = await gradings.revoke(ctx, made.id, reason="评估材料不实")
        assert await api.valid_grade(ctx, town.club_id, town.today) is None
        assert await api.valid_grade(ctx, town.club_id, date(2026, 7, 23)) is Grade.A4
    assert (done.reason, done.object_until) == ("评估材料不实", date(2026, 9, 22))
    assert done.rule


async def test_a_grade_falls_with_the_registration(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    await town.published(entry, date(2026, 7, 10))
    async with town.as_(town.chief) as ctx:
        await registrations.suspend(ctx, entry.id, reason="未按期年检")
        assert await api.valid_grade(ctx, town.club_id, town.today) is None
        await registrations.resume(ctx, entry.id)
        assert await api.valid_grade(ctx, town.club_id, town.today) is Grade.A4
        await registrations.cancel(ctx, entry.id, reason="自行解散")
        assert await api.valid_grade(ctx, town.club_id, town.today) is None


async def test_gradings_take_their_permissions(town: Any) -> None:
    entry = await town.entry("登1", REGISTERED)
    made = await town.grading(entry)
    async with town.as_(town.reader) as ctx:
        with pytest.raises(PermissionDenied):
            await gradings.draft(
                ctx, entry.id, grade="4A", score=910, assessed_on=town.today, assessors=[EXPERT]
            )
        with pytest.raises(PermissionMissing):
            await gradings.discard(ctx, made.id)
    stranger = town.bench.actor([gradings.READ, gradings.PUBLISH], area_path=town.elsewhere.path)
    async with town.as_(stranger) as ctx:
        with pytest.raises(NotFound):
            await gradings.publish_grade(ctx, made.id)


def test_a_leap_day_ends_on_the_last_of_february() -> None:
    assert years_after(date(2024, 2, 29), 5) == date(2029, 2, 28)
    assert years_after(date(2024, 2, 29), 4) == date(2028, 2, 29)


def test_grades_are_compared_from_1a_to_5a() -> None:
    assert Grade.A5.meets(Grade.A3)
    assert Grade.A3.meets(Grade.A3)
    assert not Grade.A2.meets(Grade.A3)
