"""The plugin keeps to the rules for plugins, and says in two languages what it refuses."""

from __future__ import annotations

import inspect
import tomllib
from pathlib import Path

import linli_organisations
from linli.plugin import LinliError
from linli.registry import Composition
from linli.testing.conformance import check_plugin
from linli_organisations import errors
from linli_organisations.registrations import LIFE

PACKAGE = Path(linli_organisations.__file__).parent
DOCS = PACKAGE.parents[1] / "docs"


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_organisations") == []


def test_the_documentation_draws_every_transition() -> None:
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    rows = [f"{row.source} --> {row.target}: {row.action}" for row in LIFE.transitions]
    assert [row for row in rows if row not in text] == []
    assert text.count(" --> ") == len(rows) + len(LIFE.final) + 1


def test_every_refusal_is_said_in_both_languages(composition: Composition) -> None:
    catalogue = composition.plugin_set(["organisations"]).texts
    codes = {
        cls.code
        for cls in vars(errors).values()
        if inspect.isclass(cls) and issubclass(cls, LinliError) and cls.__module__ == errors.__name__
    }
    for locale in ("zh-CN", "en"):
        own = {key for key in catalogue.keys(locale) if key.startswith("problems.organisations.")}
        assert own == {f"problems.{code}" for code in codes}


def test_the_documentation_names_permissions_events_settings_and_refusals() -> None:
    manifest = tomllib.loads((PACKAGE / "plugin.toml").read_text(encoding="utf-8"))
    text = (DOCS / "index.md").read_text(encoding="utf-8")
    names = [*manifest["permissions"], *manifest["events"]["publishes"], *manifest["settings"]]
    names += [
        cls.code
        for cls in vars(errors).values()
        if inspect.isclass(cls) and cls.__module__ == errors.__name__
    ]
    assert [name for name in names if f"`{name}`" not in text] == []
