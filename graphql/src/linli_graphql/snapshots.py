"""The schemas of plugin sets as files, and what changed between two of them.

A snapshot is the schema in the schema definition language. The sets are the kernel alone, each plugin with those that
it requires, and all together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import build_schema
from graphql.utilities import find_breaking_changes, find_dangerous_changes

from linli.registry import Composition, PluginSet
from linli_graphql.interface import GraphQLInterface

KERNEL_ALONE = "kernel"


@dataclass(frozen=True, slots=True, order=True)
class SchemaChange:
    """A change that may break a client: `breaking` for sure, or else dangerous to some.

    `kind` is graphql-core's name of it, such as `FIELD_REMOVED`.
    """

    snapshot: str
    breaking: bool
    kind: str
    sentence: str

    def __str__(self) -> str:
        weight = "breaking" if self.breaking else "dangerous"
        return f"{self.snapshot}: {weight}: {self.kind}: {self.sentence}"


def snapshots(composition: Composition) -> dict[str, str]:
    """The text of each set's schema by the set's name, such as `organisations+volunteers`."""
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    return {name: interface.print_schema(plugins) + "\n" for name, plugins in _sets(composition)}


def changes(snapshot: str, before: str, after: str) -> list[SchemaChange]:
    """The breaking and dangerous changes from one text of a schema to another; the breaking ones first.

    Adding something that clients need not know, or marking something as deprecated, is neither.
    """
    old, new = build_schema(before), build_schema(after)
    found = [
        SchemaChange(snapshot, True, one.type.name, one.description)
        for one in find_breaking_changes(old, new)
    ]
    found += [
        SchemaChange(snapshot, False, one.type.name, one.description)
        for one in find_dangerous_changes(old, new)
    ]
    return sorted(found, key=lambda one: (not one.breaking, one))


def all_changes(released: Mapping[str, str], current: Mapping[str, str]) -> list[SchemaChange]:
    """The changes of every set that was released before; a set that is gone is one too."""
    found: list[SchemaChange] = []
    for name, before in sorted(released.items()):
        if name in current:
            found += changes(name, before, current[name])
        else:
            found.append(SchemaChange(name, True, "SET_REMOVED", f"There is no set {name} any more."))
    return found


def _sets(composition: Composition) -> Iterator[tuple[str, PluginSet]]:
    seen = set()
    for names in ((), *((name,) for name in composition.order), tuple(composition.order)):
        plugins = composition.plugin_set(names)
        label = "+".join(plugins.names) or KERNEL_ALONE
        if label not in seen:
            seen.add(label)
            yield label, plugins
