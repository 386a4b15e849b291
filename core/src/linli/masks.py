"""Masks: what someone sees of a personal value without the permission to see all of it.

Every mask is total: any text, however short, long or strange, gives a text that shows no more than the mask
promises. What does not look as expected is hidden altogether. Results are short whatever comes in.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

_NAME_STARS_MAX: Final = 8
_HIDDEN: Final = "****"
_MOBILE = re.compile(r"([0-9]{3})[0-9]{4}([0-9]{4})")
_OTHER_PHONE = re.compile(r"[0-9+() -]{5,30}([0-9]{2})")
_RESIDENT_ID = re.compile(r"([0-9]{3})[0-9]{11}([0-9]{3}[0-9Xx])")
_OTHER_DOCUMENT = re.compile(r"([A-Za-z0-9])[A-Za-z0-9()/-]{4,40}([A-Za-z0-9]{2})")
_EMAIL = re.compile(r"([^@\s])[^@\s]{0,255}@([^@\s]{1,255})")


def mask_name(name: str) -> str:
    """Show the first character of a name: 王小明 gives 王**. A single character is hidden."""
    if len(name) <= 1:
        return "*" * len(name)
    return name[0] + "*" * min(len(name) - 1, _NAME_STARS_MAX)


def mask_phone(phone: str) -> str:
    """Show 3 and 4 digits of a mobile number, 138****1234; the last 2 of another number."""
    mobile = _MOBILE.fullmatch(phone)
    if mobile:
        return mobile[1] + _HIDDEN + mobile[2]
    other = _OTHER_PHONE.fullmatch(phone)
    return _HIDDEN + other[1] if other else _hidden(phone)


def mask_id_number(number: str) -> str:
    """Show 3 and 4 characters of a resident identity number, 1 and 2 of another; never a birth date."""
    resident = _RESIDENT_ID.fullmatch(number)
    if resident:
        return resident[1] + "*" * 11 + resident[2]
    other = _OTHER_DOCUMENT.fullmatch(number)
    return other[1] + _HIDDEN + other[2] if other else _hidden(number)


def mask_email(email: str) -> str:
    """Show the first character and the domain of an address: w***@example.com."""
    match = _EMAIL.fullmatch(email)
    return f"{match[1]}***@{match[2]}" if match else _hidden(email)


MASKS: Final[Mapping[str, Callable[[str], str]]] = MappingProxyType(
    {"email": mask_email, "id_number": mask_id_number, "name": mask_name, "phone": mask_phone}
)
"""The masks by the names under which declarations refer to them."""


def _hidden(text: str) -> str:
    return _HIDDEN if text else ""
