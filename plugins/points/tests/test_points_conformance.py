"""The plugin keeps to the rules that every plugin keeps to, and says and documents all that it has."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import linli_points
from linli.testing.completeness import check_tables, check_words
from linli.testing.conformance import check_plugin

PACKAGE = Path(linli_points.__file__).parent
DOCS = PACKAGE.parents[1] / "docs" / "index.md"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_points") == []


def test_the_plugin_says_and_documents_all(composition: Any) -> None:
    assert check_words("linli_points", composition, DOCS) == []


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["points"]) == []


def test_the_plugin_runs_alone(composition: Any) -> None:
    assert composition.plugin_set(["points"]).names == ("points",)


def test_residents_may_take_part_and_read_rules_and_rewards_only(composition: Any) -> None:
    roles = composition.manifests["points"].declares.roles
    assert set(roles["resident"]) == {"points.rule.read", "points.reward.read", "points.own.take_part"}
    assert all(permission.endswith(".read") for permission in roles["integrator"])
    assert "points.claim.reverse" not in roles["worker"]
    assert "points.rule.adopt" not in roles["worker"]


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_points.api")
    assert sorted(api.__all__) == ["ClaimPosted", "ClaimReversed", "RedemptionFulfilled", "RuleSetAdopted"]


def test_business_code_knows_no_graphql() -> None:
    for path in PACKAGE.glob("*.py"):
        if path.name != "plugin.py":
            assert "linli_graphql" not in path.read_text(encoding="utf-8"), path.name
