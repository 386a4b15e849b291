"""The plugin keeps to the rules that every plugin keeps to."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import linli_points
from linli.plugin import LinliError
from linli.testing.conformance import check_plugin
from linli_points import errors
from linli_points.states import CLAIM, OBJECTION, REDEMPTION, REWARD, RULE_SET, TRANSFER

PACKAGE = Path(linli_points.__file__).parent
DOCS = PACKAGE.parents[1] / "docs" / "index.md"
CODES = [
    error.code
    for _name, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, LinliError) and error.__module__ == errors.__name__
]


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_points") == []


def test_the_plugin_is_not_quarantined_and_runs_alone(composition: Any) -> None:
    assert "points" not in composition.quarantined
    assert composition.plugin_set(["points"]).names == ("points",)


def test_every_refusal_has_a_sentence_in_both_languages(composition: Any) -> None:
    texts = composition.plugin_set(["points"]).texts
    assert len(CODES) > 35
    for code in CODES:
        assert code.startswith("points.")
        for locale in ("zh-CN", "en"):
            assert texts.text(f"problems.{code}", locale), code


def test_every_permission_of_the_manifest_is_used_and_every_used_one_is_declared(composition: Any) -> None:
    declared = set(composition.manifests["points"].declares.permissions)
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    used = set(re.findall(r'"(points\.[a-z]+\.[a-z_]+)"', source)) & declared
    used |= {f"{kind}.{verb}" for kind in re.findall(r'PERMISSION: Final = "(points\.[a-z]+)"', source)
             for verb in ("read", "write")}  # fmt: skip
    assert declared - used == set()


def test_residents_may_take_part_and_read_rules_and_rewards_only(composition: Any) -> None:
    roles = composition.manifests["points"].declares.roles
    assert set(roles["resident"]) == {"points.rule.read", "points.reward.read", "points.own.take_part"}
    assert all(permission.endswith(".read") for permission in roles["integrator"])
    assert "points.claim.reverse" not in roles["worker"]
    assert "points.rule.adopt" not in roles["worker"]


def test_the_state_machines_stand_in_the_docs_as_they_are() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for machine in (CLAIM, RULE_SET, OBJECTION, REWARD, REDEMPTION, TRANSFER):
        assert machine.to_mermaid() in text, machine.name


def test_the_docs_name_every_permission_event_setting_and_refusal(composition: Any) -> None:
    text = DOCS.read_text(encoding="utf-8")
    declares = composition.manifests["points"].declares
    names = [*declares.permissions, *declares.publishes, *declares.consumes, *declares.settings, *CODES]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_points.api")
    assert sorted(api.__all__) == ["ClaimPosted", "ClaimReversed", "RedemptionFulfilled", "RuleSetAdopted"]


def test_business_code_knows_no_graphql() -> None:
    for path in PACKAGE.glob("*.py"):
        if path.name != "plugin.py":
            assert "linli_graphql" not in path.read_text(encoding="utf-8"), path.name
