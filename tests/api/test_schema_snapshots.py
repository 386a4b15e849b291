"""The stored schemas are current, and what would break clients of the last release is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from linli.registry import Composition
from linli_graphql.snapshots import SchemaChange, all_changes, changes, snapshots

ROOT = Path(__file__).parents[2]
BEFORE = """
type Query { people(first: Int): [Person!]! old: Int }
type Person { name: String! state: State! }
enum State { ACTIVE LEFT }
"""


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_schemas", ROOT / "docs" / "build_schemas.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_stored_schemas_are_those_of_the_code(composition: Composition, builder: ModuleType) -> None:
    current = snapshots(composition)
    assert {
        "kernel",
        "migrants",
        "organisations",
        "points",
        "social_workers",
        "organisations+venture",
        "volunteers",
        "migrants+organisations+points+social_workers+venture+volunteers",
    } <= current.keys()
    stored = builder.stored(builder.FOLDER)
    stale = [name for name in current.keys() | stored.keys() if current.get(name) != stored.get(name)]
    assert stale == [], "run `python docs/build_schemas.py` and look at what it changed"


def test_nothing_breaks_a_client_of_the_last_release(composition: Composition, builder: ModuleType) -> None:
    found = builder.refused(all_changes(builder.stored(builder.RELEASED), snapshots(composition)))
    assert [str(one) for one in found] == []


@pytest.mark.parametrize(
    ("given", "instead", "breaking", "kind"),
    [
        ("old: Int", "", True, "FIELD_REMOVED"),
        ("name: String!", "name: Int!", True, "FIELD_CHANGED_KIND"),
        ("people(first: Int)", "people(first: Int!)", True, "ARG_CHANGED_KIND"),
        ("people(first: Int)", "people(first: Int, of: ID!)", True, "REQUIRED_ARG_ADDED"),
        ("enum State { ACTIVE LEFT }", "enum State { ACTIVE }", True, "VALUE_REMOVED_FROM_ENUM"),
        ("enum State { ACTIVE LEFT }", "enum State { ACTIVE LEFT GONE }", False, "VALUE_ADDED_TO_ENUM"),
        ("people(first: Int)", "people(first: Int, of: ID)", False, "OPTIONAL_ARG_ADDED"),
    ],
)
def test_a_change_is_named_with_its_weight(given: str, instead: str, breaking: bool, kind: str) -> None:
    [found] = changes("kernel", BEFORE, BEFORE.replace(given, instead))
    assert (found.breaking, found.kind) == (breaking, kind)


@pytest.mark.parametrize(
    ("given", "instead"),
    [("old: Int", 'old: Int @deprecated(reason: "Ask for people.")'), ("old: Int", "old: Int new: Int")],
)
def test_additions_and_deprecations_disturb_nobody(given: str, instead: str) -> None:
    assert changes("kernel", BEFORE, BEFORE.replace(given, instead)) == []


def test_a_set_that_is_gone_is_a_breaking_change() -> None:
    [found] = all_changes({"points": BEFORE}, {"kernel": BEFORE})
    assert (found.snapshot, found.breaking) == ("points", True)


def test_only_an_accepted_breaking_change_passes(
    builder: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking = SchemaChange("kernel", True, "FIELD_REMOVED", "Query.old was removed.")
    dangerous = SchemaChange("kernel", False, "VALUE_ADDED_TO_ENUM", "GONE was added to enum type State.")
    monkeypatch.setattr(builder, "ACCEPTED", tmp_path / "accepted.txt")
    assert builder.refused([breaking, dangerous]) == [breaking]
    (tmp_path / "accepted.txt").write_text(f"# nobody used it\n{breaking}\n")
    assert builder.refused([breaking, dangerous]) == []
