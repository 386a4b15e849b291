"""The plugin keeps to the rules that every plugin keeps to, and says and documents all that it has."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import linli_venture
from linli.testing.completeness import check_tables, check_words
from linli.testing.conformance import check_plugin

DOCS = Path(linli_venture.__file__).parents[2] / "docs"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_venture") == []


def test_the_plugin_says_and_documents_all(composition: Any) -> None:
    assert check_words("linli_venture", composition, DOCS) == []


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["venture"]) == []


def test_the_plugin_brings_organisations_and_no_other(composition: Any) -> None:
    assert composition.plugin_set(["organisations", "venture"]).names == ("organisations", "venture")
