"""Checks of the numbers that people and organisations carry in China.

Each takes what someone typed, gives the normal form, and refuses with `reason` one of `format`,
`check_digit`, `birth_date`. The number itself is personal data and never part of the refusal. Full-width
characters, spaces and hyphens are forgiven.
"""

from __future__ import annotations

import re
from datetime import date
from typing import ClassVar, Final

from stdnum.cn import ric, uscc

from linli.clock.source import SHANGHAI, Clock, SystemClock
from linli.errors import Invalid

AGE_YEARS_MAX: Final = 130
_TYPED_CHARACTERS_MAX: Final = 64

_FULL_WIDTH: Final = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_SEPARATORS = re.compile(r"[\s\-]+")
_USCC = re.compile(r"[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}")
_RESIDENT_ID = re.compile(r"[1-9][0-9]{16}[0-9X]")
_DIVISION_CODE = re.compile(r"[1-9][0-9]{5}(?:000000|(?!000)[0-9]{6})")
_MOBILE = re.compile(r"(?:\+?86|0086)?(?P<number>1[3-9][0-9]{9})")


class InvalidUscc(Invalid):
    """Not a unified social credit code (统一社会信用代码)."""

    code: ClassVar[str] = "numbers.uscc"


class InvalidResidentId(Invalid):
    """Not a resident identity number (公民身份号码)."""

    code: ClassVar[str] = "numbers.resident_id"


class InvalidDivisionCode(Invalid):
    """Not a code of an administrative division down to the village or community (区划代码)."""

    code: ClassVar[str] = "numbers.division_code"


class InvalidMobile(Invalid):
    """Not a mobile number of the Chinese mainland."""

    code: ClassVar[str] = "numbers.mobile"


def check_uscc(text: str) -> str:
    """Give a unified social credit code in its 18 upper-case characters.

    The registering authority and the kind may be letters (N2 for a village's collective economic
    organisation), which the validator of `stdnum` refuses; its check digit is used.

    Raises:
        InvalidUscc: the structure or the check digit is wrong.

    Source: GB 32100-2015.
    """
    number = _compact(text).upper()
    if not _USCC.fullmatch(number):
        raise InvalidUscc(reason="format")
    if uscc.calc_check_digit(number) != number[-1]:
        raise InvalidUscc(reason="check_digit")
    return number


def check_resident_id(text: str, *, clock: Clock | None = None) -> str:
    """Give a resident identity number in its 18 characters, X in upper case.

    Checked are structure, check digit and that the birth date exists, is not in the future (by `clock`, the
    system's by default) and not more than `AGE_YEARS_MAX` years ago. An unknown region is not an error:
    regions are renamed and abolished, numbers stay.

    Raises:
        InvalidResidentId: one of these is wrong.

    Source: GB 11643-1999.
    """
    number = _compact(text).upper()
    if not _RESIDENT_ID.fullmatch(number):
        raise InvalidResidentId(reason="format")
    if ric.calc_check_digit(number) != number[-1]:
        raise InvalidResidentId(reason="check_digit")
    today = (clock or SystemClock()).now().astimezone(SHANGHAI).date()
    if not _is_plausible_birth_date(number[6:14], today):
        raise InvalidResidentId(reason="birth_date")
    return number


def check_division_code(text: str) -> str:
    """Give a division code in its 12 digits: 6 down to the county, 3 for the street, 3 for the community.

    A community's digits without a street's are refused. Whether the division exists is for the area tree to
    say.

    Raises:
        InvalidDivisionCode: the structure is wrong.

    Source: GB/T 2260 (first 6), GB/T 10114 (next 3); 国家统计局《统计用区划代码和城乡划分代码编制规则》 (last
    3).
    """
    code = _compact(text)
    if not _DIVISION_CODE.fullmatch(code):
        raise InvalidDivisionCode(reason="format")
    return code


def check_mobile(text: str) -> str:
    """Give a mobile number of the Chinese mainland in its 11 digits, without the country code.

    Raises:
        InvalidMobile: it is none.

    Source: 《电信网编号计划》 (11 digits that begin with 13 to 19).
    """
    match = _MOBILE.fullmatch(_compact(text))
    if match is None:
        raise InvalidMobile(reason="format")
    return match["number"]


def _compact(text: str) -> str:
    """Take out what people type around digits; give nothing for text that is too long to be a number."""
    if len(text) > _TYPED_CHARACTERS_MAX:
        return ""
    return _SEPARATORS.sub("", text.translate(_FULL_WIDTH))


def _is_plausible_birth_date(digits: str, today: date) -> bool:
    try:
        birth = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return birth <= today and today.year - birth.year <= AGE_YEARS_MAX
