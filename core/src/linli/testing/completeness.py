"""What a plugin's words and tables must be complete in. Vendors run this in their own tests, beside `check_plugin`:

def test_the_plugin_says_and_documents_all(composition):
    assert check_words("linli_volunteers", composition, DOCS) == []

async def test_tables_and_migrations_agree(composition, bench):
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        assert await check_tables(ctx, composition.tables["volunteers"]) == []
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from piccolo.table import Table

from linli.context import Context
from linli.errors import LinliError
from linli.registry import Composition
from linli.workflow import StateMachine

LOCALES: Final = ("zh-CN", "en")
_COLUMNS: Final = "select column_name, is_nullable from information_schema.columns where table_name = $1"
_OF_NO_AREA: Final = "area_id"  # may be null in every table; the declaration says so once for all


def check_words(package: str, composition: Composition, docs: Path) -> list[str]:
    """What is missing in a plugin's texts and documentation : a page, or a folder of them.

    Each refusal has a sentence, and each listed page a title, in both languages. The documentation names each
    permission, event, setting, message, kind of document or file, and refusal in back-quotes, and draws each state
    machine as `StateMachine.to_mermaid` does. Each permission of the manifest is named in the code, itself or its kind
    (`volunteers.hours` for `volunteers.hours.read`).

    Raises: LookupError when the plugin is not in the composition.
    """
    name = package.removeprefix("linli_")
    if name not in composition.manifests:
        raise LookupError(f"the plugin {name!r} is not installed, or is quarantined")
    modules = list(_modules(package))
    codes = refusals(modules)
    pages = sorted(docs.glob("*.md")) if docs.is_dir() else [docs]
    text = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    return [
        *_unsaid(name, composition, codes),
        *_undocumented(name, composition, codes, text),
        *(f"{one.name} is not drawn" for one in machines(modules) if one.to_mermaid() not in text),
        *_unused(name, composition, modules),
    ]


async def check_tables(ctx: Context, tables: Sequence[type[Table]]) -> list[str]:
    """Where the declared columns of tables and those of the database differ: `table.column: …`."""
    found: list[str] = []
    for table in tables:
        stored = {
            row["column_name"]: row["is_nullable"] == "YES"
            for row in await ctx.db.fetch(_COLUMNS, table._meta.tablename)
        }
        declared = {column._meta.name: column._meta.null for column in table._meta.columns}
        if _OF_NO_AREA in declared:
            declared[_OF_NO_AREA] = True
        for column in sorted(stored.keys() ^ declared.keys()):
            where = "the database" if column in stored else "the declaration"
            found.append(f"{table._meta.tablename}.{column}: only in {where}")
        for column in sorted(stored.keys() & declared.keys()):
            if stored[column] != declared[column]:
                found.append(f"{table._meta.tablename}.{column}: nullable in one only")
    return found


def refusals(modules: Sequence[ModuleType]) -> list[str]:
    """The codes of the refusals that modules define; one that is there twice is listed twice."""
    return sorted(
        one.code
        for module in modules
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, LinliError) and one.__module__ == module.__name__
    )


def machines(modules: Sequence[ModuleType]) -> list[StateMachine]:
    """The state machines that modules hold, each once."""
    found = {
        id(one): one for module in modules for one in vars(module).values() if isinstance(one, StateMachine)
    }
    return list(found.values())


def _modules(package: str) -> Iterator[ModuleType]:
    root = importlib.import_module(package)
    folder = Path(root.__path__[0])
    for path in sorted(folder.rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        if "tests" not in parts:
            inner = parts[:-1] if parts[-1] == "__init__" else parts
            yield importlib.import_module(".".join((package, *inner)))


def _unsaid(name: str, composition: Composition, codes: Sequence[str]) -> Iterator[str]:
    texts = composition.plugin_set(composition.names).texts
    for code in codes:
        if not code.startswith(f"{name}."):
            yield f"{code} does not begin with {name}."
        if codes.count(code) > 1:
            yield f"{code} is there twice"
        for locale in LOCALES:
            if not texts.text(f"problems.{code}", locale):
                yield f"{code} has no sentence in {locale}"
    pages = dict(composition.plugin_set((name,)).contributions("routes")).get(name, ())
    for title in (route.title for route in pages if route.title):
        yield from (f"{title} has no text in {locale}" for locale in LOCALES if not texts.text(title, locale))


def _undocumented(name: str, composition: Composition, codes: Sequence[str], text: str) -> Iterator[str]:
    declares, plugins = composition.manifests[name].declares, composition.plugin_set(composition.names)
    named = (
        *declares.permissions,
        *declares.publishes,
        *declares.consumes,
        *declares.settings,
        *declares.messages,
    )
    kinds = [one for one in (*plugins.document_kinds, *plugins.file_kinds) if one.startswith(f"{name}.")]
    for one in (*named, *kinds, *codes):
        if f"`{one}`" not in text:
            yield f"{one} is not documented"


def _unused(name: str, composition: Composition, modules: Sequence[ModuleType]) -> Iterator[str]:
    source = "".join(Path(one.__file__).read_text(encoding="utf-8") for one in modules if one.__file__)
    named = set(re.findall(rf'"({re.escape(name)}(?:\.[a-z_]+)+)', source))
    for permission in composition.manifests[name].declares.permissions:
        if permission not in named and permission.rpartition(".")[0] not in named:
            yield f"{permission} is declared, and nothing asks for it"
