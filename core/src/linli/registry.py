"""The composition of installed plugins (minimal for now; the plugin host grows here)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from linli.db.migrations import MigrationSet


@dataclass(frozen=True)
class PluginSet:
    """What one set of plugins contributes, in dependency order."""

    names: tuple[str, ...] = ()
    permissions: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Any] = field(default_factory=dict)
    jobs: Mapping[str, Any] = field(default_factory=dict)
    manifests: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """A stable name of the set."""
        return "+".join(self.names)

    def setting_default(self, name: str) -> object:
        """The default of a declared setting. Raises: KeyError."""
        return self.settings[name].default

    def contributions(self, hook: str) -> tuple[tuple[str, Any], ...]:
        """The values of a hook as (plugin, value), in dependency order."""
        return ()

    def subscriptions_to(self, event_name: str) -> tuple[Any, ...]:
        """The subscriptions to an event, in dependency order."""
        return ()


@dataclass(frozen=True)
class Composition:
    """The healthy plugins that are installed."""

    names: frozenset[str] = frozenset()
    order: tuple[str, ...] = ()
    migration_sets: tuple[MigrationSet, ...] = ()
    tables: Mapping[str, Any] = field(default_factory=dict)
    quarantined: Mapping[str, Any] = field(default_factory=dict)

    def plugin_set(self, names: Collection[str]) -> PluginSet:
        """The set of the healthy plugins among `names`."""
        return PluginSet(tuple(name for name in self.order if name in names))


def installed_composition() -> Composition:
    """The composition of all installed plugins."""
    return Composition()
