"""The kernel as a pseudo-plugin: put together from the `part.toml`, `tables.py` and `texts/` of its parts."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

import linli
from linli.db.migrations import KERNEL_MIGRATIONS
from linli.i18n import kernel_texts, read_texts
from linli.manifest import Declarations, Manifest, Words, read_part
from linli.registry.load import Loaded, declared_tables

KERNEL: Final = "kernel"


def kernel_version() -> str:
    """The version of the installed distribution `linli`."""
    return version("linli")


def part_names() -> tuple[str, ...]:
    """The packages of the kernel: names that no plugin may take."""
    return tuple(
        sorted(path.name for path in _directory().iterdir() if path.is_dir() and path.name.isidentifier())
    )


def load_kernel(kernel: str) -> Loaded:
    """What the kernel declares and brings, as a plugin does; a fault is our own. Raises: BadManifest, TextError."""
    parts = [read_part(path, path.parent.name) for path in sorted(_directory().glob("*/part.toml"))]
    manifest = Manifest(
        name=KERNEL,
        title=Words(zh="内核", en="Kernel"),
        version=kernel,
        kernel="",
        prefix="",
        tier="platinum",
        declares=Declarations(
            permissions={name: entry for part in parts for name, entry in part.permissions.items()},
            publishes={name: entry for part in parts for name, entry in part.publishes.items()},
            consumes={},
            settings={name: entry for part in parts for name, entry in part.settings.items()},
            roles=_merged_roles(parts),
            personal_data={name: entry for part in parts for name, entry in part.personal_data.items()},
            consents={name: entry for part in parts for name, entry in part.consents.items()},
            retention={name: entry for part in parts for name, entry in part.retention.items()},
            messages={name: entry for part in parts for name, entry in part.messages.items()},
        ),
    )
    modules = [migrations.package.replace(".migrations", ".tables") for migrations in KERNEL_MIGRATIONS]
    tables = tuple(table for module in modules for table in declared_tables(KERNEL, module))
    texts = (kernel_texts(), *(read_texts(f"linli.{path.parent.name}", path) for path in _text_folders()))
    handover = import_module("linli.handover")
    contributions = {
        "jobs": import_module("linli.housekeeping").JOBS,
        "imports": import_module("linli.transfer.people").KINDS,
        "personal_data": (
            *import_module("linli.privacy.register").PERSONAL_DATA,
            *handover.PERSONAL_DATA,
            *import_module("linli.documents").PERSONAL_DATA,
            *import_module("linli.files").PERSONAL_DATA,
            *import_module("linli.notifications.subjects").PERSONAL_DATA,
        ),
        "handover_fields": handover.FIELDS,
        "message_channels": import_module("linli.notifications.channels").CHANNELS,
        "subscriptions": (
            *handover.SUBSCRIPTIONS,
            *import_module("linli.documents.following").SUBSCRIPTIONS,
            *import_module("linli.notifications.following").SUBSCRIPTIONS,
        ),
    }
    return Loaded(KERNEL, manifest, contributions, tables, texts)


def _text_folders() -> Iterator[Path]:
    yield from (path for path in sorted(_directory().glob("*/texts")) if path.parent.name != "i18n")


def _merged_roles(parts: list[Declarations]) -> dict[str, tuple[str, ...]]:
    roles: dict[str, tuple[str, ...]] = {}
    for part in parts:
        for role, permissions in part.roles.items():
            roles[role] = (*roles.get(role, ()), *permissions)
    return roles


def _directory() -> Path:
    return Path(linli.__path__[0])
