"""The plugin keeps to the rules that every plugin keeps to, and says and documents all that it has."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import linli_migrants
from linli.testing.completeness import check_tables, check_words
from linli.testing.conformance import check_plugin

DOCS = Path(linli_migrants.__file__).parents[2] / "docs" / "index.md"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_migrants") == []


def test_the_plugin_says_and_documents_all(composition: Any) -> None:
    assert check_words("linli_migrants", composition, DOCS) == []


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["migrants"]) == []


def test_the_plugin_runs_alone(composition: Any) -> None:
    assert composition.plugin_set(["migrants"]).names == ("migrants",)


def test_roles_read_nothing_that_they_should_not(composition: Any) -> None:
    roles = composition.manifests["migrants"].declares.roles
    assert all(".own." in permission for permission in roles["resident"])
    assert all(permission.endswith(".read") for permission in roles["integrator"])


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_migrants.api")
    assert sorted(api.__all__) == ["StayActivated", "StayEnded", "StayReported", "is_local"]
