"""Catalogues of texts: one TOML file per language and source, merged into one value."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

DEFAULT_LOCALE: Final = "zh-CN"
LOCALES: Final = ("zh-CN", "en")

_FILE_BYTES_MAX: Final = 1_000_000
_DEPTH_MAX: Final = 8
_VALUE_CHARACTERS_MAX: Final = 200
_PLACE = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)(?::([A-Za-z]+))?\}")
_YUAN: Final = "yuan"


class TextError(ValueError):
    """A file of texts is broken or collides with another; the message names the files' sources."""


@dataclass(frozen=True, slots=True)
class TextSource:
    """The texts of one source (the kernel, a plugin, a tenant): by locale, then by dotted key."""

    name: str
    texts: Mapping[str, Mapping[str, str]]


class Catalogue:
    """All texts of a composition.

    Raises:
        TextError: two sources give the same key in the same language; the message names both.
    """

    def __init__(self, sources: Iterable[TextSource]) -> None:
        self._texts: dict[str, dict[str, str]] = {}
        owners: dict[tuple[str, str], str] = {}
        for source in sources:
            for locale, key, text in _entries(source):
                owner = owners.setdefault((locale, key), source.name)
                if owner != source.name:
                    raise TextError(f"text {key!r} ({locale}) is given by both {owner!r} and {source.name!r}")
                self._texts.setdefault(locale, {})[key] = text

    def overridden_by(self, source: TextSource) -> Catalogue:
        """Give a catalogue in which a tenant's own wording replaces texts of this one.

        Raises:
            TextError: a key exists in no language here, so the wording would never be shown.
        """
        known = {key for texts in self._texts.values() for key in texts}
        result = Catalogue(())
        result._texts = {locale: dict(texts) for locale, texts in self._texts.items()}
        for locale, key, text in _entries(source):
            if key not in known:
                raise TextError(f"{source.name!r} rewords {key!r} ({locale}), which no source gives")
            result._texts.setdefault(locale, {})[key] = text
        return result

    def keys(self, locale: str) -> frozenset[str]:
        """Give the keys that have a text in `locale`."""
        return frozenset(self._texts.get(locale, ()))

    def text(self, key: str, locale: str = DEFAULT_LOCALE, /) -> str | None:
        """Give the unfilled text of a key, falling back to zh-CN, then en; None when no language has it."""
        for candidate in (locale, *LOCALES):
            text = self._texts.get(candidate, {}).get(key)
            if text is not None:
                return text
        return None

    def translate(self, key: str, locale: str = DEFAULT_LOCALE, /, **params: object) -> str:
        """Give the text of a key with its named parameters filled in.

        Falls back from `locale` to zh-CN, to en, to the key itself. A parameter that is not given shows as
        its name in braces; one that is not named is ignored; a long value is cut. `{fen:yuan}` is an amount in fen as
        it is printed, `{state:GrantState}` the word for a value (the text `exports.values.GrantState.<value>`). A text
        cannot reach into a value, so texts from plugins and tenants are harmless.
        """
        text = self.text(key, locale)
        return key if text is None else _PLACE.sub(lambda place: self._filled(place, locale, params), text)

    def _filled(self, place: re.Match[str], locale: str, params: Mapping[str, object]) -> str:
        name, kind = place[1], place[2]
        if name is None:
            return place[0][0]
        if name not in params:
            return place[0]
        value = params[name]
        if kind == _YUAN and isinstance(value, int):
            return yuan(value)
        shown = (self.text(f"exports.values.{kind}.{value}", locale) if kind else None) or _shown(value)
        return shown if len(shown) <= _VALUE_CHARACTERS_MAX else shown[: _VALUE_CHARACTERS_MAX - 1] + "…"


def read_texts(name: str, folder: Traversable) -> TextSource:
    """Read the texts of a source: `<locale>.toml` files in `folder`, nested tables flattened by dots.

    A folder that does not exist gives no texts.

    Raises:
        TextError: a file is too large, not UTF-8, not TOML, or holds something other than texts.
    """
    if not folder.is_dir():
        return TextSource(name, {})
    found = sorted((item for item in folder.iterdir() if item.name.endswith(".toml")), key=lambda i: i.name)
    return TextSource(name, {item.name.removesuffix(".toml"): _read_file(name, item) for item in found})


def kernel_texts() -> TextSource:
    """Read the kernel's own texts."""
    return read_texts("linli", files("linli.i18n") / "texts")


def yuan(fen: int) -> str:
    """An amount in fen as it is printed, in yuan: `50,000.00`."""
    whole, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}{whole:,}.{rest:02d}"


def parameters(text: str) -> frozenset[str]:
    """Give the names of the parameters in a text."""
    return frozenset(place[1] for place in _PLACE.finditer(text) if place[1])


def _entries(source: TextSource) -> Iterator[tuple[str, str, str]]:
    for locale, texts in source.texts.items():
        for key, text in texts.items():
            yield locale, key, text


def _read_file(name: str, item: Traversable) -> dict[str, str]:
    where = f"{name}: {item.name}"
    content = item.read_bytes()
    if len(content) > _FILE_BYTES_MAX:
        raise TextError(f"{where}: larger than {_FILE_BYTES_MAX} bytes")
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise TextError(f"{where}: {error}") from error
    texts: dict[str, str] = {}
    for key, value in _flat(table, (), where):
        if key in texts:
            raise TextError(f"{where}: {key!r} occurs twice")
        texts[key] = value
    return texts


def _flat(table: Mapping[str, object], path: tuple[str, ...], where: str) -> Iterator[tuple[str, str]]:
    if len(path) >= _DEPTH_MAX:
        raise TextError(f"{where}: {'.'.join(path)!r} is nested deeper than {_DEPTH_MAX}")
    for part, value in table.items():
        key = (*path, part)
        if isinstance(value, dict):
            yield from _flat(value, key, where)
        elif isinstance(value, str) and value:
            yield ".".join(key), value
        else:
            raise TextError(f"{where}: {'.'.join(key)!r} is not a text")


def _shown(value: object) -> str:
    """A value as it stands in a message: the members of a collection with the Chinese enumeration comma between."""
    return "、".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else str(value)
