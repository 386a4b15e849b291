"""The order in which several profiles are applied: parents first."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path

from linli.tenancy.profile import TOML_FILE, profile_directories


def in_order(paths: Iterable[Path]) -> list[Path]:
    """The profile folders that the paths name, each once, those without a parent before the others.

    A profile that cannot be read counts as one without a parent: applying it will say what is wrong.
    Raises: BrokenProfile for a path that names no profile.
    """
    found = {directory.resolve(): directory for path in paths for directory in profile_directories(path)}
    return sorted(found.values(), key=_has_parent)


def _has_parent(directory: Path) -> bool:
    try:
        return "parent" in tomllib.loads((directory / TOML_FILE).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False
