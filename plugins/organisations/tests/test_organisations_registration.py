"""Registration and filing: the whole table of states, and every refusal."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.plugin import (
    Context,
    FutureDate,
    NotFound,
    OwnWork,
    PermissionDenied,
    Required,
    StaleVersion,
    TooLong,
    UndefinedTransition,
    UnknownValue,
    new_id,
    organisations,
    rows,
)
from linli.workflow.errors import PermissionMissing
from linli_organisations import api, registrations
from linli_organisations.errors import (
    AlreadyEntered,
    EndsBeforeEntry,
    NotAFiling,
    NotASocialOrganisation,
    NumberTaken,
    ObjectionTooLate,
    UnknownCategory,
    UpgradeInstead,
)
from linli_organisations.registrations import LIFE
from linli_organisations.tables import Registration

Act = Callable[[Context, UUID], Awaitable[Registration]]
ACTIONS: dict[str, Act] = {
    "accept": lambda ctx, id: registrations.accept(ctx, id),
    "refuse": lambda ctx, id: registrations.refuse(ctx, id, reason="材料不实"),
    "withdraw": lambda ctx, id: registrations.withdraw(ctx, id),
    "approve": lambda ctx, id: registrations.approve(ctx, id, number=f"登{id}"),
    "object": lambda ctx, id: registrations.object_to_refusal(ctx, id, objection="材料属实"),
    "uphold": lambda ctx, id: registrations.decide_objection(ctx, id, upheld=True, reason="理由不成立"),
    "overturn": lambda ctx, id: registrations.decide_objection(ctx, id, upheld=False, reason="理由成立"),
    "suspend": lambda ctx, id: registrations.suspend(ctx, id, reason="未按期年检"),
    "resume": lambda ctx, id: registrations.resume(ctx, id),
    "cancel": lambda ctx, id: registrations.cancel(ctx, id, reason="自行解散"),
    "upgrade": lambda ctx, id: _upgrade(ctx, id),
}
ENTERED = ("active", "suspended", "upgraded", "cancelled")


async def _upgrade(ctx: Context, filing_id: UUID) -> Registration:
    """The transition `upgrade` of a filing: the approval of an application that names it."""
    filing = await rows.get(ctx, Registration, filing_id)
    kept = ("area_id", "area_path", "organisation_id", "kind", "category_id", "scope", "applied_on")
    values = {name: getattr(filing, name) for name in kept}
    made = await rows.insert(
        ctx, Registration, track="registration", state="accepted", upgrades_id=filing_id, **values
    )
    await registrations.approve(ctx, made.id, number=f"升{filing_id}")
    return await rows.get(ctx, Registration, filing_id)


async def _put(town: Any, state: str) -> UUID:
    """A filing that stands in a state, entered by the clerk and decided by the deputy."""
    made = await town.apply(track="filing")
    async with town.as_(town.deputy) as ctx:
        await ctx.db.execute(
            "update organisations_registration set state = $3, decided_by = $4, object_until = $5::date,"
            " number = case when $6 then 'A' || id::text end, entered_on = case when $6 then $7::date end,"
            " ended_on = case when $3 in ('cancelled', 'upgraded') then $5::date end"
            " where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            made.id,
            state,
            town.deputy.id,
            town.today,
            state in ENTERED,
            date(2020, 1, 1),
        )
    return made.id


@pytest.mark.parametrize(("state", "action"), LIFE.legal())
async def test_every_transition_of_the_table_works(town: Any, state: str, action: str) -> None:
    entry_id = await _put(town, state)
    async with town.as_(town.chief) as ctx:
        entry = await ACTIONS[action](ctx, entry_id)
    assert entry.state == LIFE.transition(state, action).target


async def test_every_other_transition_is_refused(town: Any) -> None:
    for state in LIFE.states:
        entry_id = await _put(town, state)
        for action in (action for known, action in LIFE.illegal() if known == state):
            async with town.as_(town.chief) as ctx:
                with pytest.raises(UndefinedTransition):
                    async with ctx.db.savepoint():
                        await ACTIONS[action](ctx, entry_id)
        async with town.as_(town.chief) as ctx:
            entry = await rows.get(ctx, Registration, entry_id)
            assert entry.state == state
            await rows.delete(ctx, entry)


async def test_an_application_is_decided_by_somebody_else(town: Any) -> None:
    async with town.as_(town.chief) as ctx:
        values = {"track": "filing", "kind": "association", "scope": "下棋"}
        made = await registrations.apply(
            ctx, organisation_id=town.club_id, category_id=town.category_id, **values
        )
        for action in ("accept", "refuse"):
            with pytest.raises(OwnWork):
                await ACTIONS[action](ctx, made.id)
    async with town.as_(town.deputy) as ctx:
        await registrations.accept(ctx, made.id)
    async with town.as_(town.chief) as ctx:
        for action in ("approve", "refuse"):
            with pytest.raises(OwnWork):
                await ACTIONS[action](ctx, made.id)
    async with town.as_(town.deputy) as ctx:
        entry = await registrations.approve(ctx, made.id, number="备1")
    assert (entry.state, entry.entered_on, entry.decided_by) == ("active", town.today, town.deputy.id)


async def test_a_registration_is_told_to_others(town: Any) -> None:
    entry = await town.entry("登1")
    async with town.as_(town.chief) as ctx:
        await registrations.cancel(ctx, entry.id, reason="自行解散")
    assert await town.events() == ["organisations.registered", "organisations.registration_cancelled"]


async def test_what_an_actor_may_not_do_is_refused(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.clerk) as ctx:
        with pytest.raises(PermissionMissing):
            await registrations.accept(ctx, made.id)
    async with town.as_(town.reader) as ctx:
        with pytest.raises(PermissionDenied):
            await registrations.apply(
                ctx,
                organisation_id=town.society_id,
                track="filing",
                kind="association",
                category_id=town.category_id,
                scope="下棋",
            )
        with pytest.raises(PermissionMissing):
            await registrations.withdraw(ctx, made.id)


async def test_an_officer_of_another_street_finds_nothing(town: Any) -> None:
    made = await town.apply()
    stranger = town.bench.actor(
        [registrations.READ, registrations.APPLY, registrations.DECIDE, "identity.organisation.read"],
        area_path=town.elsewhere.path,
    )
    async with town.as_(stranger) as ctx:
        for action in ACTIONS.keys() - {"upgrade"}:
            with pytest.raises(NotFound):
                await ACTIONS[action](ctx, made.id)
        with pytest.raises(NotFound):
            await registrations.upgrade_filing(ctx, made.id)
        with pytest.raises(NotFound):
            await registrations.apply(
                ctx,
                organisation_id=town.club_id,
                track="filing",
                kind="association",
                category_id=town.category_id,
                scope="下棋",
            )


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"track": "license"}, UnknownValue),
        ({"kind": "company"}, UnknownValue),
        ({"scope": "  "}, Required),
        ({"scope": "棋" * 1001}, TooLong),
        ({"authority": "局" * 201}, TooLong),
        ({"category_id": new_id()}, UnknownCategory),
        ({"organisation_id": new_id()}, NotFound),
    ],
)
async def test_a_bad_application_is_refused(town: Any, changes: dict[str, Any], refusal: type) -> None:
    with pytest.raises(refusal):
        await town.apply(**changes)


async def test_only_open_social_organisations_apply(town: Any) -> None:
    with pytest.raises(NotASocialOrganisation):
        await town.apply(town.shop_id)
    async with town.bench.context(town.tenant) as ctx:
        await organisations.close(ctx, town.club_id)
    with pytest.raises(NotASocialOrganisation):
        await town.apply()


async def test_one_trade_may_have_several_organisations(town: Any) -> None:
    first = await town.entry("登1", organisation_id=town.club_id)
    second = await town.entry("登2", organisation_id=town.society_id)
    assert (first.scope, first.category_id) == (second.scope, second.category_id)


async def test_an_organisation_has_one_live_entry_per_track(town: Any) -> None:
    await town.apply()
    for track in ("registration", "filing"):
        with pytest.raises(AlreadyEntered):
            await town.apply(track=track)


async def test_of_two_applications_at_the_same_moment_one_is_refused(town: Any) -> None:
    outcomes = await asyncio.gather(*(town.apply() for _ in range(2)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyEntered", "Registration"]

    filing = await town.entry("备1", organisation_id=town.society_id, track="filing")

    async def upgrade() -> Registration:
        async with town.as_(town.clerk) as ctx:
            return await registrations.upgrade_filing(ctx, filing.id)

    outcomes = await asyncio.gather(upgrade(), upgrade(), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["AlreadyEntered", "Registration"]


async def test_a_number_is_used_once(town: Any) -> None:
    await town.entry("登1")
    with pytest.raises(NumberTaken):
        await town.entry("登1", organisation_id=town.society_id)


async def test_an_entry_is_not_dated_in_the_future_nor_ends_before_it_began(town: Any) -> None:
    with pytest.raises(FutureDate):
        await town.entry("登1", entered_on=town.today + timedelta(days=1))
    entry = await town.entry("登2", entered_on=date(2026, 1, 1), organisation_id=town.society_id)
    async with town.as_(town.chief) as ctx:
        with pytest.raises(EndsBeforeEntry):
            await registrations.cancel(ctx, entry.id, reason="误登", ended_on=date(2025, 12, 31))
        with pytest.raises(FutureDate):
            await registrations.cancel(ctx, entry.id, reason="误登", ended_on=town.today + timedelta(days=1))


async def test_a_stale_version_is_refused(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.chief) as ctx:
        await registrations.accept(ctx, made.id, expected_version=made.version)
        with pytest.raises(StaleVersion):
            await registrations.approve(ctx, made.id, number="登1", expected_version=made.version)


async def test_a_filing_is_upgraded_and_kept(town: Any) -> None:
    filing = await town.entry("备1", date(2024, 5, 1), track="filing")
    with pytest.raises(UpgradeInstead):
        await town.apply(track="registration")
    async with town.as_(town.clerk) as ctx:
        made = await registrations.upgrade_filing(ctx, filing.id)
        with pytest.raises(AlreadyEntered):
            await registrations.upgrade_filing(ctx, filing.id)
    async with town.as_(town.chief) as ctx:
        await registrations.accept(ctx, made.id)
        with pytest.raises(EndsBeforeEntry):
            async with ctx.db.savepoint():
                await registrations.approve(ctx, made.id, number="登1", entered_on=date(2024, 4, 30))
        assert not await api.is_registered(ctx, town.club_id)
        entry = await registrations.approve(ctx, made.id, number="登1")
        filing = await rows.get(ctx, Registration, filing.id)
        assert await api.is_registered(ctx, town.club_id)
    assert (entry.track, entry.upgrades_id, entry.scope) == ("registration", filing.id, filing.scope)
    assert (filing.state, filing.number, filing.ended_on) == ("upgraded", "备1", town.today)


@pytest.mark.parametrize("track", ["registration", "filing"])
async def test_only_an_active_filing_is_upgraded(town: Any, track: str) -> None:
    made = await (town.entry("登1") if track == "registration" else town.apply(track="filing"))
    async with town.as_(town.clerk) as ctx:
        with pytest.raises(NotAFiling):
            await registrations.upgrade_filing(ctx, made.id)


async def test_a_refusal_names_reason_rule_and_the_last_day_to_object(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.chief) as ctx:
        with pytest.raises(Required):
            await registrations.refuse(ctx, made.id, reason=" ")
        entry = await registrations.refuse(ctx, made.id, reason="住所证明缺失")
    assert (entry.reason, entry.object_until) == ("住所证明缺失", date(2026, 9, 22))
    assert "条例" in entry.rule


async def test_an_objection_is_decided_by_somebody_new_and_in_time(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.chief) as ctx:
        await registrations.refuse(ctx, made.id, reason="住所证明缺失")
    town.clock.advance(timedelta(days=61))
    async with town.as_(town.clerk) as ctx:
        with pytest.raises(ObjectionTooLate):
            await registrations.object_to_refusal(ctx, made.id, objection="已提交")
    town.clock.advance(timedelta(days=-1))
    async with town.as_(town.clerk) as ctx:
        await registrations.object_to_refusal(ctx, made.id, objection="已提交")
    async with town.as_(town.chief) as ctx:
        with pytest.raises(OwnWork):
            await registrations.decide_objection(ctx, made.id, upheld=True, reason="仍缺")
    async with town.as_(town.deputy) as ctx:
        entry = await registrations.decide_objection(ctx, made.id, upheld=False, reason="材料在档")
    assert (entry.state, entry.objection) == ("accepted", "已提交")


async def test_who_applied_anew_no_longer_objects(town: Any) -> None:
    made = await town.apply()
    async with town.as_(town.chief) as ctx:
        await registrations.refuse(ctx, made.id, reason="住所证明缺失")
    await town.apply()
    with pytest.raises(AlreadyEntered):
        async with town.as_(town.clerk) as ctx:
            await registrations.object_to_refusal(ctx, made.id, objection="已提交")


async def test_a_suspended_organisation_is_not_taken_for_registered(town: Any) -> None:
    entry = await town.entry("登1", date(2024, 5, 1))
    async with town.as_(town.chief) as ctx:
        assert await api.is_registered(ctx, town.club_id)
        assert await api.is_registered(ctx, town.club_id, date(2024, 5, 1))
        assert not await api.is_registered(ctx, town.club_id, date(2024, 4, 30))
        await registrations.suspend(ctx, entry.id, reason="未按期年检")
        assert not await api.is_registered(ctx, town.club_id)
        await registrations.resume(ctx, entry.id)
        await registrations.cancel(ctx, entry.id, reason="自行解散")
        assert not await api.is_registered(ctx, town.club_id)
        assert await api.is_registered(ctx, town.club_id, date(2025, 1, 1))
