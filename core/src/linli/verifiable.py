"""Numbers of documents that anybody can check, such as certificates and vouchers: `2026-7K3QW-9XM4T-C`.

The year, ten random characters, a check character. The random part (50 bits) cannot be guessed. The check character
finds every single wrong character and nearly every exchange of two neighbours.
Source: ISO/IEC 7064 MOD 37,36; alphabet: Crockford's Base32.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from stdnum.iso7064 import mod_37_36

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no I, L, O, U: they are misread
TYPED_MAX: Final = 40
_RANDOM: Final = 10
_TRIES_MAX: Final = 1_000
_LOOKALIKES: Final = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})
_SHAPE: Final = re.compile(rf"[0-9]{{4}}[{ALPHABET}]{{11}}")


def new_number(year: int) -> str:
    """A number that nobody can guess. Of 36 check characters those outside the alphabet are not used."""
    for _ in range(_TRIES_MAX):
        body = f"{year:04d}" + "".join(secrets.choice(ALPHABET) for _ in range(_RANDOM))
        check = str(mod_37_36.calc_check_digit(body))
        if check in ALPHABET:
            return _grouped(body + check)
    raise AssertionError("a check character in the alphabet comes up in nearly every try")


def normal_number(typed: str) -> str | None:
    """The number as it is printed, from what somebody typed; None when it cannot be one."""
    if len(typed) > TYPED_MAX:
        return None
    text = typed.upper().translate(_LOOKALIKES)
    if not _SHAPE.fullmatch(text) or not mod_37_36.is_valid(text):
        return None
    return _grouped(text)


def _grouped(text: str) -> str:
    return f"{text[:4]}-{text[4:9]}-{text[9:14]}-{text[14:]}"
