"""The composition of healthy plugins: order, contributions, sets."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import housekeeping
from linli.db.migrations import KERNEL_MIGRATIONS
from linli.manifest import Manifest, read_manifest
from linli.registry import Candidate, Composition, PluginError, compose, discover, installed_composition
from linli.registry.kernel import KERNEL
from linli.registry.load import HOOKS
from linli.testing.fake_plugins import FakePlugins

ONE_SENTENCE = 'zh = "一句话。", en = "A sentence."'
FULL = """
from linli.documents.kinds import DocumentKind
from linli.events import Subscription
from linli.http.routes import Route
from linli.jobs import Job
from linli.notifications import sms_channel
from linli.printing import DocumentTemplate, Lines
from linli.privacy.subjects import SubjectData
from linli.tenancy.provisioner import Provisioner
from linli.handover.fields import HandoverField, HandoverFields
from linli.files.kinds import FileKind, FileScanner
from linli.transfer.kinds import ImportColumn, ImportKind

async def handle(*arguments):
    pass

@hookimpl
def graphql():
    return {"fields": ["clubs"]}

@hookimpl
def subscriptions():
    return [Subscription(event="clubs.founded", name="clubs.on_founded", handler=handle)]

@hookimpl
def jobs():
    return [Job(name="clubs.sweep", handler=handle)]

@hookimpl
def provisioners():
    return [Provisioner("catalogue", handle)]

@hookimpl
def routes():
    return [Route("certificates/{number}", handle, "Check a certificate")]

@hookimpl
def imports():
    columns = (ImportColumn("name", required=True),)
    return [ImportKind("clubs.clubs", "clubs.club.read", columns, keys=(("name",),), apply=handle)]


@hookimpl
def personal_data():
    return [SubjectData("clubs.member", "社员", "Members", frozenset({"clubs_club"}), handle, handle)]

@hookimpl
def document_kinds():
    template = DocumentTemplate("clubs.card", 1, "clubs.card", (Lines(("holder",)),))
    return [DocumentKind(template, write="clubs.club.read", read="clubs.club.read")]

@hookimpl
def file_kinds():
    return [FileKind("clubs.rules", frozenset({"application/pdf"}), 1_000, handle, handle)]

@hookimpl
def file_scanners():
    return [FileScanner("clubs.scanner", handle)]

@hookimpl
def handover_fields():
    return [HandoverFields("clubs.member", "社员", "Member", (HandoverField("since", "入社", "Since"),), handle)]


@hookimpl
def message_channels():
    return [sms_channel(handle)]
"""
FULL_MANIFEST = f"""
[permissions]
"clubs.club.read" = {{ {ONE_SENTENCE} }}
[events.publishes]
"clubs.founded" = {{ version = 1, {ONE_SENTENCE} }}
[settings]
"clubs.size_max" = {{ type = "integer", default = 30, {ONE_SENTENCE} }}
"""
TABLES = """
from piccolo.columns import Text
from linli.db.tables import TenantTable

class Club(TenantTable, tablename="clubs_club"):
    name = Text()
"""


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[FakePlugins]:
    with FakePlugins(tmp_path) as plugins:
        yield plugins


def add_clubs(fakes: FakePlugins) -> None:
    words = '[imports.clubs.clubs]\ntitle = "Clubs"\n[imports.clubs.clubs.columns]\nname = "Name"\n'
    words += '[clubs.card]\ntitle = "Card"\nfooter = "Club"\nholder = "Holder"\n'
    texts = {
        "texts/zh-CN.toml": f'{words}[problems.clubs]\nfull = "社团已满。"',
        "texts/en.toml": words,
        "tables.py": TABLES,
    }
    fakes.add("clubs", FULL, manifest=FULL_MANIFEST, files=texts)


def test_a_plugin_brings_its_contributions_tables_texts_and_migrations(fakes: FakePlugins) -> None:
    add_clubs(fakes)
    composition = fakes.compose()
    assert composition.quarantined == {}
    assert composition.names == {"clubs"}
    assert [table.__name__ for table in composition.tables["clubs"]] == ["Club"]
    (migrations,) = composition.migration_sets
    assert (migrations.app, migrations.package, migrations.prefix) == (
        "clubs",
        "linli_clubs.migrations",
        "clubs_",
    )
    plugins = composition.plugin_set({"clubs"})
    assert plugins.contributions("graphql") == (("clubs", {"fields": ["clubs"]}),)
    assert [item.name for item in plugins.subscriptions_to("clubs.founded")] == ["clubs.on_founded"]
    assert plugins.subscriptions_to("clubs.closed") == ()
    assert list(plugins.jobs) == [*(job.name for job in housekeeping.JOBS), "clubs.sweep"]
    assert plugins.permissions["clubs.club.read"].plugin == "clubs"
    assert plugins.setting_default("clubs.size_max") == 30
    assert plugins.texts.translate("problems.clubs.full", "zh-CN") == "社团已满。"
    for hook in HOOKS:
        owners = [name for name, _ in plugins.contributions(hook)]
        both = ("jobs", "imports", "personal_data", "handover_fields", "message_channels", "subscriptions")
        assert owners == ([KERNEL, "clubs"] if hook in both else ["clubs"]), hook


def test_a_set_without_the_plugin_has_nothing_of_it(fakes: FakePlugins) -> None:
    add_clubs(fakes)
    plugins = fakes.compose().plugin_set(())
    assert (plugins.names, plugins.key) == ((), "kernel")
    assert "clubs.club.read" not in plugins.permissions
    assert list(plugins.jobs) == [job.name for job in housekeeping.JOBS]
    assert plugins.texts.text("problems.clubs.full") is None
    with pytest.raises(KeyError):
        plugins.setting_default("clubs.size_max")


def test_the_kernel_is_part_of_every_set(fakes: FakePlugins) -> None:
    plugins = fakes.compose().plugin_set(())
    assert list(plugins.manifests) == [KERNEL]
    assert plugins.permissions["audit.entry.read"].plugin == KERNEL
    assert plugins.texts.text("problems.plugins.cycle") is not None


def test_a_set_holds_what_its_plugins_require_and_leaves_out_what_is_unknown(fakes: FakePlugins) -> None:
    fakes.add("alpha", requires={"zulu": ">=0.1"})
    fakes.add("zulu")
    fakes.add("broken", "1 / 0")
    composition = fakes.compose()
    plugins = composition.plugin_set(["alpha", "broken", "unheard_of"])
    assert plugins.names == ("zulu", "alpha")
    assert plugins.key == "zulu+alpha"
    assert composition.plugin_set({"zulu", "alpha"}) is plugins


def test_the_sets_that_are_kept_are_bounded(fakes: FakePlugins, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("linli.registry.composition._SETS_MAX", 2)
    for name in ("alpha", "beta", "gamma"):
        fakes.add(name)
    composition = fakes.compose()
    first = composition.plugin_set(["alpha"])
    for name in ("beta", "gamma"):
        composition.plugin_set([name])
    assert len(composition._sets) == 2
    assert composition.plugin_set(["alpha"]) is not first


def test_required_plugins_come_first_and_then_names_decide(fakes: FakePlugins) -> None:
    fakes.add("alpha", requires={"yankee": ">=0.1"})
    fakes.add("bravo")
    fakes.add("yankee", requires={"zulu": ">=0.1"})
    fakes.add("zulu")
    assert fakes.compose().order == ("bravo", "zulu", "yankee", "alpha")


def summary(composition: Composition) -> tuple[object, ...]:
    """All of a composition that a process would notice."""
    faults = {name: (type(q.error), q.sentence) for name, q in composition.quarantined.items()}
    plugins = composition.plugin_set(composition.names)
    return composition.order, faults, plugins.key, list(plugins.permissions), list(plugins.jobs)


@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_order_of_discovery_does_not_matter(fakes: FakePlugins, data: st.DataObject) -> None:
    if not fakes.candidates:
        add_clubs(fakes)
        route = "from linli.http.routes import Route\n@hookimpl\ndef routes():\n    return [{}]"
        fakes.add("alpha", requires={"clubs": ">=0.1"}, files={"texts/en.toml": 'same = "1"'})
        fakes.add("beta", route.format("Route('a', None, '')"), files={"texts/en.toml": 'same = "2"'})
        fakes.add("gamma", "1 / 0", requires={"delta": ">=0.1"})
        fakes.add("delta", requires={"gamma": ">=0.1"})
        fakes.add("omega", requires={"beta": ">=9"})
        fakes.add("kappa", "raise SystemExit(3)")
    mixed = data.draw(st.permutations(fakes.candidates))
    assert summary(compose(mixed, kernel_version="0.1.0")) == summary(fakes.compose())


def test_manifests_are_read_without_importing_the_plugin(fakes: FakePlugins) -> None:
    candidate = fakes.add("quiet", files={"__init__.py": "raise RuntimeError('imported')"})
    directory = candidate.directory()
    assert directory is not None
    manifest: Manifest = read_manifest(directory / "plugin.toml", "quiet")
    assert manifest.name == "quiet"
    assert "linli_quiet" not in sys.modules


def test_a_plugin_that_does_not_fit_is_never_imported(fakes: FakePlugins) -> None:
    fakes.add("future", kernel=">=7")
    assert "future" in fakes.compose().quarantined
    assert "linli_future" not in sys.modules


def test_installed_plugins_are_discovered_by_entry_point(fakes: FakePlugins, tmp_path: Path) -> None:
    fakes.add("listed")
    metadata = tmp_path / "linli_listed-0.1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: linli-listed\nVersion: 0.1.0\n")
    (metadata / "entry_points.txt").write_text("[linli.plugins]\nlisted = linli_listed.plugin\n")
    assert Candidate("listed", "linli_listed.plugin") in discover()
    assert "linli_listed" not in sys.modules


def test_everything_that_is_installed_here_is_healthy() -> None:
    composition = installed_composition()
    assert {name: q.sentence for name, q in composition.quarantined.items()} == {}
    assert composition.interfaces


def test_the_kernel_has_the_tables_of_all_its_parts() -> None:
    tables = compose([], kernel_version="0.1.0").tables[KERNEL]
    parts = {table.__module__.split(".")[1] for table in tables}
    assert parts == {migrations.app for migrations in KERNEL_MIGRATIONS}


def test_every_reason_has_a_sentence_in_both_languages() -> None:
    texts = compose([], kernel_version="0.1.0").plugin_set(()).texts
    codes = {kind.code for kind in PluginError.__subclasses__()} | {"plugins.bad_manifest"}
    for code in codes:
        assert {f"problems.{code}"} <= texts.keys("zh-CN") & texts.keys("en")
