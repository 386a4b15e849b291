"""Scores and ranks, as pure functions in whole numbers and exact fractions.

A sheet's total is the sum of weight times points, in hundredths of a point: 0 to 10,000. Of a proposal's totals the
highest and the lowest are dropped, one of each, and the rest is averaged. Between equal scores the higher average of
all needs points wins; who is still equal has the same rank, and the ranks after it are left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

DROPPED = 2
HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Sheet:
    """A reviewer's result: who, the total in hundredths of a point, and the needs points."""

    code: str
    total: int
    needs: int


@dataclass(frozen=True, slots=True)
class Scored:
    """What a proposal's sheets come to: both scores in points, and what became of each sheet."""

    score: Fraction
    needs: Fraction
    sheets: Sequence[Sheet]
    highest: str
    lowest: str

    @property
    def kept(self) -> Sequence[Sheet]:
        """The sheets that count."""
        return [one for one in self.sheets if one.code not in (self.highest, self.lowest)]


def total_of(weights: Mapping[str, int], points: Mapping[str, int]) -> int:
    """A sheet's total in hundredths of a point."""
    return sum(weight * points[key] for key, weight in weights.items())


def scored(sheets: Sequence[Sheet]) -> Scored:
    """A proposal's scores from at least three sheets. Which of equal totals is dropped changes no number."""
    ranked = sorted(sheets, key=lambda one: (one.total, one.code))
    kept = ranked[1:-1]
    score = Fraction(sum(one.total for one in kept), HUNDRED * (len(sheets) - DROPPED))
    needs = Fraction(sum(one.needs for one in sheets), len(sheets))
    by_code = sorted(sheets, key=lambda one: one.code)
    return Scored(score, needs, by_code, highest=ranked[-1].code, lowest=ranked[0].code)


def defended(written: Scored, points: Mapping[str, int], percent: int) -> Scored:
    """The final score: the written one and the defence's, which counts `percent` of a hundred.

    Of the points of the defence the highest and the lowest are dropped too. The needs score breaks ties as before.
    """
    heard = scored([Sheet(code, HUNDRED * value, 0) for code, value in points.items()])
    score = (written.score * (HUNDRED - percent) + heard.score * percent) / HUNDRED
    return Scored(score, written.needs, heard.sheets, heard.highest, heard.lowest)


def ranks(found: Mapping[str, Scored]) -> Mapping[str, int]:
    """The rank of each proposal by its number; equals share one."""
    order = sorted(found, key=lambda number: (-found[number].score, -found[number].needs, number))
    given: dict[str, int] = {}
    for place, number in enumerate(order, start=1):
        before = order[place - 2] if place > 1 else None
        same = before is not None and _key(found[before]) == _key(found[number])
        given[number] = given[before] if same and before is not None else place
    return given


def decimal_text(value: Fraction) -> str:
    """A fraction of points as it is shown, to two decimals, half up: 83.33."""
    hundredths = (value * HUNDRED + Fraction(1, 2)).__floor__()
    return f"{hundredths // HUNDRED}.{hundredths % HUNDRED:02d}"


def _key(found: Scored) -> tuple[Fraction, Fraction]:
    return found.score, found.needs
