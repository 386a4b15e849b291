"""The checks that vendors run: each rule finds its breach, and a plugin that keeps to them is clean."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from linli.registry import discover
from linli.testing.conformance import check_plugin
from linli.testing.fake_plugins import FakePlugins

CLEAN = {
    "plugin.py": "from linli.plugin import hookimpl\n",
    "graphql.py": "import strawberry\nfrom linli_graphql.plugin import Contribution\n",
    "service.py": """
from linli.plugin import Context, rows
from linli_other.api import names

SQL = "select id from clubs_club where tenant_id = $1"

async def read(ctx: Context, kept: list[str], Club):
    kept.remove("a")
    await ctx.db.fetch(SQL, ctx.tenant_id)
    await ctx.db.execute("set local statement_timeout = '1s'")
    await Club.select(Club.name).where(Club.tenant_id == ctx.tenant_id).order_by(Club.name)
    return await rows.get(ctx, Club, kept[0])
""",
    "api.py": "",
}


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[FakePlugins]:
    with FakePlugins(tmp_path) as plugins:
        plugins.add("other", files={"api.py": "names = []", "service.py": "", "plugin.py": ""})
        yield plugins


def test_a_plugin_that_keeps_to_the_rules_is_clean(fakes: FakePlugins) -> None:
    fakes.add("clubs", requires={"other": ">=0.1"}, files=CLEAN)
    assert check_plugin("linli_clubs") == []


@pytest.mark.parametrize(
    ("file", "line", "message"),
    [
        ("service.py", "from linli.db.database import Database", "imports linli.db.database"),
        ("service.py", "import linli.context", "imports linli.context"),
        ("service.py", "from linli.testing import factories", "imports linli.testing"),
        ("service.py", "from linli_graphql.plugin import node", "only in graphql.py"),
        ("service.py", "import strawberry", "only graphql.py knows GraphQL"),
        ("service.py", "import asyncpg", "imports asyncpg"),
        ("graphql.py", "from linli_graphql.schema import PluginSetSchema", "linli_graphql.plugin"),
        ("service.py", "from linli_other import service", "only linli_other.api"),
        ("service.py", "from linli_third.api import things", "does not require 'third'"),
        ("service.py", "from piccolo.columns import ForeignKey", "ForeignKey"),
    ],
)
def test_a_forbidden_import_is_found(fakes: FakePlugins, file: str, line: str, message: str) -> None:
    fakes.add("third", files={"api.py": "things = []", "plugin.py": ""})
    fakes.add("clubs", requires={"other": ">=0.1"}, files={**CLEAN, file: f"{CLEAN[file]}\n{line}\n"})
    (finding,) = check_plugin("linli_clubs")
    assert message in finding.message
    assert finding.file == f"linli_clubs/{file}"
    assert finding.line == CLEAN[file].count("\n") + 2


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("await club.save()", "save()"),
        ("await club.remove()", "remove()"),
        ("await club.refresh()", "refresh()"),
        ("await club.get_related(Club.person)", "get_related()"),
        ("await Club.objects().get_or_create(Club.tenant_id == 1)", "get_or_create()"),
        ("Club.select().where(Club.tenant_id == 1).run_sync()", "run_sync()"),
        ("async with await Club.select().where(Club.tenant_id == 1).batch() as b: pass", "batch()"),
        ("await Club.delete(force=True)", "without tenant_id"),
        ("await Club.delete().where(Club.id == 1)", "without tenant_id"),
        ("await Club.select(Club.tenant_id)", "without tenant_id"),
        ("await Club.raw('select 1')", "Club.raw()"),
        ("await ctx.db.fetch('select * from clubs_club')", "without tenant_id"),
        ("await ctx.db.fetch(SQL)", "without tenant_id"),
        ("await ctx.db.fetch(f'select {club} from clubs_club')", "without tenant_id"),
        ("await ctx.db.execute('update clubs_club set tenant_id = $1')", "without a where"),
    ],
)
def test_a_forbidden_statement_is_found(fakes: FakePlugins, statement: str, message: str) -> None:
    body = f"SQL = 'select 1 from clubs_club'\n\n\nasync def run(ctx, club, Club):\n    {statement}\n"
    fakes.add("clubs", files={"plugin.py": "", "service.py": body})
    findings = check_plugin("linli_clubs")
    assert any(message in finding.message for finding in findings)
    assert {(finding.file, finding.line) for finding in findings} == {("linli_clubs/service.py", 5)}


def test_migrations_and_tests_may_write_statements_freely(fakes: FakePlugins) -> None:
    body = (
        "from linli.plugin import Migration\n\n\ndef upgrade(m):\n    m.execute('delete from clubs_club')\n"
    )
    tests = "from linli.testing import factories\n"
    files = {"plugin.py": "", "migrations/__init__.py": "", "migrations/m0001_clubs.py": body}
    fakes.add("clubs", files={**files, "tests/__init__.py": "", "tests/test_clubs.py": tests})
    assert check_plugin("linli_clubs") == []


def test_an_unknown_package_is_an_error() -> None:
    with pytest.raises(LookupError):
        check_plugin("linli_no_such_plugin")


@pytest.mark.parametrize("package", [candidate.package for candidate in discover()])
def test_the_installed_plugins_keep_to_the_rules(package: str) -> None:
    assert check_plugin(package) == []
