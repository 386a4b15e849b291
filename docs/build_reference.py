"""Writes `docs/reference/*.md` from the code, so that the reference cannot differ from it.

Run `python docs/build_reference.py`; a docs test fails when a committed page is not what this gives.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from pathlib import Path

import click

import linli
import linli.plugin
import linli_graphql
import linli_graphql.plugin
from linli import hookspecs
from linli.cli import main
from linli.errors import LinliError
from linli.registry import Composition, PluginSet, installed_composition

FOLDER = Path(__file__).parent / "reference"
_NOTE = "<!-- Written by docs/build_reference.py; do not edit. -->\n"


def pages() -> dict[str, str]:
    """The text of every generated page, by file name."""
    composition = installed_composition()
    plugins = composition.plugin_set(composition.names)
    return {
        "commands.md": _commands(),
        "events.md": _events(plugins),
        "hooks.md": _hooks(),
        "permissions.md": _permissions(plugins),
        "plugin-api.md": _plugin_api(),
        "problems.md": _problems(composition, plugins),
        "settings.md": _settings(plugins),
    }


def _permissions(plugins: PluginSet) -> str:
    rows = [
        (f"`{one.name}`", one.zh, one.en, one.plugin) for _name, one in sorted(plugins.permissions.items())
    ]
    return _page(
        "Permissions 权限", "What a role can allow.", _table(("name", "中文", "English", "of"), rows)
    )


def _settings(plugins: PluginSet) -> str:
    rows = [
        (f"`{name}`", one.type, f"`{one.default}`", one.mode, one.zh, one.en)
        for name, one in sorted(plugins.settings.items())
    ]
    said = "What a tenant can set; `mode` is how far a district may depart from its city's value."
    return _page("Settings 设置", said, _table(("name", "type", "default", "mode", "中文", "English"), rows))


def _events(plugins: PluginSet) -> str:
    rows = [
        (f"`{name}`", str(one.version), one.zh, one.en, plugin)
        for plugin, manifest in plugins.manifests.items()
        for name, one in sorted(manifest.declares.publishes.items())
    ]
    said = "Facts that happened. A plugin subscribes to them in its `subscriptions()` hook."
    return _page("Events 事件", said, _table(("name", "version", "中文", "English", "of"), sorted(rows)))


def _hooks() -> str:
    parts = []
    for name, function in vars(hookspecs).items():
        if inspect.isfunction(function) and hasattr(function, f"{hookspecs.PROJECT}_spec"):
            text = inspect.getdoc(function) or ""
            parts.append(f"## `{name}()`\n\n{text.replace('Example:', '**Example**' + chr(10))}\n")
    return _page("Hooks", "What the kernel asks a plugin, once, when the process starts.", "\n".join(parts))


def _problems(composition: Composition, plugins: PluginSet) -> str:
    rows = []
    for code, cls in sorted(_error_classes(composition)):
        zh = plugins.texts.text(f"problems.{code}", "zh-CN") or ""
        en = plugins.texts.text(f"problems.{code}", "en") or ""
        rows.append((f"`{code}`", zh, en, _first_line(cls)))
    said = "Stable codes of refusals: in `problems` of a mutation's payload, or in `extensions.code` of an error."
    return _page("Problem codes 错误代码", said, _table(("code", "中文", "English", "when"), rows))


def _error_classes(composition: Composition) -> Iterator[tuple[str, type[LinliError]]]:
    for package in (linli, linli_graphql, *_plugin_packages(composition)):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".testing" not in module.name and "migrations.m" not in module.name:
                importlib.import_module(module.name)
    seen: dict[str, type[LinliError]] = {}
    queue: list[type[LinliError]] = [LinliError]
    while queue:
        cls = queue.pop()
        queue += cls.__subclasses__()
        ours = cls.__module__.split(".")[0].startswith("linli")
        if ours and (cls.code not in seen or issubclass(seen[cls.code], cls)):
            seen[cls.code] = cls
    yield from seen.items()


def _plugin_packages(composition: Composition) -> Iterator[object]:
    for name in composition.order:
        yield importlib.import_module(f"linli_{name}")


def _commands() -> str:
    parts: list[str] = []

    def write(command: click.Command, path: str, parent: click.Context | None) -> None:
        context = click.Context(
            command, info_name=path.split()[-1], parent=parent, **command.context_settings
        )
        parts.append(f"## `{path}`\n\n```text\n{command.get_help(context)}\n```\n")
        if isinstance(command, click.Group):
            for name in command.list_commands(context):
                found = command.get_command(context, name)
                if found is not None:
                    write(found, f"{path} {name}", context)

    write(main, "linli", None)
    return _page("Commands 命令", "The `linli` command.", "\n".join(parts))


def _plugin_api() -> str:
    parts = []
    for module in (linli.plugin, linli_graphql.plugin):
        rows = [(f"`{name}`", _first_line(getattr(module, name))) for name in sorted(module.__all__)]
        parts.append(f"## `{module.__name__}`\n\n{_table(('name', 'what it is'), rows)}")
    return _page("The plugin API", "All that a plugin may import.", "\n".join(parts))


def _first_line(thing: object) -> str:
    text = thing if isinstance(thing, str) else inspect.getdoc(thing) or ""
    return " ".join(text.split("\n\n")[0].split())


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _page(title: str, said: str, body: str) -> str:
    return f"{_NOTE}\n# {title}\n\n{said}\n\n{body}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for file_name, content in pages().items():
        (FOLDER / file_name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"docs/reference/{file_name}\n")
