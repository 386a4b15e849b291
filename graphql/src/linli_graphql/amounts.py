"""The scalar for points and money: whole numbers that may be larger than an Int."""

from __future__ import annotations

from typing import Any, Final, NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

from linli.ledger.posting import AMOUNT_MAX

Amount = NewType("Amount", int)
"""A whole number of the unit's smallest part: a point, a fen."""


def _checked(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) > AMOUNT_MAX:
        raise ValueError("an amount is a whole number within 2^53 - 1")
    return value


AMOUNT_SCALAR: Final[ScalarDefinition] = strawberry.scalar(
    name="Amount",
    description=(
        "A whole number of the unit's smallest part (a point, a fen), exact up to 2^53 - 1 as a JSON number."
    ),
    serialize=_checked,
    parse_value=_checked,
)
