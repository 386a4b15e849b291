"""The plugin keeps to the rules that every plugin keeps to, and says and documents all that it has."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import linli_volunteers
from linli.testing.completeness import check_tables, check_words
from linli.testing.conformance import check_plugin

DOCS = Path(linli_volunteers.__file__).parents[2] / "docs" / "index.md"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_volunteers") == []


def test_the_plugin_says_and_documents_all(composition: Any) -> None:
    assert check_words("linli_volunteers", composition, DOCS) == []


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["volunteers"]) == []


def test_the_plugin_runs_alone(composition: Any) -> None:
    assert composition.plugin_set(["volunteers"]).names == ("volunteers",)


def test_roles_read_nothing_that_they_should_not(composition: Any) -> None:
    roles = composition.manifests["volunteers"].declares.roles
    assert set(roles["resident"]) == {"volunteers.activity.read", "volunteers.own.take_part"}
    assert all(permission.endswith(".read") for permission in roles["integrator"])


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_volunteers.api")
    assert sorted(api.__all__) == ["HoursPosted", "HoursReversed", "posted_minutes"]
