"""Bars through the API: imposed by one, lifted by another, and asked for by other plugins."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from linli.plugin import OwnWork
from linli_graphql.ids import local_id, to_global_id
from linli_graphql.testing import GraphQLBench
from linli_organisations.api import is_barred, lift_bar, officers_among

READ = ("identity.organisation.read", "organisations.bar.read")
BAR = """mutation ($input: BarOrganisationInput!) {
  barOrganisation(input: $input) { organisationBar { id barredFrom rule objectUntil } problems { code path } } }"""
LIFT = """mutation ($input: LiftOrganisationBarInput!) {
  liftOrganisationBar(input: $input) { organisationBar { id liftedOn } problems { code path } } }"""


class Bars:
    """The town's bars, as a maker, a checker and a reader see them."""

    def __init__(self, api: GraphQLBench, town: Any) -> None:
        self.api, self.town = api, town
        api.runtime.clock = town.clock
        decide = (*READ, "organisations.bar.decide")
        self.maker, self.checker, self.reader = (town.bench.actor(held) for held in (decide, decide, READ))

    async def run(self, actor: Any, document: str, **given: Any) -> Any:
        outcome = await self.api.execute(self.town.tenant, actor, document, {"input": given})
        assert not outcome.errors, outcome.errors
        (payload,) = outcome.data.values()
        return payload

    async def impose(self, until: str = "2027-07-24", **given: Any) -> Any:
        values = {
            "organisationId": to_global_id("Organisation", self.town.club_id),
            "reason": "结项审计不合格",
        }
        return await self.run(self.maker, BAR, barredUntil=until, **{**values, **given})

    async def barred(self, on: date | None = None) -> bool:
        async with self.town.as_(self.reader) as ctx:
            return await is_barred(ctx, self.town.club_id, on)


@pytest.fixture
def bars(api: GraphQLBench, town: Any) -> Bars:
    return Bars(api, town)


async def test_a_bar_counts_from_today_to_its_last_day(bars: Bars) -> None:
    made = (await bars.impose())["organisationBar"]
    assert (made["barredFrom"], made["objectUntil"]) == ("2026-07-24", "2026-09-22")
    assert made["rule"] != ""
    for day, expected in ((0, True), (-1, False), (365, True), (366, False)):
        assert await bars.barred(bars.town.today + timedelta(days=day)) is expected


async def test_a_bar_is_lifted_by_somebody_else_and_once(bars: Bars) -> None:
    bar = (await bars.impose())["organisationBar"]["id"]
    refused = await bars.run(bars.maker, LIFT, id=bar, reason="复核")
    assert refused["problems"] == [{"code": "workflow.own_work", "path": []}]
    lifted = await bars.run(bars.checker, LIFT, id=bar, reason="复核")
    assert lifted["organisationBar"]["liftedOn"] == "2026-07-24"
    assert not await bars.barred()
    again = await bars.run(bars.checker, LIFT, id=bar, reason="复核")
    assert [one["code"] for one in again["problems"]] == ["organisations.already_lifted"]


async def test_another_plugin_lifts_a_bar_with_the_decision_that_it_undoes(bars: Bars) -> None:
    bar = local_id("OrganisationBar", (await bars.impose())["organisationBar"]["id"])
    async with bars.town.as_(bars.maker) as ctx:
        with pytest.raises(OwnWork):
            await lift_bar(ctx, bar, reason="异议成立")
    for reason in ("异议成立", "再次"):
        async with bars.town.as_(bars.reader) as ctx:
            lifted = await lift_bar(ctx, bar, reason=reason)
        assert (lifted.lift_reason, lifted.lifted_by) == ("异议成立", bars.reader.id)
    assert not await bars.barred()


@pytest.mark.parametrize("until", ["2026-07-23", "2036-07-25"])
async def test_a_bar_that_ends_yesterday_or_after_ten_years_is_refused(bars: Bars, until: str) -> None:
    refused = await bars.impose(until)
    assert refused["problems"] == [{"code": "organisations.bar_too_long", "path": ["input", "barredUntil"]}]


async def test_who_may_only_look_bars_nobody_and_who_may_not_look_sees_nothing(bars: Bars) -> None:
    given = {"organisationId": to_global_id("Organisation", bars.town.club_id), "reason": "无"}
    denied = await bars.run(bars.reader, BAR, barredUntil="2027-01-01", **given)
    assert [one["code"] for one in denied["problems"]] == ["permission_denied"]
    bar = (await bars.impose())["organisationBar"]["id"]
    stranger = bars.town.bench.actor(("identity.organisation.read", "organisations.bar.decide"))
    hidden = await bars.run(stranger, LIFT, id=bar, reason="复核")
    assert [one["code"] for one in hidden["problems"]] == ["not_found"]


async def test_another_plugin_asks_which_people_are_officers(town: Any) -> None:
    entry = await town.entry("登1", date(2020, 5, 1))
    await town.officer(entry, name=None, person_id=town.person_id)
    async with town.as_(town.reader) as ctx:
        assert await officers_among(ctx, [town.person_id]) == {(town.club_id, town.person_id)}
        assert await officers_among(ctx, [town.club_id]) == frozenset()
        assert await officers_among(ctx, [town.person_id], date(2024, 12, 31)) == frozenset()
