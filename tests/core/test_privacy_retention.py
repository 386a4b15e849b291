"""For how long data are kept, and figures about too few people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.clock import FixedClock
from linli.context import PermissionDenied
from linli.identity import people
from linli.ids import new_id
from linli.privacy import retention, small_cells
from linli.privacy.errors import RetentionOutOfRange, UnknownDataClass
from linli.testing.factories import Bench

NOW = datetime(2026, 7, 24, 4, 0, tzinfo=UTC)
CLOCK = FixedClock(NOW)
_REVEAL = """
insert into privacy_reveal (tenant_id, id, person_id, subject_table, subject_id, field, reason, actor_kind, actor_name,
    office, revealed_at) values ($1, $2, $3, 'identity_person', $3, 'phone', '测试', 'account', '测试', '测试', $4)"""


async def test_what_is_past_its_period_goes_and_the_report_says_how_much(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await people.register(ctx, area_id=None, full_name="测试人员", synthetic=True)
        for days in (1, 182, 184, 1_094, 1_096, 2_000):
            await ctx.db.execute(_REVEAL, tenant.id, new_id(), person.id, NOW - timedelta(days=days))
        await retention.apply(ctx, {})
        assert (
            await ctx.db.fetchval("select count(*) from privacy_reveal where tenant_id = $1", tenant.id) == 4
        )
        await retention.set_period(ctx, "privacy.reveal", 183)
        await retention.apply(ctx, {})
        assert (
            await ctx.db.fetchval("select count(*) from privacy_reveal where tenant_id = $1", tenant.id) == 2
        )
        lines = [(one.data_class, one.days, one.deleted, one.outcome) for one in await retention.reports(ctx)]
        assert [line for line in lines if line[0] != "audit.entry"] == [
            ("*", 0, 2, ""),
            ("privacy.reveal", 183, 2, ""),
            ("*", 0, 2, ""),
            ("privacy.reveal", 1_095, 2, ""),
        ]


async def test_logs_are_kept_for_six_months_whatever_a_tenant_sets(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        logs = [one.data_class for one in await retention.periods(ctx) if one.rule.log]
        assert {"privacy.reveal", "audit.entry"} <= set(logs)
        for name in logs:
            with pytest.raises(RetentionOutOfRange) as refused:
                await retention.set_period(ctx, name, 182)
            assert refused.value.details["minimum"] == 183
        # Not even a value that was put past the service counts.
        await ctx.db.execute(
            "insert into privacy_retention (tenant_id, id, data_class, days) values ($1, $2, 'privacy.reveal', 1)",
            tenant.id,
            new_id(),
        )
        (found,) = [one for one in await retention.periods(ctx) if one.data_class == "privacy.reveal"]
        assert found.days == 183
        with pytest.raises(UnknownDataClass):
            await retention.set_period(ctx, "privacy.nothing", 183)
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await retention.periods(ctx)
        with pytest.raises(PermissionDenied):
            await retention.set_period(ctx, "privacy.reveal", 400)


async def test_the_audit_trail_is_counted_and_never_deleted(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=FixedClock(NOW - timedelta(days=2_000))) as ctx:
        await people.register(ctx, area_id=None, full_name="测试人员", synthetic=True)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        await retention.apply(ctx, {})
        (line,) = [one for one in await retention.reports(ctx) if one.data_class == "audit.entry"]
        assert (line.deleted, line.outcome) == (0, "kept:1")
        assert await ctx.db.fetchval("select count(*) from audit_entry where tenant_id = $1", tenant.id) >= 1


@given(st.dictionaries(st.integers(), st.integers(min_value=0, max_value=50), max_size=8))
def test_no_small_cell_is_shown_and_none_can_be_worked_out_from_the_total(counts: dict[int, int]) -> None:
    shown = small_cells.suppress(counts)
    assert list(shown) == list(counts)
    assert all(count is None or count == 0 or count >= small_cells.SMALL_CELL for count in shown.values())
    hidden = [key for key, count in shown.items() if count is None]
    with_people = [count for count in counts.values() if count > 0]
    assert len(hidden) != 1 or len(with_people) == 1
    assert all(shown[key] == count for key, count in counts.items() if key not in hidden)


@pytest.mark.parametrize(("count", "shown"), [(0, None), (4, None), (5, 5), (60, 60)])
def test_a_count_below_five_is_not_shown(count: int, shown: int | None) -> None:
    assert small_cells.shown_count(count) == shown
    assert small_cells.shown_count(0, show_zero=True) == 0
