"""Checks of amounts."""

from __future__ import annotations

from typing import Final

from linli_venture.money.errors import AmountOutOfRange

FEN_MAX: Final = 100_000_000_000_000
"""A trillion yuan: more than any pool will have, and far below what the ledger can count."""


def amount(fen: int, path: str, *, low: int = 1, high: int = FEN_MAX) -> int:
    """The amount in fen. Raises: AmountOutOfRange."""
    if not low <= fen <= high:
        raise AmountOutOfRange(path=(path,), low=low, high=high)
    return fen
