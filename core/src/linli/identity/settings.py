"""The identity part's settings, as numbers within sane bounds whatever a tenant has set."""

from __future__ import annotations

from linli.context import Context

_BOUNDS = {
    "lockout_attempts": (1, 100),
    "lockout_s": (1, 86_400),
    "lockout_s_max": (1, 86_400),
    "password_length_min": (8, 64),
    "password_kinds_min": (1, 4),
    "session_s": (300, 30 * 86_400),
    "session_idle_s": (60, 30 * 86_400),
    "client_token_s": (60, 86_400),
    "client_overlap_s": (0, 30 * 86_400),
}


def number(ctx: Context, name: str) -> int:
    """The tenant's value of `identity.<name>`, moved to the nearest bound when it lies outside."""
    low, high = _BOUNDS[name]
    value = ctx.setting(f"identity.{name}")
    if not isinstance(value, int):
        raise TypeError(f"setting identity.{name} is {value!r}, not a whole number")
    return max(low, min(value, high))
