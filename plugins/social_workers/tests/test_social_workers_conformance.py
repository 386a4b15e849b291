"""The plugin keeps to the rules that every plugin keeps to, and says and documents all that it has."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import linli_social_workers
from linli.testing.completeness import check_tables, check_words
from linli.testing.conformance import check_plugin

DOCS = Path(linli_social_workers.__file__).parents[2] / "docs" / "index.md"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_social_workers") == []


def test_the_plugin_says_and_documents_all(composition: Any) -> None:
    assert check_words("linli_social_workers", composition, DOCS) == []


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["social_workers"]) == []


def test_the_plugin_runs_alone(composition: Any) -> None:
    assert composition.plugin_set(["social_workers"]).names == ("social_workers",)


def test_roles_read_nothing_that_they_should_not(composition: Any) -> None:
    roles = composition.manifests["social_workers"].declares.roles
    assert all(".own." in permission for permission in roles["resident"])
    assert all(permission.endswith(".read") for permission in roles["integrator"])


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_social_workers.api")
    assert sorted(api.__all__) == ["AllowancesApproved", "Registered", "RegistrationEnded"]
