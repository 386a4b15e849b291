"""Where people come from: the division code of the place of their household register (户籍地)."""

from __future__ import annotations

import re
from typing import Final

from linli.plugin import Context, LinliError, check_division_code
from linli_migrants.errors import NotOriginCode, OriginIsHere

_DIGITS: Final = re.compile(r"[0-9]{12}")
_LENGTHS: Final = (6, 9, 12)
_TOPS: Final = """
select code from areas_area where tenant_id = $1 and parent_id is null and state = 'active'
order by path limit 50"""


def origin_code(text: str, path: str = "origin_code") -> str:
    """Give an origin's code in 12 digits, from the 6 of a county, the 9 of a street or the 12 of a community.

    Raises: NotOriginCode.
    """
    digits = text.strip()
    if len(digits) not in _LENGTHS or not digits.isascii() or not digits.isdigit():
        raise NotOriginCode(path=(path,))
    try:
        return check_division_code(digits.ljust(12, "0"))
    except LinliError as error:
        raise NotOriginCode(path=(path,)) from error


async def is_local(ctx: Context, code: str) -> bool:
    """Whether an origin lies within the place that the tenant is: who is registered here needs no permit."""
    return any(code.startswith(prefix) for prefix in await _prefixes(ctx))


async def check_elsewhere(ctx: Context, code: str, path: str = "origin_code") -> None:
    """Go on only with an origin in another place. Raises: OriginIsHere."""
    if await is_local(ctx, code):
        raise OriginIsHere(path=(path,), area_code=code)


async def _prefixes(ctx: Context) -> list[str]:
    """What the codes of all places in the tenant begin with: two digits for each level that its top has."""
    codes = [row["code"] for row in await ctx.db.fetch(_TOPS, ctx.tenant_id)]
    return [significant(code) for code in codes if _DIGITS.fullmatch(code)]


def significant(code: str) -> str:
    """The digits of a division code down to its own level: 2, 4, 6, 9 or 12 of them."""
    for length in (2, 4, 6, 9):
        if not code[length:].strip("0"):
            return code[:length]
    return code
