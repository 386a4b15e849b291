"""Claims and rules from a spreadsheet: once each, with the rules of the service, refused by row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from linli.plugin import ProvisionRequest, people
from linli.testing.factories import Bench
from linli.testing.imports import ImportBench
from linli_points import participants, provisioning, rule_sets

YESTERDAY = (datetime.now(UTC).date() - timedelta(days=1)).isoformat()


@pytest_asyncio.fixture
async def district(bench: Bench) -> Any:
    """A tenant with the standard, and one participant."""
    tenant = await bench.tenant(plugins=["points"])
    area = await bench.area(tenant)
    async with bench.context(tenant) as ctx:
        await provisioning.standard(ctx, ProvisionRequest())
        person = await people.register(
            ctx, area_id=area.id, full_name="演示张三", phone="19900000001", synthetic=True
        )
        await participants.join_person(ctx, person_id=person.id)
    return tenant


def listed(**values: Any) -> dict[str, Any]:
    return {
        "full_name": "演示张三",
        "mobile": "19900000001",
        "rule": "clean_up",
        "activity": "清洁日",
        "activity_day": YESTERDAY,
        "slot": "上午",
        "evidence": "签到表第 1 行",
        **values,
    }


async def test_claims_from_a_list_are_submitted_once(bench: Bench, district: Any) -> None:
    transfers = ImportBench(bench)
    rows = [listed(), listed(slot="下午", rule="环境清洁", evidence="签到表第 2 行", quantity=2)]
    assert (await transfers.import_rows(district, "points.claims", rows)).counts == (2, 0, 0, 0)
    assert (await transfers.import_rows(district, "points.claims", rows)).results == {
        1: "unchanged",
        2: "unchanged",
    }
    async with bench.context(district) as ctx:
        found = await ctx.db.fetch(
            "select state, points from points_claim where tenant_id = $1 order by id", district.id
        )
    assert [tuple(row) for row in found] == [("submitted", 5), ("submitted", 10)]


async def test_bad_claims_are_named_by_row(bench: Bench, district: Any) -> None:
    transfers = ImportBench(bench)
    rows = [
        listed(),
        listed(slot="下午"),  # the same evidence
        listed(full_name="演示李四"),
        listed(rule="nothing", slot="晚上"),
        listed(activity_day="2999-01-01"),
    ]
    done = await transfers.import_rows(district, "points.claims", rows)
    assert done.counts == (1, 0, 0, 4)
    assert {number: problems[0] for number, problems in done.problems.items()} == {
        2: ("evidence", "points.evidence_used"),
        3: ("full_name", "points.not_a_participant"),
        4: ("rule", "points.rule_not_in_force"),
        5: ("activity_day", "future_date"),
    }


async def test_rules_go_into_the_newest_draft(bench: Bench, district: Any) -> None:
    transfers = ImportBench(bench)
    rule = {"code": "snow", "subcategory": "clean_up", "title": "扫雪", "points": 6, "for_household": "是"}
    bad = {**rule, "code": "bad", "title": "信访积极分子"}
    refused = await transfers.import_rows(district, "points.rules", [rule])
    assert refused.problems == {1: [("code", "points.no_draft")]}
    async with bench.context(district) as ctx:
        await rule_sets.draft(ctx, title="修订")
    done = await transfers.import_rows(district, "points.rules", [rule, bad])
    assert done.results[1] == "created"
    assert done.problems == {2: [("title", "points.forbidden_subject")]}
    assert (await transfers.import_rows(district, "points.rules", [rule])).results == {1: "unchanged"}
    assert (await transfers.import_rows(district, "points.rules", [{**rule, "points": 7}])).results == {
        1: "updated"
    }
