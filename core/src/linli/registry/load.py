"""Loading one plugin: import, register, collect. Every fault is put down to the plugin."""

from __future__ import annotations

import difflib
import importlib
import importlib.util
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pluggy

from linli import hookspecs
from linli.db.tables import TenantTable, table_name
from linli.i18n import LOCALES, TextError, TextSource, read_texts
from linli.manifest import Manifest
from linli.registry.discovery import Candidate
from linli.registry.errors import (
    BadHookArguments,
    BadTexts,
    HookFailed,
    ImportFailed,
    Undeclared,
    UnknownHook,
)

_ITEM_TYPES: Final[Mapping[str, tuple[str, str]]] = {  # by name: these modules come above this one
    "subscriptions": ("linli.events", "Subscription"),
    "jobs": ("linli.jobs", "Job"),
    "provisioners": ("linli.tenancy.provisioner", "Provisioner"),
    "routes": ("linli.http.routes", "Route"),
    "imports": ("linli.transfer.kinds", "ImportKind"),
    "personal_data": ("linli.privacy.subjects", "SubjectData"),
    "document_kinds": ("linli.documents.kinds", "DocumentKind"),
    "file_kinds": ("linli.files.kinds", "FileKind"),
    "file_scanners": ("linli.files.kinds", "FileScanner"),
    "handover_fields": ("linli.handover.fields", "HandoverFields"),
    "message_channels": ("linli.notifications.channel", "Channel"),
}
HOOKS: Final = ("graphql", *_ITEM_TYPES)
_REFUSED_OPTIONS: Final = ("wrapper", "hookwrapper", "optionalhook", "tryfirst", "trylast", "specname")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one plugin (or the kernel) brought: the values of its hooks, its tables and its texts."""

    name: str
    manifest: Manifest
    contributions: Mapping[str, Any]
    tables: tuple[type[TenantTable], ...]
    texts: tuple[TextSource, ...]


def new_manager() -> pluggy.PluginManager:
    """A plugin manager that knows the hooks."""
    manager = pluggy.PluginManager(hookspecs.PROJECT)
    manager.add_hookspecs(hookspecs)
    return manager


def load(candidate: Candidate, manifest: Manifest, manager: pluggy.PluginManager) -> Loaded:
    """Import a plugin, register it with the manager, and call its hooks.

    Raises: PluginError; the plugin is then not registered.
    """
    plugin = candidate.name
    module = _imported(plugin, candidate.module)
    check_hooks(plugin, module, manager)
    manager.register(module, name=plugin)
    try:
        tables = declared_tables(plugin, f"{candidate.package}.tables")
        for table in tables:
            if not table_name(table).startswith(manifest.prefix):
                raise Undeclared(plugin=plugin, what="table", name=table_name(table))
        contributions = collect(plugin, manager)
        _check_names(manifest, contributions)
        texts = read_plugin_texts(plugin, candidate.directory())
        _check_words(plugin, contributions, texts)
    except Exception:
        manager.unregister(name=plugin)
        raise
    return Loaded(plugin, manifest, contributions, tables, texts)


def check_hooks(plugin: str, module: ModuleType, manager: pluggy.PluginManager) -> None:
    """Refuse functions that were meant as hooks and are none. Raises: UnknownHook, BadHookArguments."""
    for name, function in inspect.getmembers(module, inspect.isroutine):
        options = manager.parse_hookimpl_opts(module, name)
        if options is None:
            if name in HOOKS and getattr(function, "__module__", "") == module.__name__:
                raise BadHookArguments(plugin=plugin, hook=name, reason="it is not marked @hookimpl")
            continue
        if name not in HOOKS:
            nearest = difflib.get_close_matches(name, HOOKS, n=1, cutoff=0.0)[0]
            raise UnknownHook(plugin=plugin, hook=name, nearest=nearest)
        for option in _REFUSED_OPTIONS:
            if options.get(option):
                raise BadHookArguments(plugin=plugin, hook=name, reason=f"the option {option} is not allowed")
        if inspect.signature(function).parameters:
            raise BadHookArguments(plugin=plugin, hook=name, reason="it must take no arguments")
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise BadHookArguments(plugin=plugin, hook=name, reason="it must be an ordinary function")


def collect(plugin: str, manager: pluggy.PluginManager) -> dict[str, Any]:
    """The value of each hook that the plugin has. Raises: HookFailed."""
    others = [module for name, module in manager.list_name_plugin() if name != plugin]
    values: dict[str, Any] = {}
    for hook in HOOKS:
        caller = manager.subset_hook_caller(hook, others)
        if not any(impl.plugin_name == plugin for impl in caller.get_hookimpls()):
            continue
        try:
            results = caller()
        except (Exception, SystemExit) as error:
            raise HookFailed(plugin=plugin, hook=hook, error=_named(error)) from error
        if not results:
            raise HookFailed(plugin=plugin, hook=hook, error="it returned None")
        values[hook] = _checked(plugin, hook, results[0])
    return values


def declared_tables(plugin: str, module_name: str) -> tuple[type[TenantTable], ...]:
    """The table classes in a plugin's module `tables` that are defined in its package, in the order of their names."""
    package = module_name.rpartition(".")[0]
    try:
        present = importlib.util.find_spec(module_name) is not None
    except ModuleNotFoundError:
        present = False
    if not present:
        return ()
    module = _imported(plugin, module_name)
    found = {
        table_name(value): value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, TenantTable)
        and value.__module__.startswith(f"{package}.")
    }
    return tuple(found[name] for name in sorted(found))


def read_plugin_texts(plugin: str, directory: Path | None) -> tuple[TextSource, ...]:
    """The texts in a package's folder `texts`. Raises: BadTexts."""
    if directory is None:
        return ()
    try:
        return (read_texts(plugin, directory / "texts"),)
    except TextError as error:
        raise BadTexts(plugin=plugin, reason=str(error)) from error


def _imported(plugin: str, module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except (Exception, SystemExit) as error:
        raise ImportFailed(plugin=plugin, module=module, error=_named(error)) from error


def _checked(plugin: str, hook: str, value: Any) -> Any:
    if hook not in _ITEM_TYPES:
        return value
    module, name = _ITEM_TYPES[hook]
    wanted: type = getattr(importlib.import_module(module), name)
    if not isinstance(value, list | tuple):
        error = f"it returned {type(value).__name__}, not a list of {wanted.__name__}"
        raise HookFailed(plugin=plugin, hook=hook, error=error)
    for item in value:
        if not isinstance(item, wanted):
            error = f"its list holds {type(item).__name__}, not {wanted.__name__}"
            raise HookFailed(plugin=plugin, hook=hook, error=error)
    return tuple(value)


def _check_names(manifest: Manifest, contributions: Mapping[str, Any]) -> None:
    plugin, declares = manifest.name, manifest.declares
    subscriptions = contributions.get("subscriptions", ())
    named = [("job", job.name) for job in contributions.get("jobs", ())]
    named += [("personal data", item.name) for item in contributions.get("personal_data", ())]
    named += [("hand-over fields", item.name) for item in contributions.get("handover_fields", ())]
    named += [("kind of document", item.name) for item in contributions.get("document_kinds", ())]
    named += [("kind of file", item.name) for item in contributions.get("file_kinds", ())]
    named += [("scanner of files", item.name) for item in contributions.get("file_scanners", ())]
    named += [("subscription", item.name) for item in subscriptions]
    named += [("import", kind.name) for kind in contributions.get("imports", ())]
    for what, name in named:
        if not name.startswith(f"{plugin}."):
            raise Undeclared(plugin=plugin, what=what, name=name)
    for kind in contributions.get("imports", ()):
        if kind.permission.startswith(f"{plugin}.") and kind.permission not in declares.permissions:
            raise Undeclared(plugin=plugin, what="permission", name=kind.permission)
    for item in subscriptions:
        if item.event not in declares.consumes and item.event not in declares.publishes:
            raise Undeclared(plugin=plugin, what="event", name=item.event)


def _check_words(plugin: str, contributions: Mapping[str, Any], texts: tuple[TextSource, ...]) -> None:
    """Lists that can be imported, and documents that are issued, have all their words in both languages."""
    wanted = [key for kind in contributions.get("imports", ()) for key in kind.text_keys()]
    wanted += [key for kind in contributions.get("document_kinds", ()) for key in kind.template.text_keys()]
    for locale in LOCALES:
        known = {key for source in texts for key in source.texts.get(locale, {})}
        if missing := [key for key in wanted if key not in known]:
            raise BadTexts(plugin=plugin, reason=f"there is no text {missing[0]} ({locale})")


def _named(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"
