"""The checks of words and tables that vendors run find what is missing."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from piccolo.columns import Text
from piccolo.table import Table

from linli.errors import LinliError
from linli.identity.tables import Person
from linli.registry import Composition
from linli.testing.completeness import check_tables, check_words, machines, refusals
from linli.testing.factories import Bench
from linli.workflow import StateMachine, Transition


def test_what_the_documentation_lacks_is_named(composition: Composition, tmp_path: Path) -> None:
    docs = tmp_path / "index.md"
    docs.write_text("# Nothing yet\n", encoding="utf-8")
    missing = check_words("linli_volunteers", composition, docs)
    assert "volunteers.hours.read is not documented" in missing
    assert "volunteers.hours is not drawn" in missing
    assert all(one.endswith((" is not documented", " is not drawn")) for one in missing)


def test_a_refusal_without_a_sentence_and_a_permission_without_use_are_named(
    composition: Composition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strange = type(
        "Strange", (LinliError,), {"code": "other.strange", "__module__": "linli_volunteers.errors"}
    )
    monkeypatch.setattr("linli_volunteers.errors.Strange", strange, raising=False)
    monkeypatch.setitem(
        composition.manifests["volunteers"].declares.permissions, "volunteers.nothing.read", ("无", "None")
    )
    docs = tmp_path / "index.md"
    docs.write_text("", encoding="utf-8")
    missing = check_words("linli_volunteers", composition, docs)
    assert "other.strange does not begin with volunteers." in missing
    assert "other.strange has no sentence in zh-CN" in missing
    assert "volunteers.nothing.read is declared, and nothing asks for it" in missing


def test_refusals_and_machines_are_those_of_the_modules() -> None:
    module = ModuleType("linli_clubs.errors")
    own = type("Full", (LinliError,), {"code": "clubs.full", "__module__": module.__name__})
    machine = StateMachine(
        "clubs.club", "open", transitions=[Transition("close", "open", "closed")], final=("closed",)
    )
    vars(module).update(Full=own, Alias=LinliError, CLUB=machine, AGAIN=machine)
    assert refusals([module]) == ["clubs.full"]
    assert machines([module, module]) == [machine]


def test_an_unknown_plugin_is_an_error(composition: Composition, tmp_path: Path) -> None:
    with pytest.raises(LookupError):
        check_words("linli_no_such_plugin", composition, tmp_path / "index.md")


async def test_columns_that_differ_are_named(bench: Bench) -> None:
    class Strange(Table, tablename="identity_person"):
        nickname = Text()
        full_name = Text(null=True)

    async with bench.context(await bench.tenant(plugins=())) as ctx:
        assert await check_tables(ctx, [Person]) == []
        found = await check_tables(ctx, [Strange])
    assert "identity_person.nickname: only in the declaration" in found
    assert "identity_person.tenant_id: only in the database" in found
    assert "identity_person.full_name: nullable in one only" in found
