"""What a message says: the template of its type, filled with its values, in a language."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from linli.context import Context
from linli.manifest import MessageType, Placeholder
from linli.notifications.errors import BadValue, UnknownMessageType

if TYPE_CHECKING:
    from linli.registry import PluginSet

LINE_MAX: Final = 100
_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9/_-]{0,39}")
_HIDDEN: Final = re.compile(r"(?:[0-9][ -]?){10,}[0-9Xx]|[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_MISSING: Final = "—"
_PARTS: Final = ("title", "body")


@dataclass(frozen=True, slots=True)
class Said:
    """What a message says."""

    title: str
    body: str
    values: Mapping[str, str]


def type_of(ctx: Context, name: str) -> MessageType:
    """One declared type. Raises: UnknownMessageType."""
    found = _declared(ctx.plugins, name)
    if found is None:
        raise UnknownMessageType(type=name[:120])
    return found


def content(name: str, declared: MessageType, values: Mapping[str, object]) -> dict[str, object]:
    """The values as they are kept: exactly those that the type declares, each of its kind. Raises: BadValue.

    What looks like a telephone, identity number or e-mail address in a line of text is hidden.
    """
    if differing := sorted(set(values) ^ set(declared.placeholders)):
        reason = "is not declared" if differing[0] in values else "is missing"
        raise BadValue(type=name, placeholder=differing[0], reason=reason)
    kept: dict[str, object] = {}
    for key, placeholder in declared.placeholders.items():
        value = _kept(placeholder, values[key])
        if value is None:
            raise BadValue(type=name, placeholder=key, reason=f"is no {placeholder.kind}")
        kept[key] = value
    return kept


def _kept(placeholder: Placeholder, value: object) -> object:
    match placeholder.kind, value:
        case "number", int() if not isinstance(value, bool):
            return value
        case "date", date() if not isinstance(value, datetime):
            return value.isoformat()
        case "moment", datetime() if value.utcoffset() is not None:
            return value.isoformat()
        case "code", str() if _CODE.fullmatch(value):
            return value
        case "line", str():
            line = _HIDDEN.sub("***", " ".join(value.split()))
            return line if len(line) <= LINE_MAX else line[: LINE_MAX - 1] + "…"
    return None


@dataclass(frozen=True, slots=True)
class Renderer:
    """Makes what messages say in a language, with the types of a tenant's plugins and on its clocks."""

    plugins: PluginSet
    time_zone: ZoneInfo
    locale: str

    def render(self, name: str, kept: Mapping[str, object]) -> Said:
        """What a message says; one whose type is gone says so, and a value that was erased is a dash."""
        declared = _declared(self.plugins, name)
        if declared is None:
            texts = self.plugins.texts
            title, body = (texts.translate(f"notifications.gone_{one}", self.locale) for one in _PARTS)
            return Said(title, body, {})
        shown = {
            key: self._shown(placeholder, kept[key]) if key in kept else _MISSING
            for key, placeholder in declared.placeholders.items()
        }
        english = self.locale == "en"
        title = declared.title.en if english else declared.title.zh
        body = declared.body.en if english else declared.body.zh
        return Said(title.format_map(shown), body.format_map(shown), shown)

    def _shown(self, placeholder: Placeholder, value: object) -> str:
        if placeholder.kind == "moment":
            return datetime.fromisoformat(str(value)).astimezone(self.time_zone).strftime("%Y-%m-%d %H:%M")
        return str(value)


def renderer(ctx: Context, locale: str) -> Renderer:
    """What makes the messages of a context's tenant."""
    return Renderer(ctx.plugins, ctx.time_zone, locale)


def _declared(plugins: PluginSet, name: str) -> MessageType | None:
    owner = plugins.manifests.get(name.partition(".")[0]) or plugins.manifests["kernel"]
    return owner.declares.messages.get(name)
