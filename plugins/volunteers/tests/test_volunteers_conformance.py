"""The plugin keeps to the rules that every plugin keeps to."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import linli_volunteers
from linli.plugin import LinliError
from linli.testing.conformance import check_plugin
from linli_volunteers import errors
from linli_volunteers.states import ACTIVITY, CERTIFICATE, ENROLMENT, HOURS, VOLUNTEER

PACKAGE = Path(linli_volunteers.__file__).parent
DOCS = PACKAGE.parents[1] / "docs" / "index.md"
CODES = [
    error.code
    for _name, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, LinliError) and error.__module__ == errors.__name__
]


def test_the_plugin_keeps_to_the_rules() -> None:
    assert check_plugin("linli_volunteers") == []


def test_the_plugin_is_not_quarantined_and_runs_without_organisations(composition: Any) -> None:
    assert "volunteers" not in composition.quarantined
    assert composition.plugin_set(["volunteers"]).names == ("volunteers",)


def test_every_refusal_has_a_sentence_in_both_languages(composition: Any) -> None:
    texts = composition.plugin_set(["volunteers"]).texts
    assert len(CODES) == 24
    for code in CODES:
        assert code.startswith("volunteers.")
        for locale in ("zh-CN", "en"):
            assert texts.text(f"problems.{code}", locale), code


def test_every_permission_of_the_manifest_is_used_and_every_used_one_is_declared(composition: Any) -> None:
    declared = set(composition.manifests["volunteers"].declares.permissions)
    source = "".join(path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py"))
    used = set(re.findall(r'"(volunteers\.[a-z]+\.(?:read|write|take_part))"', source))
    used |= {f"volunteers.hours.{action}" for action in HOURS.actions}
    used |= {f"{kind}.{verb}" for kind in WHOLE_KINDS for verb in ("read", "write")}
    assert used == declared


WHOLE_KINDS = ("volunteers.activity", "volunteers.certificate")  # given to `changeable` without the verb


def test_roles_read_nothing_that_they_should_not(composition: Any) -> None:
    roles = composition.manifests["volunteers"].declares.roles
    assert set(roles["resident"]) == {"volunteers.activity.read", "volunteers.own.take_part"}
    assert all(permission.endswith(".read") for permission in roles["integrator"])


async def test_tables_and_migrations_agree(composition: Any, bench: Any) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        for table in composition.tables["volunteers"]:
            rows = await ctx.db.fetch(
                "select column_name, is_nullable from information_schema.columns where table_name = $1",
                table._meta.tablename,
            )
            found = {row["column_name"]: row["is_nullable"] == "YES" for row in rows}
            declared = {column._meta.name: column._meta.null for column in table._meta.columns}
            declared["area_id"] = True
            assert declared == found


def test_the_state_machines_stand_in_the_docs_as_they_are() -> None:
    text = DOCS.read_text(encoding="utf-8")
    for machine in (ACTIVITY, VOLUNTEER, ENROLMENT, HOURS, CERTIFICATE):
        assert machine.to_mermaid() in text, machine.name


def test_the_docs_name_every_permission_event_setting_and_refusal(composition: Any) -> None:
    text = DOCS.read_text(encoding="utf-8")
    declares = composition.manifests["volunteers"].declares
    names = [*declares.permissions, *declares.publishes, *declares.consumes, *declares.settings, *CODES]
    assert [name for name in names if f"`{name}`" not in text] == []


def test_the_public_api_of_the_plugin_is_what_it_lists() -> None:
    api = importlib.import_module("linli_volunteers.api")
    assert sorted(api.__all__) == ["HoursPosted", "HoursReversed", "posted_minutes"]
