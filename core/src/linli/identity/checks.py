"""Checks of single values that the register takes in.

Each gives the normal form, or refuses and names the path.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from datetime import date
from typing import Final

from linli.context import Context
from linli.errors import FutureDate, Required, TooLong, UnknownValue
from linli.identity.errors import ImplausibleBirthDate, InvalidPhone, UnprintableText
from linli.identity.numbers import (
    AGE_YEARS_MAX,
    InvalidMobile,
    InvalidResidentId,
    check_mobile,
    check_resident_id,
)

PERSON_NAME_MAX: Final = 100
NAME_MAX: Final = 200
ADDRESS_MAX: Final = 200
REASON_MAX: Final = 500

_LANDLINE = re.compile(r"(0[1-9][0-9]{1,2})[- ]?([2-9][0-9]{6,7})")
_PHONE_TYPED_MAX: Final = 40
_ALLOWED_SHOWN_MAX: Final = 50


def line(value: str, path: str, limit: int) -> str:
    """Give one line of text that must not be empty, trimmed and in NFC.

    Raises: Required, TooLong, UnprintableText.
    """
    text = optional_line(value, path, limit)
    if not text:
        raise Required(path=(path,))
    return text


def optional_line(value: str | None, path: str, limit: int) -> str:
    """Give one line of text, trimmed and in NFC; "" for nothing. Raises: TooLong, UnprintableText."""
    if value is None:
        return ""
    if len(value) > 4 * limit:  # far too long even for normalisation: refuse before any work is done on it
        raise TooLong(path=(path,), limit=limit)
    text = unicodedata.normalize("NFC", value).strip()
    if len(text) > limit:
        raise TooLong(path=(path,), limit=limit)
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in text):
        raise UnprintableText(path=(path,))
    return text


def one_of(value: str | None, allowed: Collection[str], path: str) -> str:
    """Give the value back when it is allowed. Raises: Required, UnknownValue."""
    if value is None:
        raise Required(path=(path,))
    if value not in allowed:
        shown = ", ".join(sorted(allowed)[:_ALLOWED_SHOWN_MAX])
        raise UnknownValue(path=(path,), value=value[:100], allowed=shown)
    return value


def not_future(ctx: Context, day: date, path: str) -> date:
    """Give a day back that is today or earlier in the tenant's time zone. Raises: FutureDate."""
    if day > ctx.today():
        raise FutureDate(path=(path,))
    return day


def birth_date(ctx: Context, day: date | None, path: str) -> date | None:
    """Give a birth date back, if there is one. Raises: FutureDate, ImplausibleBirthDate."""
    if day is None:
        return None
    if ctx.today().year - day.year > AGE_YEARS_MAX:
        raise ImplausibleBirthDate(path=(path,), years=AGE_YEARS_MAX)
    return not_future(ctx, day, path)


def phone(value: str | None, path: str) -> str | None:
    """Give a telephone number in its normal form: 11 digits, or area code, hyphen, number; None for nothing.

    Raises: InvalidPhone.
    """
    if value is None or not value.strip():
        return None
    if len(value) > _PHONE_TYPED_MAX:
        raise InvalidPhone(path=(path,))
    landline = _LANDLINE.fullmatch(unicodedata.normalize("NFKC", value).strip())
    if landline:
        return f"{landline[1]}-{landline[2]}"
    try:
        return check_mobile(value)
    except InvalidMobile as error:
        raise InvalidPhone(path=(path,)) from error


def id_number(ctx: Context, value: str | None, path: str) -> str | None:
    """Give a resident identity number in its 18 characters; None for nothing. Raises: InvalidResidentId."""
    if value is None or not value.strip():
        return None
    try:
        return check_resident_id(value, clock=ctx.clock)
    except InvalidResidentId as error:
        raise InvalidResidentId(path=(path,), **error.details) from None
