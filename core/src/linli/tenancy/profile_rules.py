"""The rules that a profile must keep: everything that it names exists, and nothing contradicts itself."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from linli.areas.errors import InvalidLevel, UnreadableFile
from linli.areas.import_plan import Order, Rows
from linli.areas.import_source import read_rows
from linli.areas.levels import STANDARD, Level, check_levels
from linli.i18n.catalogue import LOCALES
from linli.registry import Composition, PluginSet
from linli.tenancy.catalogue import TenantKind
from linli.tenancy.faults import BrokenProfile, Fault
from linli.tenancy.inheritance import SettingFixedByParent
from linli.tenancy.profile import LevelEntry, Profile, RoleEntry, SettingEntry
from linli.tenancy.settings import BadSettingValue, check_allowed, check_value
from linli.toml_lines import find_lines

_SLUG = re.compile(r"[a-z][a-z0-9-]{1,62}")
_ROLE = re.compile(r"[a-z][a-z0-9_.-]{0,62}")
_NAME_LENGTH_MAX = 200
_ROLES_MAX = 100


def check_profile(profile: Profile, composition: Composition) -> None:
    """Check `tenant.toml` and the texts, and when they are good, every row of `areas.csv`.

    Raises: BrokenProfile with every fault.
    """
    folder = profile.directory.resolve().name
    if profile.slug != folder:
        fault = profile.fault("tenancy.profile.slug_is_not_folder", "slug", value=profile.slug, folder=folder)
        raise BrokenProfile([fault])
    check_entries(profile, composition)
    faults = check_areas(profile)
    if faults:
        raise BrokenProfile(faults)


def check_entries(profile: Profile, composition: Composition) -> None:
    """Check everything but the areas. Raises: BrokenProfile with every fault."""
    everything = composition.plugin_set(composition.names)
    faults = [
        *_check_head(profile),
        *_check_levels(profile),
        *_check_roles(profile, everything),
        *_check_plugins(profile, composition),
        *_check_settings(profile, everything),
        *_check_texts(profile, everything),
    ]
    if faults:
        raise BrokenProfile(faults)


def check_areas(profile: Profile) -> list[Fault]:
    """What is wrong with the rows of `areas.csv`, given the profile's levels; nothing is written."""
    file = profile.areas_file
    if not file.is_file():
        return [Fault(str(file), 0, "tenancy.profile.no_file")]
    rows = Rows({level.key: level for level in area_levels(profile)})
    try:
        for line, values in read_rows(file):
            rows.add(line, values)
    except UnreadableFile as error:
        return [Fault(str(file), 0, error.code, dict(error.details))]
    Order(rows, {})
    bad = sorted(rows.bad, key=lambda row: row.line)
    return [Fault(str(file), row.line, row.code, dict(row.details)) for row in bad]


def standard_levels() -> dict[str, LevelEntry]:
    """The levels of the country's statistical divisions, as a profile has them."""
    return {
        level.key: LevelEntry(level.name_zh, level.name_en, level.parents, level.top) for level in STANDARD
    }


def check_inherited_settings(
    profile: Profile, composition: Composition, handed_down: Mapping[str, Mapping[str, Any]]
) -> None:
    """Check the profile's settings against those of the parent tenant. Raises: BrokenProfile."""
    declared = composition.plugin_set(composition.names).settings
    faults = []
    for name, entry in profile.settings.items():
        try:
            check_allowed(profile.parent is not None, handed_down, name, declared[name], entry.value)
        except SettingFixedByParent:
            fault = profile.fault("tenancy.setting_fixed_by_parent", "settings", name, "value", name=name)
            faults.append(fault)
    if faults:
        raise BrokenProfile(faults)


def stored_setting(entry: SettingEntry) -> dict[str, Any]:
    """A profile's setting as the catalogue stores it."""
    bounds = {"min": entry.min, "max": entry.max}
    stored = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"value": entry.value, "mode": entry.mode, **stored}


def granted(role: RoleEntry, known: Collection[str], suggested: Collection[str] = ()) -> frozenset[str]:
    """The permissions of a role: its patterns and what is suggested for it, without its exceptions."""
    given = {name for name in known for pattern in role.permissions if matches(pattern, name)}
    given |= set(suggested)
    return frozenset(name for name in given if not any(matches(pattern, name) for pattern in role.without))


def matches(pattern: str, permission: str) -> bool:
    """Whether a permission is meant by a name, by `"part.*"`, or by `"*"`."""
    if pattern == "*":
        return True
    return permission.startswith(pattern[:-1]) if pattern.endswith(".*") else permission == pattern


def _check_head(profile: Profile) -> Iterator[Fault]:
    if not _SLUG.fullmatch(profile.slug):
        yield profile.fault("tenancy.profile.bad_slug", "slug", value=profile.slug)
    if not 1 <= len(profile.name.strip()) <= _NAME_LENGTH_MAX:
        yield profile.fault("tenancy.profile.bad_name", "name", limit=_NAME_LENGTH_MAX)
    if profile.parent is not None and profile.kind is not TenantKind.DISTRICT:
        yield profile.fault("tenancy.profile.city_with_parent", "parent")
    if profile.parent == profile.slug:
        yield profile.fault("tenancy.profile.own_parent", "parent")
    if profile.locale not in LOCALES:
        allowed = ", ".join(LOCALES)
        yield profile.fault("tenancy.profile.unknown_locale", "locale", value=profile.locale, allowed=allowed)
    try:
        ZoneInfo(profile.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield profile.fault("tenancy.profile.unknown_time_zone", "time_zone", value=profile.time_zone)


def area_levels(profile: Profile) -> list[Level]:
    """The profile's levels as the area tree wants them; they are ranked in the order of the file."""
    return [
        Level(key, entry.zh, entry.en, rank, entry.parents, entry.may_be_top)
        for rank, (key, entry) in enumerate(profile.levels.items(), start=1)
    ]


def _check_levels(profile: Profile) -> Iterator[Fault]:
    unknown = [
        (key, parent)
        for key, level in profile.levels.items()
        for parent in level.parents
        if parent not in profile.levels
    ]
    for key, parent in unknown:
        path = ("levels", key, "parents")
        yield profile.fault("tenancy.profile.unknown_level", *path, text=parent, value=parent)
    if unknown:
        return
    try:
        check_levels(area_levels(profile))
    except InvalidLevel as error:
        name, reason = str(error.details["level"]), error.details["reason"]
        yield profile.fault(error.code, "levels", name, level=name, reason=reason)
    if not any(level.may_be_top for level in profile.levels.values()):
        yield profile.fault("tenancy.profile.no_top_level", "levels")


def _check_roles(profile: Profile, known: PluginSet) -> Iterator[Fault]:
    if len(profile.roles) > _ROLES_MAX:
        yield profile.fault("tenancy.profile.too_many", "roles", what="roles", limit=_ROLES_MAX)
    for key, role in profile.roles.items():
        if not _ROLE.fullmatch(key):
            yield profile.fault("tenancy.profile.bad_key", "roles", key, value=key)
        for name, patterns in (("permissions", role.permissions), ("except", role.without)):
            for pattern in patterns:
                if not any(matches(pattern, permission) for permission in known.permissions):
                    yield profile.fault(
                        "tenancy.profile.unknown_permission", "roles", key, name, text=pattern, value=pattern
                    )


def _check_plugins(profile: Profile, composition: Composition) -> Iterator[Fault]:
    for name in profile.plugins:
        if name in composition.quarantined:
            reason = composition.quarantined[name].sentence
            yield profile.fault(
                "tenancy.profile.plugin_quarantined", "plugins", name, plugin=name, reason=reason
            )
        elif name not in composition.names:
            yield profile.fault("tenancy.profile.unknown_plugin", "plugins", name, plugin=name)
        else:
            for required in composition.manifests[name].requires:
                if required not in profile.plugins:
                    yield profile.fault(
                        "tenancy.profile.plugin_requires", "plugins", name, plugin=name, required=required
                    )


def _check_settings(profile: Profile, known: PluginSet) -> Iterator[Fault]:
    for name, entry in profile.settings.items():
        declared = known.settings.get(name)
        if declared is None:
            yield profile.fault("tenancy.profile.unknown_setting", "settings", name, value=name)
            continue
        try:
            check_value(name, declared, stored_setting(entry))
        except BadSettingValue as error:
            yield profile.fault(error.code, "settings", name, "value", name=name, type=declared.type)


def _check_texts(profile: Profile, known: PluginSet) -> Iterator[Fault]:
    for locale, texts in profile.texts.texts.items():
        file = profile.directory / "texts" / f"{locale}.toml"
        if locale not in LOCALES:
            allowed = ", ".join(LOCALES)
            details: dict[str, object] = {"value": locale, "allowed": allowed}
            yield Fault(str(file), 0, "tenancy.profile.unknown_locale", details)
            continue
        lines = find_lines(file.read_text(encoding="utf-8-sig"))
        for key in texts:
            if known.texts.text(key) is None:
                line = lines.of(key.split("."))
                yield Fault(str(file), line, "tenancy.profile.unknown_text", {"key": key})
