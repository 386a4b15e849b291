"""The tutorial's plugin: installed as a vendor would, judged by the host, its tests run, its page compared."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "tutorial" / "write-a-plugin.md"
EXAMPLE = PAGE.parent / "example"
QUOTE = re.compile(r"^\[`([^`]+)`\]\(example/\1\):\n\n```\w+\n(.*?)^```$", re.M | re.S)
NOT_QUOTED = {"src/linli_noticeboard/migrations/__init__.py"}
VALIDATE = """
import sys
from graphql import build_schema, parse, validate
from linli.registry import installed_composition
composition = installed_composition()
schema = build_schema(composition.interfaces[0].print_schema(composition.plugin_set(["noticeboard"])))
faults = [error.message for text in sys.stdin.read().split("\\0") for error in validate(schema, parse(text))]
sys.exit("\\n".join(faults) or 0)
"""


def installed(folder: Path, postgres_url: str) -> dict[str, str]:
    """The environment of a vendor who has the plugin installed."""
    return {**os.environ, "PYTHONPATH": str(folder), "LINLI_TEST_DATABASE_URL": postgres_url}


@pytest.fixture(scope="module")
def vendor(tmp_path_factory: pytest.TempPathFactory, postgres_url: str) -> dict[str, str]:
    """An environment with the plugin installed beside everything else; this one stays as it is."""
    folder = tmp_path_factory.mktemp("installed")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]
    subprocess.run([*pip, "--no-build-isolation", "--target", str(folder), str(EXAMPLE)], check=True)
    return installed(folder, postgres_url)


def test_the_page_quotes_the_files_as_they_are() -> None:
    quoted = dict(QUOTE.findall(PAGE.read_text(encoding="utf-8")))
    for name, text in quoted.items():
        assert text == (EXAMPLE / name).read_text(encoding="utf-8"), (
            f"{name} differs from what the page quotes"
        )
    files = {
        str(path.relative_to(EXAMPLE))
        for suffix in ("*.py", "*.toml")
        for path in EXAMPLE.rglob(suffix)
        if not {"build", ".venv"} & set(path.parts)
    }
    assert files - set(quoted) == NOT_QUOTED


def test_the_host_finds_the_plugin_healthy(vendor: dict[str, str]) -> None:
    command = [Path(sys.executable).with_name("linli"), "plugins", "check"]
    done = subprocess.run(
        command, env={**vendor, "LC_ALL": "C.UTF-8"}, capture_output=True, text=True, check=False
    )
    assert re.search(r"^noticeboard +0\.1\.0 +healthy +Noticeboard$", done.stdout, re.M), done.stdout


def test_the_documents_of_the_page_fit_the_schema(vendor: dict[str, str]) -> None:
    documents = re.findall(r"^```graphql\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    assert len(documents) == 3
    command = [sys.executable, "-c", VALIDATE]
    done = subprocess.run(
        command, env=vendor, input="\0".join(documents), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_tests_of_the_plugin_pass_on_a_fresh_database(vendor: dict[str, str]) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE / "tests")]
    done = subprocess.run(command, cwd=ROOT, env=vendor, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^\d+ passed", done.stdout, re.M), done.stdout
