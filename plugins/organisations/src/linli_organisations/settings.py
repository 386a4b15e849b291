"""The plugin's settings as typed values, moved into sane bounds whatever a tenant has set."""

from __future__ import annotations

from typing import Final

from linli.plugin import Context

_BOUNDS: Final = {
    "grade_valid_years": (1, 20),
    "grade_registered_years": (0, 20),
    "objection_days": (1, 366),
    "permanent_residents": (0, 2_000_000_000),
}
_TEXT_MAX: Final = 500


def number(ctx: Context, name: str) -> int:
    """The tenant's value of `organisations.<name>`, or the nearest bound."""
    low, high = _BOUNDS[name]
    value = ctx.setting(f"organisations.{name}")
    if not isinstance(value, int):
        raise TypeError(f"setting organisations.{name} is {value!r}, not a whole number")
    return max(low, min(value, high))


def text(ctx: Context, name: str) -> str:
    """The tenant's text of `organisations.<name>`, at most 500 characters of it."""
    return str(ctx.setting(f"organisations.{name}"))[:_TEXT_MAX]
