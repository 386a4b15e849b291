"""The public plugin API is what its list says: a change to it is a decision, and shows in the review."""

from __future__ import annotations

import inspect
from pathlib import Path
from types import ModuleType

import linli.plugin

LISTED = Path(__file__).with_name("plugin_api.txt")


def test_the_api_has_exactly_the_names_that_are_listed() -> None:
    assert sorted(linli.plugin.__all__) == LISTED.read_text(encoding="utf-8").split()


def test_every_name_can_be_imported_and_nothing_else_is_offered() -> None:
    offered = {
        name
        for name, value in vars(linli.plugin).items()
        if not name.startswith("_") and (not isinstance(value, ModuleType) or name in linli.plugin.__all__)
    }
    assert offered == set(linli.plugin.__all__)


def test_every_class_and_function_of_the_api_is_documented() -> None:
    offered = {name: getattr(linli.plugin, name) for name in linli.plugin.__all__}
    documentable = {n: v for n, v in offered.items() if inspect.isclass(v) or inspect.isroutine(v)}
    assert [name for name, value in documentable.items() if not (value.__doc__ or "").strip()] == []
