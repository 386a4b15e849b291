"""The reference is what the code says; every code, setting, permission and event has its words."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "docs" / "build_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_reference_is_what_the_code_gives(builder: ModuleType) -> None:
    for name, text in builder.pages().items():
        written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
        assert written == text, f"docs/reference/{name} is stale: run `python docs/build_reference.py`"


def test_every_problem_code_has_a_message_in_both_languages(builder: ModuleType) -> None:
    lines = builder.pages()["problems.md"].splitlines()
    rows = [
        [cell.strip() for cell in line.strip("|").split(" | ")] for line in lines if line.startswith("| `")
    ]
    assert len(rows) > 50
    assert [row[0] for row in rows if not row[1] or not row[2]] == []
