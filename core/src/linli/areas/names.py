"""Checking names and codes, and what is derived from a name for sorting and searching."""

from __future__ import annotations

import re
import unicodedata
from typing import Final
from uuid import UUID

from linli.areas.errors import InvalidCode, InvalidName
from linli.i18n.pinyin import pairs, sort_key

NAME_MAX: Final = 100
_CODE: Final = re.compile(r"[0-9A-Za-z_-]{1,32}")
_WORD: Final = re.compile(r"[0-9]+|[a-z]+")
# Control and format characters (which can reverse a line), lone surrogates, unassigned ones and emoji.
# Private-use characters stay: rare characters of place names came as such from GB 13000 and GB 18030.
_REFUSED: Final = frozenset({"Cc", "Cf", "Cs", "Cn", "So", "Zl", "Zp"})
_ALLOWED_SYMBOLS: Final = frozenset("○●°")


def checked_code(code: str) -> str:
    """The code as given. Raises: InvalidCode."""
    if not _CODE.fullmatch(code):
        raise InvalidCode(path=("code",), value=code[:40])
    return code


def checked_name(name: str) -> str:
    """The name without blanks around it. Raises: InvalidName."""
    text = name.strip() if len(name) <= 10 * NAME_MAX else name
    if fault_in_name(text):
        raise InvalidName(path=("name",), limit=NAME_MAX)
    return text


def fault_in_name(text: str) -> str:
    """ "", or what is wrong: `required`, `too_long`, `control_characters`."""
    if not text:
        return "required"
    if len(text) > NAME_MAX:
        return "too_long"
    if text.isprintable() and text.isalnum():
        return ""
    refused = any(unicodedata.category(c) in _REFUSED and c not in _ALLOWED_SYMBOLS for c in text)
    return "control_characters" if refused else ""


def derived(tenant_id: UUID, name: str) -> tuple[str, str, str, str]:
    """The sort key, the same without blanks, the initials, and the search grams joined by blanks."""
    key = sort_key(name)
    words = key.split(" ")
    joined = "".join(words)
    if joined.isalpha():  # then it is a to z, and every word begins one
        letters = "".join([word[0] for word in words])
    else:
        letters = "".join(word if word.isdigit() else word[0] for word in _WORD.findall(key))
    mark = _mark(tenant_id)
    found = pairs(name)
    return key, joined, letters, mark + f" {mark}".join(found) if found else ""


def _mark(tenant_id: UUID) -> str:
    """Grams are marked so that tenants share no list in the index."""
    return tenant_id.hex[-6:]
