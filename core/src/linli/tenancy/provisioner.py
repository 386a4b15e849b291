"""Provisioners: how a plugin makes a tenant ready for itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from linli.context import Context


@dataclass(frozen=True, slots=True)
class ProvisionRequest:
    """What a tenant's profile says to a plugin.

    `profile` is the plugin's own section of `tenant.toml`; `directory` is the profile's folder, from which
    files may be read (None when there is none); `demo` asks for synthetic people and figures, which say so.
    """

    demo: bool = False
    profile: Mapping[str, object] = field(default_factory=dict)
    directory: Path | None = None


@dataclass(frozen=True, slots=True)
class Provisioner:
    """One idempotent step; `run` works in the transaction of the context, as the system."""

    name: str
    run: Callable[[Context, ProvisionRequest], Awaitable[None]]
