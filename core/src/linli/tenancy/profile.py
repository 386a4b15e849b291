"""A tenant profile: the folder that says all of a tenant that is data. Read and checked, nothing written.

tenants/<slug>/tenant.toml    name, kind, parent, levels, roles, plugins, settings, demo data
tenants/<slug>/areas.csv      the area tree: code, name, level, parent_code
tenants/<slug>/texts/*.toml   the tenant's own wording of texts, per language
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final, Literal, TypeVar

import msgspec

from linli.i18n.catalogue import TextError, TextSource, read_texts
from linli.tenancy.catalogue import TenantKind
from linli.tenancy.faults import BrokenProfile, Fault
from linli.toml_lines import TomlLines, find_lines

TOML_FILE = "tenant.toml"
AREAS_FILE = "areas.csv"
TEXTS_FOLDER = "texts"
_TOML_BYTES_MAX = 1_000_000
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")
_FIELD_PATH = re.compile(r"at `\$\.([^`]*)`")
_TOML_PLACE = re.compile(r"\(at line (\d+), column \d+\)|\(at end of document\)")

E = TypeVar("E", bound=msgspec.Struct)


class LevelEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[levels.KEY]`: a level of the area tree, top first, and the levels that may lie directly above it.

    A level without parents is a top level; one with parents may be a top level as well, when it says so.
    """

    zh: str
    en: str
    parents: tuple[str, ...] = ()
    top: bool | None = None

    @property
    def may_be_top(self) -> bool:
        """Whether an area of this level may have nothing above it."""
        return not self.parents if self.top is None else self.top


class RoleEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"without": "except"}):
    """`[roles.KEY]`: a named set of permissions. `"areas.*"` stands for all that begin so, `"*"` for all.

    What the kernel's parts and the tenant's plugins suggest for a role of this name is added; `except` takes
    away from all of it.
    """

    zh: str
    en: str
    permissions: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    require_second_factor: bool = False


class SettingEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """`[settings."NAME"]`: a value, and how far child tenants may depart from it."""

    value: Any
    mode: Literal["fixed", "bounded", "free"] = "free"
    min: int | Decimal | None = None
    max: int | Decimal | None = None


class DemoEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[demo]`: how many synthetic people the tenant gets. Without this section it gets no synthetic data."""

    people: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 0


_STANDARD_ROLES: Final[Mapping[str, RoleEntry]] = MappingProxyType(
    {
        "admin": RoleEntry("管理员", "Administrator", ("areas.*", "events.*", "jobs.*"), ("audit.*",)),
        "auditor": RoleEntry("审计管理员", "Audit administrator", ("audit.*",)),
        "worker": RoleEntry("社区工作者", "Community worker"),
        "integrator": RoleEntry("接口集成方", "Integrator"),
        "resident": RoleEntry("居民", "Resident"),
    }
)


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    slug: str
    name: str
    kind: TenantKind
    levels: dict[str, Any]
    roles: dict[str, Any]
    parent: str | None = None
    time_zone: str = "Asia/Shanghai"
    locale: str = "zh-CN"
    plugins: dict[str, dict[str, Any]] = {}
    settings: dict[str, Any] = {}
    demo: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile as read. Its cross-references are checked by `linli.tenancy.profile_rules`.

    `plugins` are those to be switched on, each with its section `[plugins.NAME]`, which only it understands.
    `digest` tells `tenant.toml` and the texts, `areas_digest` the file of areas, from any other version.
    """

    directory: Path
    slug: str
    name: str
    kind: TenantKind
    parent: str | None
    time_zone: str
    locale: str
    plugins: Mapping[str, Mapping[str, object]]
    levels: Mapping[str, LevelEntry]
    roles: Mapping[str, RoleEntry]
    settings: Mapping[str, SettingEntry]
    demo: DemoEntry | None
    texts: TextSource
    lines: TomlLines = field(repr=False)
    digest: str = ""
    areas_digest: str = ""

    @property
    def toml_file(self) -> Path:
        """The profile's main file, which faults name."""
        return self.directory / TOML_FILE

    @property
    def areas_file(self) -> Path:
        """The profile's area tree."""
        return self.directory / AREAS_FILE

    def fault(self, code: str, *path: str, text: str | None = None, **details: object) -> Fault:
        """A fault of `tenant.toml` at the line of a key, or of a text in its value."""
        return Fault(str(self.toml_file), self.lines.of(path, text), code, details)


def read_profile(directory: Path) -> Profile:
    """Read a profile folder strictly: unknown keys and wrong types are refused.

    Raises:
        BrokenProfile: with every fault's file, line and reason.
    """
    try:
        return _read(directory)
    except OSError as error:
        file = str(error.filename or directory)
        raise BrokenProfile([Fault(file, 0, "tenancy.profile.no_file")]) from error


def _read(directory: Path) -> Profile:
    file = directory / TOML_FILE
    content = _content(file)
    table = _table(file, content)
    reader = _Reader(str(file), find_lines(content))
    head = reader.convert(table, _Head, ())
    if head is None:
        raise BrokenProfile(reader.faults)
    levels = reader.entries(head.levels, LevelEntry, "levels")
    roles = reader.entries(head.roles, RoleEntry, "roles")
    settings = reader.entries(head.settings, SettingEntry, "settings")
    demo = None if head.demo is None else reader.convert(head.demo, DemoEntry, ("demo",))
    texts = reader.texts(directory, head.slug)
    if reader.faults:
        raise BrokenProfile(reader.faults)
    return Profile(
        directory=directory,
        slug=head.slug,
        name=head.name,
        kind=head.kind,
        parent=head.parent,
        time_zone=head.time_zone,
        locale=head.locale,
        plugins=head.plugins,
        levels=levels,
        roles=roles,
        settings=settings,
        demo=demo,
        texts=texts,
        lines=reader.lines,
        digest=_digest(directory / TOML_FILE, *sorted((directory / TEXTS_FOLDER).glob("*.toml"))),
        areas_digest=_digest(directory / AREAS_FILE),
    )


def standard_profile(slug: str, name: str, levels: Mapping[str, LevelEntry]) -> Profile:
    """A city's profile without a folder: the roles that the kernel suggests permissions for, and no areas."""
    return Profile(
        directory=Path(slug),
        slug=slug,
        name=name,
        kind=TenantKind.CITY,
        parent=None,
        time_zone="Asia/Shanghai",
        locale="zh-CN",
        plugins={},
        levels=levels,
        roles=_STANDARD_ROLES,
        settings={},
        demo=None,
        texts=TextSource(slug, {}),
        lines=TomlLines(),
    )


def profile_directories(directory: Path) -> list[Path]:
    """The profile folders that a path names: itself, or those in it without `_template` and its like.

    Raises: BrokenProfile when there is none.
    """
    if (directory / TOML_FILE).is_file():
        return [directory]
    found = sorted(
        path.parent for path in directory.glob(f"*/{TOML_FILE}") if not path.parent.name.startswith("_")
    )
    if not found:
        raise BrokenProfile([Fault(str(directory / TOML_FILE), 0, "tenancy.profile.no_file")])
    return found


class _Reader:
    """Collects the faults of one `tenant.toml`, so that all are told at once."""

    def __init__(self, file: str, lines: TomlLines) -> None:
        self._file = file
        self.lines = lines
        self.faults: list[Fault] = []

    def convert(self, value: object, kind: type[E], path: tuple[str, ...]) -> E | None:
        try:
            return msgspec.convert(value, kind)
        except msgspec.ValidationError as error:
            self.faults.append(self._fault(str(error), path))
            return None

    def entries(self, values: Mapping[str, Any], kind: type[E], section: str) -> dict[str, E]:
        converted = {name: self.convert(value, kind, (section, name)) for name, value in values.items()}
        return {name: entry for name, entry in converted.items() if entry is not None}

    def texts(self, directory: Path, slug: str) -> TextSource:
        try:
            return read_texts(slug, directory / TEXTS_FOLDER)
        except TextError as error:
            message = str(error)
            file = next(
                (f for f in (directory / TEXTS_FOLDER).glob("*.toml") if f.name in message), directory
            )
            fault = Fault(str(file), _line_in(message), "tenancy.profile.bad_text", {"message": message})
            self.faults.append(fault)
            return TextSource(slug, {})

    def _fault(self, message: str, path: tuple[str, ...]) -> Fault:
        if match := _UNKNOWN_FIELD.search(message):
            inner = _FIELD_PATH.search(message)
            path = (*path, *(inner[1].split(".") if inner else ()), match[1])
            return self._at("tenancy.profile.unknown_key", path, key=".".join(path))
        inner = _FIELD_PATH.search(message)
        place = (*path, *(re.sub(r"\[.*", "", inner[1]).split(".") if inner else ()))
        plain = re.sub(r" - at `.*`$", "", message)
        return self._at("tenancy.profile.wrong_value", place, key=".".join(place), message=plain)

    def _at(self, code: str, path: tuple[str, ...], **details: object) -> Fault:
        return Fault(self._file, self.lines.of(path), code, details)


def _content(file: Path) -> str:
    """The text of a profile's main file."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        fault = Fault(str(file), 0, "tenancy.profile.no_file")
        raise BrokenProfile([fault]) from error
    if len(raw) > _TOML_BYTES_MAX:
        raise BrokenProfile([Fault(str(file), 0, "tenancy.profile.too_large", {"limit": _TOML_BYTES_MAX})])
    try:
        return raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise BrokenProfile([Fault(str(file), line, "tenancy.profile.not_utf8")]) from error


def _table(file: Path, content: str) -> dict[str, Any]:
    try:
        return tomllib.loads(content, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        line = _line_in(message) or content.count("\n") + 1
        plain = _TOML_PLACE.sub("", message).strip()
        fault = Fault(str(file), line, "tenancy.profile.bad_toml", {"message": plain})
        raise BrokenProfile([fault]) from error


def _line_in(message: str) -> int:
    match = _TOML_PLACE.search(message)
    return int(match[1]) if match and match[1] else 0


def _digest(*files: Path) -> str:
    """SHA-256 over the names and contents of the files, as far as they are there."""
    digest = hashlib.sha256()
    for file in files:
        if file.is_file():
            digest.update(f"{file.name}\0{file.stat().st_size}\0".encode())
            with file.open("rb") as content:
                while chunk := content.read(1 << 20):
                    digest.update(chunk)
    return digest.hexdigest()
