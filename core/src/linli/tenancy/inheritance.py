"""Settings that a city hands down to its districts: fixed, bounded or free.

A stored setting is `{"value": …, "mode": "fixed" | "bounded" | "free", "min": …, "max": …}`. A district's own
value counts where the city left it free, or within the bounds; the city's fixed value always counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from linli.errors import Conflict


class InheritanceMode(StrEnum):
    """How far a child tenant may depart from its parent's value."""

    FIXED = "fixed"
    BOUNDED = "bounded"
    FREE = "free"


class SettingFixedByParent(Conflict):
    """The parent tenant fixed the setting, or the value is outside its bounds (`name`)."""

    code = "tenancy.setting_fixed_by_parent"


def resolve_settings(
    parent: Mapping[str, Mapping[str, Any]], own: Mapping[str, Mapping[str, Any]]
) -> dict[str, object]:
    """The values that hold for a tenant with this parent; what the parent forbids is left out."""
    values: dict[str, object] = {name: entry["value"] for name, entry in parent.items()}
    for name, entry in own.items():
        if name not in parent or _allowed(parent[name], entry["value"]):
            values[name] = entry["value"]
    return values


def check_setting(parent: Mapping[str, Mapping[str, Any]], name: str, value: object) -> None:
    """Raises: SettingFixedByParent when the parent does not allow the value."""
    if name in parent and not _allowed(parent[name], value):
        raise SettingFixedByParent(name=name)


def _allowed(entry: Mapping[str, Any], value: Any) -> bool:
    mode = InheritanceMode(entry.get("mode", "free"))
    if mode is InheritanceMode.FIXED:
        return bool(value == entry["value"])
    if mode is InheritanceMode.BOUNDED:
        low, high = entry.get("min"), entry.get("max")
        return bool((low is None or low <= value) and (high is None or value <= high))
    return True
