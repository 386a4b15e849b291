"""Claims: what two plugins must not both have, as strings. The second claimant is quarantined."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from linli.db.tables import table_name
from linli.registry.discovery import Interface
from linli.registry.errors import Collision, HookFailed
from linli.registry.load import Loaded


class Claims:
    """Who has claimed what so far."""

    def __init__(self) -> None:
        self._owners: dict[str, str] = {}

    def add(self, plugin: str, claims: Iterable[str]) -> None:
        """Enter all of a plugin's claims, or none. Raises: Collision naming both plugins (or one, twice)."""
        mine: dict[str, str] = {}
        for claim in claims:
            other = self._owners.get(claim) or mine.get(claim)
            if other is not None:
                raise Collision(plugin=plugin, other=other, claim=claim)
            mine[claim] = plugin
        self._owners.update(mine)


def claims_of(loaded: Loaded, interfaces: Sequence[Interface]) -> Iterator[str]:
    """All that a plugin claims. Raises: HookFailed when an interface cannot use its contribution."""
    declares, contributions = loaded.manifest.declares, loaded.contributions
    yield f"namespace {loaded.name}"
    yield from (f"table {table_name(table)}" for table in loaded.tables)
    yield from (f"permission {name}" for name in declares.permissions)
    yield from (f"event {name}" for name in declares.publishes)
    yield from (f"setting {name}" for name in declares.settings)
    yield from (f"consent {name}" for name in declares.consents)
    yield from (f"retention {name}" for name in declares.retention)
    yield from (f"message {name}" for name in declares.messages)
    yield from (f"message channel {one.name}" for one in contributions.get("message_channels", ()))
    yield from (f"personal data {one.name}" for one in contributions.get("personal_data", ()))
    yield from (f"hand-over fields {one.name}" for one in contributions.get("handover_fields", ()))
    yield from (f"kind of document {one.name}" for one in contributions.get("document_kinds", ()))
    yield from (f"kind of file {one.name}" for one in contributions.get("file_kinds", ()))
    yield from (f"scanner of files {one.name}" for one in contributions.get("file_scanners", ()))
    yield from (f"job {job.name}" for job in contributions.get("jobs", ()))
    yield from (f"subscription {item.name}" for item in contributions.get("subscriptions", ()))
    yield from (f"provisioner {loaded.name}.{item.name}" for item in contributions.get("provisioners", ()))
    yield from (f"import {kind.name}" for kind in contributions.get("imports", ()))
    yield from (f"route {loaded.name}/{route.shape}" for route in contributions.get("routes", ()))
    for source in loaded.texts:
        for locale, texts in source.texts.items():
            yield from (f"text {key} ({locale})" for key in texts)
    if "graphql" in contributions:
        for interface in interfaces:
            yield from _interface_claims(interface, loaded.name, contributions["graphql"])


def _interface_claims(interface: Interface, plugin: str, contribution: object) -> Sequence[str]:
    try:
        return tuple(interface.claims(plugin, contribution))
    except Exception as error:
        raise HookFailed(plugin=plugin, hook="graphql", error=f"{type(error).__name__}: {error}") from error
