"""Manifests: what a plugin (`plugin.toml`) or a part of the kernel (`part.toml`) says of itself, as data.

They are read without importing any code of the plugin. Every fault names the plugin, the file, the key and,
where it can be found, the line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from string import Formatter
from typing import Annotated, Any, Final, Literal, NoReturn, TypeVar

import msgspec
from msgspec import Meta, Struct, field
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

from linli.errors import Invalid
from linli.i18n import LOCALES
from linli.toml_lines import find_lines

MANIFEST_BYTES_MAX: Final = 1_000_000
_SECTIONS: Final = (
    "permissions",
    "events",
    "settings",
    "roles",
    "personal_data",
    "consents",
    "retention",
    "messages",
)
_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DOTTED: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
T = TypeVar("T")

Sentence = Annotated[str, Meta(min_length=1, max_length=500)]
ColumnName = Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{1,58}$")]
Locale = Literal["zh-CN", "en"]
RoleName = Literal["admin", "worker", "integrator", "resident", "auditor"]
SettingType = Literal["integer", "text", "boolean", "decimal"]
Tier = Literal["bronze", "silver", "gold", "platinum"]
PlaceholderKind = Literal["number", "date", "moment", "code", "line"]


class BadManifest(Invalid):
    """A manifest cannot be used (`plugin`, `file`, `line` or 0, `key`, `place`: all of these, `reason`)."""

    code = "plugins.bad_manifest"


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence or title in both languages."""

    zh: Sentence
    en: Sentence


class PublishedEvent(Struct, frozen=True, forbid_unknown_fields=True):
    """An event that is published, the version of its content, and what it tells."""

    version: Annotated[int, Meta(ge=1)]
    zh: Sentence
    en: Sentence


class Setting(Struct, frozen=True, forbid_unknown_fields=True):
    """A setting of a tenant; `mode` is how far a district may depart from its city by default."""

    type: SettingType
    default: Any
    zh: Sentence
    en: Sentence
    mode: Literal["fixed", "bounded", "free"] = "free"

    def accepts(self, value: object) -> bool:
        """Whether the value is of the setting's type; a whole number is a decimal too, a bool is not."""
        if self.type == "decimal":
            finite = isinstance(value, Decimal) and value.is_finite()
            return finite or (isinstance(value, int) and not isinstance(value, bool))
        return type(value) is {"integer": int, "text": str, "boolean": bool}[self.type]


class PersonalData(Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """A column that holds personal data, and why it is kept.

    Source: Personal Information Protection Law (个人信息保护法) art. 4 (personal), art. 28 (sensitive).
    """

    class_: Literal["personal", "sensitive"]
    purpose: Sentence


class ConsentPurpose(Struct, frozen=True, forbid_unknown_fields=True):
    """What a person may be asked to consent to; `version` counts the changes of `text`.

    A consent to a text older than `valid_from_version` no longer counts: raise it when the text says something new.
    `needed` says that the service itself cannot be given without it; other services are given all the same.

    Source: Personal Information Protection Law (个人信息保护法) art. 14.
    """

    title: Words
    text: Words
    version: Annotated[int, Meta(ge=1)]
    valid_from_version: Annotated[int, Meta(ge=1)] = 1
    needed: bool = False


class RetentionRule(Struct, frozen=True, forbid_unknown_fields=True):
    """For how many days after `moment` (a column) the rows of a table are kept; a tenant may choose from `days_min` on.

    Rows that are a `log` are kept for six months at least. Those that must never go are `kept`, and only counted. Where
    `empties` names columns, rows stay and those become null, and `marks` may name a moment that is set then.

    Source: Personal Information Protection Law (个人信息保护法) art. 19; Cybersecurity Law (网络安全法) art. 21.
    """

    table: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]{2,58}$")]
    moment: ColumnName
    days: Annotated[int, Meta(ge=1, le=36_500)]
    zh: Sentence
    en: Sentence
    days_min: Annotated[int, Meta(ge=1)] = 1
    log: bool = False
    kept: bool = False
    empties: tuple[ColumnName, ...] = ()
    marks: ColumnName | None = None


class Placeholder(Struct, frozen=True, forbid_unknown_fields=True):
    """A value in a message. A `line` of text says of which column (`table.column`) it is; that is nothing personal."""

    kind: PlaceholderKind
    of: Annotated[str, Meta(pattern=r"^([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)?$")] = ""


class MessageType(Struct, frozen=True, forbid_unknown_fields=True, rename={"class_": "class"}):
    """A kind of message to people: `title` and `body` are templates with `{placeholders}`, all of them declared.

    A `service` message tells of something that happened, a `reminder` of what is to be done (bundled to one a day),
    and a `required` one is sent whatever somebody prefers.
    """

    class_: Literal["service", "reminder", "required"]
    title: Words
    body: Words
    placeholders: Mapping[str, Placeholder] = {}


class Declarations(Struct, frozen=True):
    """What plugins and parts of the kernel declare alike. Names are full (`organisations.grade.record`)."""

    permissions: Mapping[str, Words]
    publishes: Mapping[str, PublishedEvent]
    consumes: Mapping[str, int]
    settings: Mapping[str, Setting]
    roles: Mapping[str, tuple[str, ...]]
    personal_data: Mapping[str, PersonalData]
    consents: Mapping[str, ConsentPurpose] = field(default_factory=dict)
    retention: Mapping[str, RetentionRule] = field(default_factory=dict)
    messages: Mapping[str, MessageType] = field(default_factory=dict)


class Manifest(Struct, frozen=True):
    """One plugin, as its `plugin.toml` describes it.

    `kernel` and the values of `requires` are version specifiers (`>=0.1,<0.2`), `prefix` is what all its
    tables' names start with, `declares.roles` are the permissions that a tenant's roles get when the plugin
    is provisioned.
    """

    name: str
    title: Words
    version: str
    kernel: str
    prefix: str
    tier: Tier
    declares: Declarations
    requires: Mapping[str, str] = field(default_factory=dict)
    locales: tuple[Locale, ...] = LOCALES


class _Header(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    title: Words
    version: str
    kernel: str
    prefix: str
    tier: Tier
    requires: dict[str, str] = {}
    locales: tuple[Locale, ...] = LOCALES


def read_manifest(path: Path, plugin: str) -> Manifest:
    """The manifest in `path` of the plugin that is installed under the name `plugin`.

    Raises: BadManifest.
    """
    source = _Source(path, plugin)
    source.only(source.content, ("plugin", *_SECTIONS), "")
    header = source.convert(source.content.get("plugin"), _Header, "plugin")
    if header.name != plugin:
        source.refuse("plugin.name", f"is {header.name!r}, but the entry point is named {plugin!r}")
    if not _NAME.fullmatch(header.name):
        source.refuse("plugin.name", "must be lower-case words joined by underscores")
    if header.prefix != f"{header.name}_":
        source.refuse("plugin.prefix", f"must be {header.name + '_'!r}")
    source.check_version(header.version, "plugin.version")
    source.check_specifier(header.kernel, "plugin.kernel")
    for name, specifier in header.requires.items():
        source.check_specifier(specifier, f"plugin.requires.{name}")
    declares = _declarations(source, plugin, published=("events", "publishes"))
    return Manifest(**{name: getattr(header, name) for name in _Header.__struct_fields__}, declares=declares)


def read_part(path: Path, part: str) -> Declarations:
    """The declarations of a part of the kernel; its published events stand in `[events]`.

    Raises: BadManifest.
    """
    source = _Source(path, part)
    source.only(source.content, _SECTIONS, "")
    return _declarations(source, part, published=("events",))


def _declarations(source: _Source, owner: str, *, published: tuple[str, ...]) -> Declarations:
    content = source.content
    events = source.table(content.get("events", {}), "events")
    if published != ("events",):
        source.only(events, ("publishes", "consumes"), "events")
    publishes = events if published == ("events",) else events.get("publishes", {})
    consumes = {} if published == ("events",) else events.get("consumes", {})
    declared = Declarations(
        permissions=source.entries(content.get("permissions", {}), Words, "permissions", owner),
        publishes=source.entries(publishes, PublishedEvent, ".".join(published), owner),
        consumes=source.entries(consumes, Annotated[int, Meta(ge=1)], "events.consumes"),
        settings=source.entries(content.get("settings", {}), Setting, "settings", owner),
        roles=source.entries(content.get("roles", {}), tuple[str, ...], "roles", depth_max=1),
        personal_data=source.entries(content.get("personal_data", {}), PersonalData, "personal_data"),
        consents=source.entries(content.get("consents", {}), ConsentPurpose, "consents", owner),
        retention=source.entries(content.get("retention", {}), RetentionRule, "retention", owner),
        messages=source.entries(content.get("messages", {}), MessageType, "messages", owner),
    )
    for name, rule in declared.retention.items():
        if not rule.table.startswith(f"{owner}_"):
            source.refuse(f"retention.{name}.table", f"must start with '{owner}_'")
        if rule.kept and rule.empties:
            source.refuse(f"retention.{name}.empties", "what is kept is not emptied")
        if rule.marks and not rule.empties:
            source.refuse(f"retention.{name}.marks", "marks rows that are emptied, and nothing else")
    _check_settings(source, declared)
    _check_roles(source, declared)
    for name, message in declared.messages.items():
        _check_message(source, f"messages.{name}", message)
    for column in declared.personal_data:
        if not column.startswith(f"{owner}_") or column.count(".") != 1:
            source.refuse(f"personal_data.{column}", f"must be `{owner}_<table>.<column>`")
    return declared


def _check_settings(source: _Source, declared: Declarations) -> None:
    for name, setting in declared.settings.items():
        if not setting.accepts(setting.default):
            source.refuse(f"settings.{name}.default", f"{setting.default!r} is not of type {setting.type}")


def _check_roles(source: _Source, declared: Declarations) -> None:
    for role, permissions in declared.roles.items():
        source.convert(role, RoleName, f"roles.{role}")
        for permission in permissions:
            if permission not in declared.permissions:
                source.refuse(f"roles.{role}", f"{permission!r} is not declared in [permissions]")


def _check_message(source: _Source, key: str, message: MessageType) -> None:
    """Templates use the placeholders that are declared, all of them in each language, and nothing else."""
    for name, placeholder in message.placeholders.items():
        if not _NAME.fullmatch(name):
            source.refuse(f"{key}.placeholders.{name}", "must be lower-case words joined by underscores")
        if (placeholder.kind == "line") != bool(placeholder.of):
            source.refuse(f"{key}.placeholders.{name}.of", "names the column of a line, and of nothing else")
    for language in ("zh", "en"):
        used: set[str] = set()
        for part in ("title", "body"):
            template: str = getattr(getattr(message, part), language)
            used |= _names_in(source, f"{key}.{part}", template)
        if differing := sorted(used ^ set(message.placeholders)):
            reason = "is not declared" if differing[0] in used else f"is not used in {language}"
            source.refuse(f"{key}.placeholders.{differing[0]}", reason)


def _names_in(source: _Source, key: str, template: str) -> set[str]:
    try:
        parsed = list(Formatter().parse(template))
    except ValueError as error:
        source.refuse(key, str(error), cause=error)
    for _text, name, form, conversion in parsed:
        if name is not None and (form or conversion or not _NAME.fullmatch(name)):
            source.refuse(key, f"{{{name}}}: a placeholder is a name in braces")
    return {name for _text, name, _form, _conversion in parsed if name is not None}


class _Source:
    """A file that is being decoded: turns every fault into a `BadManifest` that says where."""

    def __init__(self, path: Path, plugin: str) -> None:
        self._path = path
        self._plugin = plugin
        self._text = ""
        try:
            content = path.read_bytes()
            if len(content) > MANIFEST_BYTES_MAX:
                self.refuse("", f"larger than {MANIFEST_BYTES_MAX} bytes")
            self._text = content.decode("utf-8-sig")
            self.content: dict[str, Any] = tomllib.loads(self._text, parse_float=Decimal)
        except OSError as error:
            self.refuse("", error.strerror or "cannot be read", cause=error)
        except ValueError as error:  # not UTF-8, or not TOML: the message has the position
            self.refuse("", str(error), cause=error)

    def refuse(self, key: str, reason: str, cause: Exception | None = None) -> NoReturn:
        line = self._line(key)
        place = f"{self._path}{f':{line}' if line else ''}{f': {key}' if key else ''}"
        raise BadManifest(
            plugin=self._plugin, file=str(self._path), line=line, key=key, place=place, reason=reason
        ) from cause

    def table(self, value: object, key: str) -> dict[str, Any]:
        if not isinstance(value, dict):
            self.refuse(key, "must be a table")
        return value

    def only(self, table: Mapping[str, object], allowed: tuple[str, ...], key: str) -> None:
        for name in table:
            if name not in allowed:
                self.refuse(f"{key}.{name}".lstrip("."), f"unknown; allowed are {', '.join(allowed)}")

    def convert(self, value: object, wanted: Any, key: str) -> Any:
        try:
            return msgspec.convert(value, wanted)
        except msgspec.ValidationError as error:
            reason, _, place = str(error).partition(" - at `$")
            place = place.rstrip("`")
            if "unknown field" in reason and (unknown := re.search(r"`(\w+)`", reason)):
                place += f".{unknown[1]}"
            self.refuse(key + place, reason, cause=error)

    def entries(
        self, value: object, wanted: Any, key: str, owner: str = "", *, depth_max: int = 4
    ) -> dict[str, Any]:
        """The entries of a section by full name; with `owner`, their names must start with it."""
        found: dict[str, Any] = {}
        scalar = not (isinstance(wanted, type) and issubclass(wanted, Struct))
        for name, entry in _leaves(self.table(value, key), depth_max, scalar=scalar):
            where = f"{key}.{name}"
            if name in found:
                self.refuse(where, "occurs twice")
            if depth_max > 1 and not _DOTTED.fullmatch(name):
                self.refuse(where, "must be lower-case words joined by dots")
            if owner and not name.startswith(f"{owner}."):
                self.refuse(where, f"must start with '{owner}.'")
            found[name] = self.convert(entry, wanted, where)
        return found

    def check_version(self, version: str, key: str) -> None:
        try:
            Version(version)
        except InvalidVersion as error:
            self.refuse(key, str(error), cause=error)

    def check_specifier(self, specifier: str, key: str) -> None:
        try:
            SpecifierSet(specifier)
        except InvalidSpecifier as error:
            self.refuse(key, str(error), cause=error)

    def _line(self, key: str) -> int:
        """The line that gives `key`, or else the nearest table around it; 0 when unknown."""
        known = {".".join(path): line for path, line in find_lines(self._text).keys.items()}
        while key and key not in known:
            key = key.rpartition(".")[0]
        return known.get(key, 0)


def _leaves(table: dict[str, Any], depth_max: int, *, scalar: bool) -> Iterator[tuple[str, Any]]:
    """Entries by full name, whether a name was quoted (`"a.b" = …`) or spelt as nested tables (`[x.a.b]`)."""
    for name, value in table.items():
        inner = isinstance(value, dict) and value and depth_max > 1
        if inner and (scalar or all(isinstance(item, dict) for item in value.values())):
            for rest, leaf in _leaves(value, depth_max - 1, scalar=scalar):
                yield f"{name}.{rest}", leaf
        else:
            yield name, value
