"""What one set of plugins offers together: the part of a composition that a tenant has switched on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from linli.i18n import Catalogue
from linli.manifest import Manifest, Setting
from linli.registry.kernel import KERNEL
from linli.registry.load import Loaded

if TYPE_CHECKING:
    from linli.db.tables import TenantTable
    from linli.documents.kinds import DocumentKind
    from linli.events import Subscription
    from linli.files.kinds import FileKind
    from linli.jobs import Job
    from linli.transfer.kinds import ImportKind


@dataclass(frozen=True, slots=True)
class Permission:
    """A permission, its sentence in both languages, and the plugin (or `kernel`) that declares it."""

    name: str
    zh: str
    en: str
    plugin: str


class PluginSet:
    """The kernel with a set of plugins, in dependency order. Never changed; compared by identity.

    `names` leaves out the kernel; `manifests` and `contributions` have it first, as `kernel`.
    """

    def __init__(self, members: Sequence[Loaded]) -> None:
        """`members` are the kernel and the plugins, in dependency order."""
        self._members = tuple(members)
        self.names: tuple[str, ...] = tuple(member.name for member in members if member.name != KERNEL)
        self.manifests: Mapping[str, Manifest] = MappingProxyType({m.name: m.manifest for m in members})
        self.permissions: Mapping[str, Permission] = MappingProxyType(
            {
                name: Permission(name, words.zh, words.en, member.name)
                for member in members
                for name, words in member.manifest.declares.permissions.items()
            }
        )
        self.settings: Mapping[str, Setting] = MappingProxyType(
            {name: entry for m in members for name, entry in m.manifest.declares.settings.items()}
        )
        self.jobs: Mapping[str, Job] = MappingProxyType(
            {job.name: job for _plugin, jobs in self.contributions("jobs") for job in jobs}
        )
        self.imports: Mapping[str, ImportKind] = MappingProxyType(
            {kind.name: kind for _plugin, kinds in self.contributions("imports") for kind in kinds}
        )
        self.document_kinds: Mapping[str, DocumentKind] = MappingProxyType(
            {kind.name: kind for _plugin, kinds in self.contributions("document_kinds") for kind in kinds}
        )
        self.file_kinds: Mapping[str, FileKind] = MappingProxyType(
            {kind.name: kind for _plugin, kinds in self.contributions("file_kinds") for kind in kinds}
        )
        self._subscriptions: dict[str, tuple[Subscription, ...]] = {}
        for _plugin, subscriptions in self.contributions("subscriptions"):
            for item in subscriptions:
                self._subscriptions[item.event] = (*self._subscriptions.get(item.event, ()), item)

    def __repr__(self) -> str:
        return f"PluginSet({self.key!r})"

    @cached_property
    def key(self) -> str:
        """A stable name of the set, such as `organisations+volunteers`; `kernel` without plugins."""
        return "+".join(self.names) or KERNEL

    @property
    def tables(self) -> tuple[type[TenantTable], ...]:
        """The tables of the kernel and the plugins."""
        return tuple(table for member in self._members for table in member.tables)

    @cached_property
    def texts(self) -> Catalogue:
        """The texts of the kernel and the plugins."""
        return Catalogue(source for member in self._members for source in member.texts)

    def setting_default(self, name: str) -> object:
        """The default of a setting. Raises: KeyError for a name that is not declared."""
        return self.settings[name].default

    def contributions(self, hook: str) -> tuple[tuple[str, Any], ...]:
        """What each plugin's hook returned, as (plugin, value), in dependency order; lists come as tuples."""
        return tuple((m.name, m.contributions[hook]) for m in self._members if hook in m.contributions)

    def subscriptions_to(self, event_name: str) -> tuple[Subscription, ...]:
        """The subscriptions to an event, in dependency order of their plugins."""
        return self._subscriptions.get(event_name, ())
