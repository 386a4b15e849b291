"""Finding what is installed, without importing a plugin's code."""

from __future__ import annotations

import importlib.util
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from linli.db.migrations import MigrationSet
from linli.i18n import TextSource

if TYPE_CHECKING:
    from linli.jobs import Job

PLUGIN_GROUP: Final = "linli.plugins"
INTERFACE_GROUP: Final = "linli.interfaces"


class Interface(Protocol):
    """A way into the platform (the GraphQL API) that plugins contribute to by the hook `graphql`.

    Claims are strings such as `graphql field Query.areas`: what two plugins must not both have.
    """

    @property
    def name(self) -> str:
        """A name that no plugin may take."""
        ...

    @property
    def migration_sets(self) -> Sequence[MigrationSet]:
        """The migrations of the interface's own tables."""
        ...

    @property
    def texts(self) -> Sequence[TextSource]:
        """The interface's own texts."""
        ...

    @property
    def jobs(self) -> Sequence[Job]:
        """The interface's own scheduled jobs."""
        ...

    def claims(self, plugin: str, contribution: Any, /) -> Sequence[str]:
        """What a plugin's contribution claims."""
        ...

    def kernel_claims(self) -> Sequence[str]:
        """What the interface has of its own."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """An installed plugin by the name of its entry point; `module` (`linli_x.plugin`) has its hooks."""

    name: str
    module: str

    @property
    def package(self) -> str:
        """The plugin's top-level package."""
        return self.module.partition(".")[0]

    def directory(self) -> Path | None:
        """The folder of the package, found without importing it; None when there is no such package."""
        try:
            spec = importlib.util.find_spec(self.package)
        except (ImportError, ValueError):
            return None
        places = list(spec.submodule_search_locations or ()) if spec is not None else []
        return Path(places[0]) if places else None


def discover() -> list[Candidate]:
    """All installed plugins, in the order of their names. An entry point that is found twice counts once."""
    return sorted({Candidate(point.name, point.value) for point in entry_points(group=PLUGIN_GROUP)})


def installed_interfaces() -> tuple[Interface, ...]:
    """The installed interfaces: these are our own code, so a fault in one is raised."""
    points = sorted(set(entry_points(group=INTERFACE_GROUP)), key=lambda point: point.name)
    return tuple(_interface(point) for point in points)


def _interface(point: EntryPoint) -> Interface:
    loaded = point.load()
    made: Interface = loaded() if isinstance(loaded, type) else loaded
    return made
