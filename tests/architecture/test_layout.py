"""The house rules that a program can check: names, sizes, where things lie, and what must never be committed."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
SOURCES = (
    "core/src",
    "graphql/src",
    "plugins/migrants/src",
    "plugins/organisations/src",
    "plugins/social_workers/src",
    "plugins/venture/src",
    "plugins/volunteers/src",
)
LINES_MAX = 400
FUNCTION_LINES_MAX = 70
NAMELESS = {"utils", "util", "common", "helpers", "helper", "extras", "base", "misc", "shared"}
# A package index's address, a home directory, a private key: none has a place in the repository.
FORBIDDEN = re.compile(
    r"--(extra-)?index-url|--find-links|--trusted-host|/root/|/home/[a-z]+/|BEGIN [A-Z ]*PRIVATE KEY"
)
TEXT = {
    ".py",
    ".toml",
    ".md",
    ".txt",
    ".sql",
    ".json",
    ".service",
    ".env",
    ".mjs",
    ".js",
    ".lua",
    ".css",
    ".html",
}


def modules() -> Iterator[Path]:
    for source in SOURCES:
        yield from sorted((ROOT / source).rglob("*.py"))


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / line for line in listed.stdout.splitlines()]


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [path for path in modules() if path.stem in NAMELESS] == []


def test_no_module_is_longer_than_one_can_survey() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path.name: length for path, length in lengths.items() if length > LINES_MAX} == {}


def test_no_function_is_longer_than_one_can_survey() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{found.lineno} {found.name}"
        for path in modules()
        for found in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(found, ast.FunctionDef | ast.AsyncFunctionDef)
        and (found.end_lineno or 0) - found.lineno + 1 > FUNCTION_LINES_MAX
    ]
    assert long == []


def test_no_folder_of_tests_is_a_package() -> None:
    folders = [ROOT / "tests", *(ROOT / "plugins").glob("*/tests")]
    tests = [path for folder in folders for path in folder.rglob("test_*.py")]
    assert [path for path in tests if (path.parent / "__init__.py").exists()] == []


def test_the_folder_graphql_does_not_shadow_the_library() -> None:
    assert [name for name in ("__init__.py", "conftest.py") if (ROOT / "graphql" / name).exists()] == []


def test_nothing_is_committed_that_belongs_to_one_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix not in TEXT or path == Path(__file__) or "static" in path.parts:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if FORBIDDEN.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert found == []
