"""The plugin keeps to the rules that every plugin keeps to."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import linli_venture
from linli.plugin import LinliError, StateMachine
from linli.testing.conformance import check_plugin
from linli_graphql.descriptions import undescribed
from linli_graphql.interface import GraphQLInterface

PACKAGE = Path(linli_venture.__file__).parent
DOCS = PACKAGE.parents[1] / "docs"
PLUGINS = ("organisations", "venture")
MODULES = [
    importlib.import_module(".".join(("linli_venture", *path.relative_to(PACKAGE).with_suffix("").parts)))
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.stem.endswith(("errors", "states"))
]
CODES = sorted(
    one.code
    for module in MODULES
    for _name, one in inspect.getmembers(module, inspect.isclass)
    if issubclass(one, LinliError) and one.__module__ == module.__name__
)
MACHINES = [one for module in MODULES for one in vars(module).values() if isinstance(one, StateMachine)]


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_venture") == []


def test_the_plugin_is_not_quarantined_and_brings_organisations(composition: Any) -> None:
    assert "venture" not in composition.quarantined
    assert composition.plugin_set(PLUGINS).names == PLUGINS


def test_every_refusal_has_a_sentence_in_both_languages(composition: Any) -> None:
    texts = composition.plugin_set(PLUGINS).texts
    assert len(CODES) == len(set(CODES))
    for code in CODES:
        assert code.startswith("venture.")
        for locale in ("zh-CN", "en"):
            assert texts.text(f"problems.{code}", locale), code


def test_every_permission_of_the_manifest_is_used(composition: Any) -> None:
    declared = set(composition.manifests["venture"].declares.permissions)
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    used = set(re.findall(r'"(venture\.[a-z]+\.[a-z_]+)"', source))
    assert declared - used == set()


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        for table in composition.tables["venture"]:
            rows = await ctx.db.fetch(
                "select column_name, is_nullable from information_schema.columns where table_name = $1",
                table._meta.tablename,
            )
            found = {row["column_name"]: row["is_nullable"] == "YES" for row in rows}
            declared = {column._meta.name: column._meta.null for column in table._meta.columns}
            declared |= {"area_id": True} if "area_id" in declared else {}
            assert declared == found


def test_the_state_machines_stand_in_the_docs_as_they_are() -> None:
    text = _docs()
    for machine in MACHINES:
        assert machine.to_mermaid() in text, machine.name


def test_the_docs_name_every_permission_event_setting_and_refusal(composition: Any) -> None:
    text = _docs()
    declares = composition.manifests["venture"].declares
    names = [*declares.permissions, *declares.publishes, *declares.consumes, *declares.settings, *CODES]
    assert [name for name in names if f"`{name}`" not in text] == []


def _docs() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md")))


def test_everything_in_the_schema_is_described(composition: Any) -> None:
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    assert undescribed(interface.schema_for(composition.plugin_set(PLUGINS))._schema) == []
