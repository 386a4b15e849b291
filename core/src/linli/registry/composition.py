"""Composition: from the candidates to the frozen value that the process works with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Final

import pluggy
from packaging.specifiers import SpecifierSet

from linli.db.migrations import MigrationSet
from linli.db.tables import TenantTable
from linli.errors import LinliError
from linli.i18n import Catalogue
from linli.manifest import BadManifest, Manifest, read_manifest
from linli.registry.claims import Claims, claims_of
from linli.registry.discovery import Candidate, Interface, discover, installed_interfaces
from linli.registry.errors import Collision, Cycle, MissingRequirement, Quarantine, UnfitVersion
from linli.registry.kernel import KERNEL, kernel_version, load_kernel, part_names
from linli.registry.load import Loaded, load, new_manager
from linli.registry.messages import check_messages
from linli.registry.order import closure, cycles, dependency_order
from linli.registry.plugin_set import PluginSet

MANIFEST_FILE: Final = "plugin.toml"
_SETS_MAX: Final = 256


@dataclass(frozen=True, eq=False)
class Composition:
    """All that is installed, checked and ordered. Made once at start and passed on.

    `names` are the healthy plugins, `order` the same in dependency order; `manifests` and `tables` have the
    kernel's too, as `kernel`; `quarantined` says of each other plugin why it was left out. `migration_sets`
    are those of the interfaces and the healthy plugins; the kernel's own come before them.
    """

    names: frozenset[str]
    order: tuple[str, ...]
    manifests: Mapping[str, Manifest]
    quarantined: Mapping[str, Quarantine]
    migration_sets: tuple[MigrationSet, ...]
    tables: Mapping[str, tuple[type[TenantTable], ...]]
    interfaces: tuple[Interface, ...]
    _loaded: Mapping[str, Loaded] = field(repr=False)
    _sets: dict[frozenset[str], PluginSet] = field(default_factory=dict, repr=False)

    def plugin_set(self, names: Collection[str]) -> PluginSet:
        """The set of these plugins and those that they require.

        Unknown and quarantined names are left out. Equal sets are one object (of the last 256).
        """
        known = self._sets.get(names) if isinstance(names, frozenset) else None
        if known is not None:
            return known  # it is closed already, as nearly always
        wanted = closure(names, {name: self.manifests[name].requires for name in self.order})
        known = self._sets.get(wanted)
        if known is not None:
            return known
        made = PluginSet([self._loaded[KERNEL], *(self._loaded[n] for n in self.order if n in wanted)])
        if len(self._sets) >= _SETS_MAX:
            del self._sets[next(iter(self._sets))]
        self._sets[wanted] = made
        return made


def installed_composition() -> Composition:
    """The composition of all that is installed in this environment."""
    return compose(discover(), interfaces=installed_interfaces(), kernel_version=kernel_version())


def compose(
    candidates: Iterable[Candidate], *, interfaces: Sequence[Interface] = (), kernel_version: str
) -> Composition:
    """Check, order, import, register and collect the candidates; what is unfit is quarantined.

    The result does not depend on the order of the candidates. Raises only for faults of the kernel itself.
    """
    kernel = load_kernel(kernel_version)
    own_texts = (source for interface in interfaces for source in interface.texts)
    own_jobs = (job for interface in interfaces for job in interface.jobs)
    jobs = (*kernel.contributions["jobs"], *own_jobs)
    kernel = replace(
        kernel, texts=(*kernel.texts, *own_texts), contributions={**kernel.contributions, "jobs": jobs}
    )
    composing = _Composing(kernel, tuple(interfaces))
    known = composing.read(sorted(set(candidates)))
    for name in dependency_order({name: manifest.requires for name, (_, manifest) in known.items()}):
        composing.admit(*known[name])
    return composing.result()


class _Composing:
    """The state while a composition is being made."""

    def __init__(self, kernel: Loaded, interfaces: tuple[Interface, ...]) -> None:
        self._interfaces = interfaces
        self._manager: pluggy.PluginManager = new_manager()
        self._loaded: dict[str, Loaded] = {KERNEL: kernel}
        self._packages: dict[str, str] = {}
        self._manifests: dict[str, Manifest] = {KERNEL: kernel.manifest}
        self._quarantined: dict[str, Quarantine] = {}
        self._sentences = Catalogue(kernel.texts)
        self._claims = Claims()
        self._claims.add(KERNEL, claims_of(kernel, ()))
        for interface in interfaces:
            self._claims.add(KERNEL, interface.kernel_claims())

    def read(self, candidates: Sequence[Candidate]) -> dict[str, tuple[Candidate, Manifest]]:
        """The candidates whose manifests can be read, by name; the others, and cycles, are quarantined."""
        known: dict[str, tuple[Candidate, Manifest]] = {}
        for candidate in candidates:
            try:
                self._check_name(candidate, candidates)
                known[candidate.name] = (candidate, _manifest(candidate))
            except LinliError as error:
                self._quarantine(candidate.name, error)
        self._manifests |= {name: manifest for name, (_, manifest) in known.items()}
        for name, way in cycles({name: m.requires for name, (_, m) in known.items()}).items():
            self._quarantine(name, Cycle(plugin=name, cycle=" → ".join(way)))
        for name in self._quarantined:
            known.pop(name, None)
        return known

    def admit(self, candidate: Candidate, manifest: Manifest) -> None:
        """Load a plugin whose requirements were dealt with before; quarantine it when anything is wrong."""
        try:
            self._check_versions(manifest)
            self._check_requirements(manifest)
            loaded = load(candidate, manifest, self._manager)
            try:
                check_messages(loaded, self._loaded.values())
                self._claims.add(candidate.name, claims_of(loaded, self._interfaces))
            except LinliError:
                self._manager.unregister(name=candidate.name)
                raise
        except LinliError as error:
            self._quarantine(candidate.name, error)
        else:
            self._loaded[candidate.name] = loaded
            self._packages[candidate.name] = candidate.package

    def result(self) -> Composition:
        """The frozen composition."""
        order = tuple(name for name in self._loaded if name != KERNEL)
        return Composition(
            names=frozenset(order),
            order=order,
            manifests=MappingProxyType({name: loaded.manifest for name, loaded in self._loaded.items()}),
            quarantined=MappingProxyType(dict(sorted(self._quarantined.items()))),
            migration_sets=(
                *(migrations for interface in self._interfaces for migrations in interface.migration_sets),
                *(self._migrations(name) for name in order),
            ),
            tables=MappingProxyType({name: loaded.tables for name, loaded in self._loaded.items()}),
            interfaces=self._interfaces,
            _loaded=MappingProxyType(self._loaded),
        )

    def _check_name(self, candidate: Candidate, candidates: Sequence[Candidate]) -> None:
        claim = f"namespace {candidate.name}"
        if candidate.name in (KERNEL, *part_names(), *(interface.name for interface in self._interfaces)):
            raise Collision(plugin=candidate.name, other=KERNEL, claim=claim)
        for other in candidates:
            if other.name == candidate.name and other != candidate:
                raise Collision(plugin=candidate.module, other=other.module, claim=claim)

    def _migrations(self, name: str) -> MigrationSet:
        return MigrationSet(name, f"{self._packages[name]}.migrations", self._manifests[name].prefix)

    def _check_versions(self, manifest: Manifest) -> None:
        kernel = self._manifests[KERNEL].version
        if not SpecifierSet(manifest.kernel).contains(kernel, prereleases=True):
            raise UnfitVersion(plugin=manifest.name, needs=f"kernel {manifest.kernel}", found=kernel)
        for event, wanted in manifest.declares.consumes.items():
            owner = event.partition(".")[0]
            publisher = self._manifests.get(owner if owner in self._manifests else KERNEL)
            published = publisher.declares.publishes.get(event) if publisher else None
            if owner in self._manifests or owner in part_names():
                found = f"version {published.version}" if published else "no such event"
                if published is None or published.version != wanted:
                    needs = f"event {event} version {wanted}"
                    raise UnfitVersion(plugin=manifest.name, needs=needs, found=found)

    def _check_requirements(self, manifest: Manifest) -> None:
        for name, wanted in sorted(manifest.requires.items()):
            if name in self._loaded and name != KERNEL:
                found = self._manifests[name].version
                if not SpecifierSet(wanted).contains(found, prereleases=True):
                    raise UnfitVersion(plugin=manifest.name, needs=f"{name} {wanted}", found=found)
            else:
                quarantine = self._quarantined.get(name)
                why = quarantine.error.code if quarantine else "not_installed"
                raise MissingRequirement(plugin=manifest.name, requires=name, why=why)

    def _quarantine(self, name: str, error: LinliError) -> None:
        sentence = self._sentences.translate(f"problems.{error.code}", "en", **error.details)
        manifest = self._manifests.get(name) if name != KERNEL else None
        self._quarantined[name] = Quarantine(name, error, sentence, manifest)


def _manifest(candidate: Candidate) -> Manifest:
    directory = candidate.directory()
    if directory is None:
        reason = f"there is no package {candidate.package!r}"
        raise BadManifest(
            plugin=candidate.name, file=MANIFEST_FILE, line=0, key="", place=MANIFEST_FILE, reason=reason
        )
    return read_manifest(directory / MANIFEST_FILE, candidate.name)
