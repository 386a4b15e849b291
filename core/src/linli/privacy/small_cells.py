"""Small cells: a figure about so few people that it would tell of somebody is not shown.

Source: domain rules §4 (fewer than five); Statistics Law (统计法) art. 28 (nobody can be recognised).
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Final, TypeVar

SMALL_CELL: Final = 5
K = TypeVar("K", bound=Hashable)


def is_small(count: int) -> bool:
    """Whether a count is of so few people, none among them, that it is not shown."""
    return count < SMALL_CELL


def shown_count(count: int, *, show_zero: bool = False) -> int | None:
    """The count, or None where it is small. `show_zero` is for totals, of which nought tells of nobody."""
    return None if is_small(count) and not (show_zero and count == 0) else count


def suppress(counts: Mapping[K, int]) -> dict[K, int | None]:
    """The cells of a table that is shown with its total: small ones are None.

    Where one cell alone would be hidden, the next smallest is hidden too: the total would give the first away.
    Nought is shown. Cells keep their order.
    """
    hidden = {key for key, count in counts.items() if 0 < count < SMALL_CELL}
    if len(hidden) == 1:
        others = [key for key, count in counts.items() if key not in hidden and count > 0]
        if others:
            hidden.add(min(others, key=lambda key: counts[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}
