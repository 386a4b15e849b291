"""The examples in the documentation: commands exist, documents fit the schema, data and code can be read."""

from __future__ import annotations

import ast
import json
import re
import shlex
import subprocess
import textwrap
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from graphql import build_schema, parse, validate
from graphql.language import OperationDefinitionNode

from linli.cli import main
from linli.registry import Composition
from linli_graphql.interface import GraphQLInterface

ROOT = Path(__file__).parents[2]
FENCE = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.M | re.S)
INLINE = re.compile(r"`([^`\n]+)`")
_ARGUMENT = r"'[^']*'|\"[^\"]*\"|[^\s;|&)>]+"
_BEFORE = r"(?:^|[;|&(])[ \t]*(?:\w+=\S+[ \t]+)*(?:[\w./-]+/)?"
CALL = re.compile(rf"{_BEFORE}(linli|make)(?![\w:/.=-])((?:[ \t]+(?:{_ARGUMENT}))*)", re.M)
VARIABLE = re.compile(r"\bLINLI_[A-Z_]+\b")
DOCUMENT_IN_CURL = re.compile(r"-d '(\{\"query\".*?\})'", re.S)
TUTORIAL = ROOT / "docs" / "tutorial"


class Example(NamedTuple):
    """A block of code on a page."""

    page: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [ROOT / name for name in sorted(listed.stdout.splitlines())]
    return [page for page in found if page.is_file() and "reference" not in page.parts]


def examples(*languages: str) -> list[Any]:
    """The blocks in these languages, as parameters named by page and line."""
    found = []
    for page in pages():
        text = page.read_text(encoding="utf-8")
        for match in FENCE.finditer(text):
            if match[2] in languages:
                line = text.count("\n", 0, match.start()) + 1
                found.append(Example(page, line, match[2], textwrap.dedent(match[3])))
    return [pytest.param(one, id=str(one)) for one in found]


def calls(text: str) -> Iterator[tuple[str, list[str]]]:
    """The calls of `linli` and `make` in shell text."""
    without_comments = re.sub(r"(^|\s)#.*$", "", text.replace("\\\n", " "), flags=re.M)
    for match in CALL.finditer(without_comments):
        yield match[1], shlex.split(match[2])


def fault(program: str, words: list[str]) -> str:
    """What is wrong with a call; "" when nothing is."""
    return _make_fault(words) if program == "make" else _linli_fault(words)


def _make_fault(words: list[str]) -> str:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([.a-z-]+):", makefile, re.M))
    variables = set(re.findall(r"^([A-Z_]+) \?=", makefile, re.M))
    if "-C" in words:
        place = words.index("-C")
        words = [*words[:place], *words[place + 2 :]]
    for word in words:
        name, is_variable, _ = word.partition("=")
        if name not in (variables if is_variable else targets):
            return f"make has no {name}"
    return ""


def _linli_fault(words: list[str]) -> str:
    command: click.Command = main
    for word in words:
        name = word.partition("=")[0]
        if word.startswith("-") and word not in ("-h", "--help"):
            known = {option for one in command.params for option in one.opts}
            if name not in known:
                return f"{command.name} has no {name}"
        elif isinstance(command, click.Group) and not word.startswith("-"):
            found = command.commands.get(word)
            if found is None:
                return f"{command.name} has no command {word}"
            command = found
    required = [one.opts[0] for one in command.params if isinstance(one, click.Option) and one.required]
    missing = [option for option in required if option not in words]
    whole = bool(words) and not isinstance(command, click.Group) and "--help" not in words
    return f"{command.name} needs {missing[0]}" if whole and missing else ""


@pytest.mark.parametrize("example", examples("bash", "sh"))
def test_commands_in_blocks_exist(example: Example) -> None:
    assert [found for call in calls(example.text) if (found := fault(*call))] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_sentences_exist(page: Path) -> None:
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    found = []
    for inline in INLINE.findall(text):
        if re.match(r"(\S*/)?(linli|make) +[a-z-]", inline):
            first = inline.partition(" | ")[0]  # `linli tenants apply DIR | list | show`
            found += [said for call in calls(first) if (said := fault(*call)) and " needs " not in said]
    assert found == []


def test_a_command_that_does_not_exist_is_found() -> None:
    assert fault("linli", ["tenants", "destroy", "x"]) == "tenants has no command destroy"
    assert fault("linli", ["token", "--tenant", "x", "--rule", "y"]) == "token has no --rule"
    assert fault("linli", ["token", "--tenant", "x"]) == "token needs --role"
    assert fault("make", ["fly"]) == "make has no fly"
    assert list(calls("A=$(.venv/bin/linli token --role 'a b') && make run; x | linli audit verify")) == [
        ("linli", ["token", "--role", "a b"]),
        ("make", ["run"]),
        ("linli", ["audit", "verify"]),
    ]


def test_environment_variables_exist() -> None:
    known = set()
    kernel = ROOT / "core/src/linli"
    readers = [
        kernel / "settings.py",
        kernel / "testing/pytest_plugin.py",
        *(ROOT / "tests/bench").glob("*.py"),
        *(ROOT / "plugins").glob("*/src/**/*.py"),
        *(ROOT / "plugins").glob("*/tests/**/*.py"),
    ]
    for file in readers:
        known |= set(VARIABLE.findall(file.read_text(encoding="utf-8")))
    named = {
        (str(page.relative_to(ROOT)), name)
        for page in [*pages(), *(ROOT / "deploy").rglob("*.env")]
        for name in VARIABLE.findall(page.read_text(encoding="utf-8"))
    }
    assert {(page, name) for page, name in named if name not in known} == set()


@pytest.fixture(scope="module")
def schema(composition: Composition) -> Any:
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    return build_schema(interface.print_schema(composition.plugin_set(composition.names)))


def against_our_schema() -> list[Any]:
    """The documents on all pages but the tutorial's: test_tutorial.py checks those, with the tutorial's plugin."""
    return [one for one in examples("graphql") if not one.values[0].page.is_relative_to(TUTORIAL)]


@pytest.mark.parametrize("example", against_our_schema())
def test_documents_fit_the_schema(example: Example, schema: Any) -> None:
    document = parse(example.text)
    assert any(isinstance(one, OperationDefinitionNode) for one in document.definitions)
    assert [error.message for error in validate(schema, document)] == []


@pytest.mark.parametrize("example", examples("bash"))
def test_documents_in_requests_fit_the_schema(example: Example, schema: Any) -> None:
    for body in DOCUMENT_IN_CURL.findall(example.text):
        found = validate(schema, parse(json.loads(body)["query"]))
        assert [error.message for error in found] == []


@pytest.mark.parametrize("example", examples("json", "toml", "python"))
def test_data_and_code_can_be_read(example: Example) -> None:
    read = {"json": json.loads, "toml": tomllib.loads, "python": ast.parse}[example.language]
    read(example.text)
