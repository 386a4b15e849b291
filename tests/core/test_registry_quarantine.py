"""Every reason for which a plugin is left out, while the others go on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from linli.db.migrations import MigrationSet
from linli.i18n import TextSource
from linli.registry import Candidate, Composition, compose
from linli.testing.fake_plugins import FakePlugins

SENTENCE = 'zh = "一句话。", en = "A sentence."'
IMPORTS = """
from linli.events import Subscription
from linli.handover.fields import HandoverFields
from linli.http.routes import Route
from linli.jobs import Job
from linli.transfer.kinds import ImportColumn, ImportKind
async def handle(*arguments):
    pass
"""
LIST = "ImportKind('{name}', 'unfit.person.write', (ImportColumn('name'),), keys=(('name',),), apply=handle)"
_TEXTS = '[imports.zz.people]\ntitle = "List"\n[imports.zz.people.columns]\nname = "Name"\n'
WORDS = {f"texts/{locale}.toml": _TEXTS for locale in ("zh-CN", "en")}


@pytest.fixture
def fakes(tmp_path: Path) -> Iterator[FakePlugins]:
    """One healthy plugin, to which each test adds an unfit one."""
    with FakePlugins(tmp_path) as plugins:
        plugins.add("healthy", IMPORTS + hook("graphql", "{'Query.healthy'}"))
        yield plugins


class ListedFields:
    """An interface to which a plugin contributes the names of its fields."""

    name = "listed"
    migration_sets = (MigrationSet("listed", "linli_listed.migrations", "listed_"),)
    texts = (TextSource("listed", {"en": {"problems.listed": "Listed."}}),)
    jobs = ()

    def claims(self, plugin: str, contribution: Any) -> Sequence[str]:
        if not isinstance(contribution, set):
            raise TypeError("a contribution is a set of field names")
        return [f"graphql field {name}" for name in sorted(contribution)]

    def kernel_claims(self) -> Sequence[str]:
        return ["graphql field Query.areas"]


def hook(name: str, value: str) -> str:
    return f"\n@hookimpl\ndef {name}():\n    return {value}\n"


def refused(fakes: FakePlugins, name: str, code: str, *named: str) -> Composition:
    """Compose: the plugin is left out for this reason, its sentence has these words, `healthy` goes on."""
    composition = fakes.compose(ListedFields())
    quarantine = composition.quarantined[name]
    assert quarantine.error.code == code, quarantine.sentence
    for word in (name, *named):
        assert word in quarantine.sentence
    assert "{" not in quarantine.sentence
    assert "healthy" in composition.names
    assert name not in composition.names
    assert name == "kernel" or name not in composition.manifests
    assert name not in composition.plugin_set([name]).names
    assert composition.plugin_set(["healthy"]).contributions("graphql") == (("healthy", {"Query.healthy"}),)
    return composition


def test_a_kernel_outside_the_range_is_refused(fakes: FakePlugins) -> None:
    fakes.add("unfit", kernel=">=0.2,<0.3")
    refused(fakes, "unfit", "plugins.unfit_version", "kernel", "<0.3", "0.1.0")


def test_a_required_plugin_outside_the_range_is_refused(fakes: FakePlugins) -> None:
    fakes.add("unfit", requires={"healthy": ">=2"})
    refused(fakes, "unfit", "plugins.unfit_version", "healthy >=2", "0.1.0")


@pytest.mark.parametrize("published", ["", 'healthy.x = { version = 2, zh = "一。", en = "One." }'])
def test_an_event_that_is_not_published_in_that_version_is_refused(
    fakes: FakePlugins, published: str
) -> None:
    fakes.add("healthy", hook("graphql", "{'Query.healthy'}"), manifest=f"[events.publishes]\n{published}")
    fakes.candidates.pop()
    fakes.add("unfit", manifest='[events.consumes]\n"healthy.x" = 1')
    refused(fakes, "unfit", "plugins.unfit_version", "event healthy.x version 1")


def test_an_event_of_a_plugin_that_is_not_installed_may_be_awaited(fakes: FakePlugins) -> None:
    fakes.add("patient", manifest='[events.consumes]\n"elsewhere.x" = 1')
    assert "patient" in fakes.compose().names


def test_an_event_that_no_part_of_the_kernel_publishes_is_refused(fakes: FakePlugins) -> None:
    fakes.add("unfit", manifest='[events.consumes]\n"identity.no_such_thing" = 1')
    refused(fakes, "unfit", "plugins.unfit_version", "identity.no_such_thing", "no such event")


def test_a_requirement_that_is_not_installed_is_refused(fakes: FakePlugins) -> None:
    fakes.add("unfit", requires={"absent": ">=1"})
    refused(fakes, "unfit", "plugins.missing_requirement", "absent", "not_installed")


def test_a_quarantine_reaches_those_that_require_the_plugin(fakes: FakePlugins) -> None:
    fakes.add("first", "1 / 0")
    fakes.add("second", requires={"first": ">=0.1"})
    fakes.add("third", requires={"second": ">=0.1", "healthy": ">=0.1"})
    composition = refused(fakes, "first", "plugins.import_failed")
    assert composition.quarantined["second"].error.details["why"] == "plugins.import_failed"
    refused(fakes, "third", "plugins.missing_requirement", "second", "plugins.missing_requirement")


def test_a_cycle_is_refused_and_so_is_what_requires_it(fakes: FakePlugins) -> None:
    fakes.add("one", requires={"two": ">=0.1"})
    fakes.add("two", requires={"three": ">=0.1"})
    fakes.add("three", requires={"one": ">=0.1"})
    fakes.add("beside", requires={"one": ">=0.1"})
    fakes.add("self", requires={"self": ">=0.1"})
    refused(fakes, "one", "plugins.cycle", "one → two → three → one")
    refused(fakes, "three", "plugins.cycle", "three → one → two → three")
    refused(fakes, "self", "plugins.cycle", "self → self")
    refused(fakes, "beside", "plugins.missing_requirement", "one")


def test_a_mistyped_hook_is_refused_with_the_nearest_name(fakes: FakePlugins) -> None:
    fakes.add("unfit", hook("grahpql", "1"))
    refused(fakes, "unfit", "plugins.unknown_hook", "grahpql", "graphql")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("@hookimpl\ndef jobs(tenant):\n    return []", "no arguments"),
        ("@hookimpl\nasync def jobs():\n    return []", "ordinary function"),
        ("@hookimpl(wrapper=True)\ndef jobs():\n    return (yield)", "wrapper"),
        ("@hookimpl(specname='jobs')\ndef routes():\n    return []", "specname"),
        ("@hookimpl(tryfirst=True)\ndef jobs():\n    return []", "tryfirst"),
        ("def jobs():\n    return []", "not marked @hookimpl"),
    ],
)
def test_a_hook_that_cannot_be_called_is_refused(fakes: FakePlugins, body: str, words: str) -> None:
    fakes.add("unfit", body)
    refused(fakes, "unfit", "plugins.bad_hook_arguments", words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("import absent_dependency", "ModuleNotFoundError: No module named 'absent_dependency'"),
        ("def (:", "SyntaxError"),
        ("raise SystemExit(3)", "SystemExit: 3"),
    ],
)
def test_a_failing_import_is_shown(fakes: FakePlugins, body: str, words: str) -> None:
    fakes.add("unfit", body)
    composition = refused(fakes, "unfit", "plugins.import_failed", "linli_unfit.plugin", words)
    assert composition.quarantined["unfit"].error.__cause__ is not None


def test_a_failing_import_of_the_tables_is_shown(fakes: FakePlugins) -> None:
    fakes.add("unfit", files={"tables.py": "import absent_dependency"})
    refused(fakes, "unfit", "plugins.import_failed", "linli_unfit.tables", "absent_dependency")


def test_an_entry_point_without_its_module_is_refused(fakes: FakePlugins) -> None:
    fakes.candidates.append(Candidate("ghost", "linli_ghost.plugin"))
    refused(fakes, "ghost", "plugins.bad_manifest", "linli_ghost")
    (Path(fakes.add("hollow").directory() or "") / "plugin.py").unlink()
    refused(fakes, "hollow", "plugins.import_failed", "linli_hollow.plugin")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("jobs", "1 / 0", "ZeroDivisionError: division by zero"),
        ("graphql", "exit()", "SystemExit"),
        ("graphql", "None", "it returned None"),
        ("jobs", "'clubs.sweep'", "str, not a list of Job"),
        ("jobs", "(item for item in ())", "generator, not a list of Job"),
        ("routes", "['certificates']", "holds str, not Route"),
        ("routes", "[Route('/a/', handle, '')]", "plugins.bad_route_path"),
        ("graphql", "['Query.x']", "a contribution is a set of field names"),
    ],
)
def test_a_hook_that_fails_is_refused(fakes: FakePlugins, name: str, value: str, words: str) -> None:
    fakes.add("unfit", IMPORTS + hook(name, value))
    refused(fakes, "unfit", "plugins.hook_failed", name, words)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (hook("subscriptions", "[Subscription('healthy.x', 'unfit.on_x', handle)]"), "event healthy.x"),
        (
            hook("subscriptions", "[Subscription('unfit.x', 'healthy.on_x', handle)]"),
            "subscription healthy.on_x",
        ),
        (hook("jobs", "[Job('healthy.sweep', handle)]"), "job healthy.sweep"),
        (
            hook("handover_fields", "[HandoverFields('identity.person', '人', 'Person', (), handle)]"),
            "hand-over fields identity.person",
        ),
        (hook("imports", f"[{LIST.format(name='identity.people')}]"), "import identity.people"),
        (hook("imports", f"[{LIST.format(name='unfit.people')}]"), "permission unfit.person.write"),
    ],
)
def test_a_name_that_the_manifest_does_not_declare_is_refused(
    fakes: FakePlugins, body: str, words: str
) -> None:
    published = f'[events.publishes]\n"unfit.x" = {{ version = 1, {SENTENCE} }}'
    fakes.add("unfit", IMPORTS + body, manifest=published)
    refused(fakes, "unfit", "plugins.undeclared", words)


def test_a_table_outside_the_prefix_is_refused(fakes: FakePlugins) -> None:
    table = "class Club(TenantTable, tablename='healthy_club'):\n    pass\n"
    fakes.add("unfit", files={"tables.py": f"from linli.db.tables import TenantTable\n{table}"})
    refused(fakes, "unfit", "plugins.undeclared", "table healthy_club")


def test_broken_texts_are_refused(fakes: FakePlugins) -> None:
    fakes.add("unfit", files={"texts/en.toml": "a = 1"})
    refused(fakes, "unfit", "plugins.bad_texts", "en.toml")


def test_a_list_whose_headers_have_no_words_in_a_language_is_refused(fakes: FakePlugins) -> None:
    listed = IMPORTS + hook("imports", f"[{LIST.format(name='zz.people')}]")
    fakes.add("zz", listed, files={"texts/zh-CN.toml": _TEXTS})
    refused(fakes, "zz", "plugins.bad_texts", "imports.zz.people.title (en)")


def test_a_document_without_words_in_a_language_is_refused(fakes: FakePlugins) -> None:
    imports = "from linli.documents import DocumentKind\nfrom linli.printing import DocumentTemplate, Lines\n"
    template = "DocumentTemplate('zz.card', 1, 'zz.card', (Lines(('holder',)),))"
    body = imports + hook("document_kinds", f"[DocumentKind({template}, write='zz.a.b', read='zz.a.c')]")
    words = '[zz.card]\ntitle = "证"\nfooter = "某社"\nholder = "持有人"\n'
    fakes.add("zz", body, files={"texts/zh-CN.toml": words})
    refused(fakes, "zz", "plugins.bad_texts", "zz.card.title (en)")


def test_a_broken_manifest_is_refused_with_file_and_line(fakes: FakePlugins) -> None:
    fakes.add("unfit", manifest="[permissions]\nwrong = 1")
    refused(fakes, "unfit", "plugins.bad_manifest", "plugin.toml", "plugin.toml:12: permissions.wrong")


@pytest.mark.parametrize(
    ("body", "files", "words"),
    [
        (hook("graphql", "{'Query.healthy'}"), {}, ["graphql field Query.healthy", "healthy already"]),
        (hook("graphql", "{'Query.areas'}"), {}, ["graphql field Query.areas", "kernel already"]),
        (hook("jobs", "[Job('zz.a', handle), Job('zz.a', handle)]"), {}, ["job zz.a", "zz already"]),
        (
            hook("imports", f"[{LIST.format(name='zz.people')}, {LIST.format(name='zz.people')}]"),
            WORDS,
            ["import zz.people", "zz already"],
        ),
        (
            hook("routes", "[Route('a/{x}', handle, ''), Route('a/{y}', handle, '')]"),
            {},
            ["route zz/a/{}", "zz already"],
        ),
        (
            "",
            {"texts/en.toml": '[problems]\nnot_found = "Gone."'},
            ["text problems.not_found (en)", "kernel"],
        ),
    ],
)
def test_a_second_claimant_is_refused_and_both_are_named(
    fakes: FakePlugins, body: str, files: dict[str, str], words: list[str]
) -> None:
    fakes.add("zz", IMPORTS + body, files=files)
    quarantine = fakes.compose(ListedFields()).quarantined["zz"]
    assert quarantine.error.code == "plugins.collision"
    for word in ("zz", *words):
        assert word in quarantine.sentence
    assert fakes.compose(ListedFields()).names == {"healthy"}


def test_a_plugin_that_was_refused_leaves_no_claim_behind(fakes: FakePlugins) -> None:
    fakes.add("aa", IMPORTS + hook("graphql", "{'Query.one', 'Query.areas'}"))
    fakes.add("zz", IMPORTS + hook("graphql", "{'Query.one'}"))
    refused(fakes, "aa", "plugins.collision", "kernel")
    assert "zz" in fakes.compose(ListedFields()).names


@pytest.mark.parametrize("name", ["kernel", "identity", "jobs", "listed"])
def test_the_kernels_names_are_taken(fakes: FakePlugins, name: str) -> None:
    fakes.add(name)
    refused(fakes, name, "plugins.collision", f"namespace {name}", "kernel")


def test_an_interface_brings_its_own_migrations_and_texts(fakes: FakePlugins) -> None:
    composition = fakes.compose(ListedFields())
    assert [migrations.app for migrations in composition.migration_sets] == ["listed", "healthy"]
    assert composition.plugin_set(()).texts.translate("problems.listed", "en") == "Listed."


def test_two_plugins_of_one_name_are_both_left_out(fakes: FakePlugins) -> None:
    fakes.add("twin")
    other = Candidate("twin", "linli_other_twin.plugin")
    first = compose([*fakes.candidates, other], kernel_version="0.1.0").quarantined["twin"]
    assert first.error.code == "plugins.collision"
    assert {first.error.details["plugin"], first.error.details["other"]} == {
        "linli_twin.plugin",
        "linli_other_twin.plugin",
    }


@pytest.mark.parametrize(
    "column",
    [
        "identity_person.full_name",  # personal by its table
        "identity_person.id_number",  # encrypted
        "identity_account.password_hash",  # secret
        "privacy_consent.person_id",  # declared as personal
        "areas_area.nothing",
        "nowhere.name",
        "volunteers_activity.title",  # of a plugin that is not required
    ],
)
def test_a_message_that_shows_something_personal_or_unknown_is_refused(
    fakes: FakePlugins, column: str
) -> None:
    line = f'{{ place = {{ kind = "line", of = "{column}" }} }}'
    said = '{ zh = "{place}", en = "{place}" }'
    fakes.add(
        "unfit",
        manifest=f'[messages."unfit.told"]\nclass = "service"\ntitle = {said}\nbody = {said}\nplaceholders = {line}\n',
    )
    refused(fakes, "unfit", "plugins.personal_placeholder", "unfit.told", column)


def test_two_channels_of_one_name_are_refused(fakes: FakePlugins) -> None:
    channel = "\nfrom linli.notifications import sms_channel\n" + hook(
        "message_channels", "[sms_channel(None)]"
    )
    fakes.add("first", channel)
    fakes.add("unfit", channel)
    refused(fakes, "unfit", "plugins.collision", "message channel sms", "first")
