"""The characters that the font has. A name with a rarer one is printed with its code, never with a blank."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont
from pylopdf_fonts_zh_cn import sans_path

CELL_CHARACTERS_MAX: Final = 2_000
_LINE_BREAK: Final = "\n"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Zs"})


def font_path() -> Path:
    """Where Noto Sans SC is, which comes as a package under the SIL Open Font License."""
    return sans_path()


@lru_cache(maxsize=1)
def known() -> frozenset[int]:
    """The code points that the font has a form for; read once, 0.1 s."""
    with TTFont(font_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def printable(text: str, limit: int = CELL_CHARACTERS_MAX) -> str:
    """A text as it can be printed: NFC, cut at `limit`, without control characters.

    A character that the font lacks shows as its code point, such as `[U+31350]`.
    """
    normal = unicodedata.normalize("NFC", text.replace("\r\n", _LINE_BREAK))
    cut = normal if len(normal) <= limit else f"{normal[: limit - 1]}…"
    return "".join(_shown(character) for character in cut)


def _shown(character: str) -> str:
    if character == _LINE_BREAK:
        return character
    if unicodedata.category(character) in _UNSEEN:
        return " "
    return character if ord(character) in known() else f"[U+{ord(character):04X}]"
