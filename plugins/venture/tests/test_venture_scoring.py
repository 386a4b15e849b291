"""Scores and ranks against an independent computation, for a thousand random panels."""

from __future__ import annotations

import random
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Any

from linli_venture.review.drawing import order
from linli_venture.review.scoring import Sheet, decimal_text, ranks, scored, total_of

WEIGHTS = {
    "needs": 20,
    "plan": 25,
    "budget": 15,
    "team": 15,
    "innovation": 10,
    "sustainability": 10,
    "risk": 5,
}
PANELS = 1_000


def random_panel(dice: random.Random) -> list[dict[str, int]]:
    """Points of 5 to 9 reviewers, of whom up to two did not review; few different values, so that ties are common."""
    step = dice.choice([1, 5, 20, 50])
    count = max(5, dice.randint(5, 9) - dice.randint(0, 2))
    return [{key: step * dice.randint(0, 100 // step) for key in WEIGHTS} for _ in range(count)]


def expected(panel: list[dict[str, int]]) -> tuple[Fraction, Fraction]:
    """The score and the needs score, computed from points in another way: the mean without the two ends."""
    totals = [sum(Fraction(WEIGHTS[key] * points, 100) for key, points in one.items()) for one in panel]
    score = (sum(totals) - max(totals) - min(totals)) / (len(totals) - 2)
    return score, Fraction(sum(one["needs"] for one in panel), len(panel))


def test_scores_of_a_thousand_panels_agree_with_another_computation() -> None:
    dice = random.Random(20260506)  # noqa: S311
    ties = 0
    for _ in range(PANELS):
        panel = random_panel(dice)
        sheets = [Sheet(f"E{i:04d}", total_of(WEIGHTS, one), one["needs"]) for i, one in enumerate(panel)]
        dice.shuffle(sheets)
        found = scored(sheets)
        assert (found.score, found.needs) == expected(panel)
        assert len(found.kept) == len(panel) - 2
        ties += len({one.total for one in sheets}) < len(sheets)
    assert ties > PANELS // 10


def test_ranks_of_a_thousand_calls_agree_with_another_computation() -> None:
    dice = random.Random(7)  # noqa: S311
    shared = 0
    for _ in range(PANELS):
        panels: dict[str, Any] = {f"2026-1-{i:03d}": random_panel(dice) for i in range(dice.randint(1, 12))}
        if len(panels) > 1 and dice.random() < 0.5:
            panels["2026-1-001"] = panels["2026-1-000"]
        found = {
            number: scored(
                [Sheet(f"E{i}", total_of(WEIGHTS, one), one["needs"]) for i, one in enumerate(panel)]
            )
            for number, panel in panels.items()
        }
        keys = {number: expected(panel) for number, panel in panels.items()}
        better = {number: sum(other > keys[number] for other in keys.values()) for number in keys}
        assert ranks(found) == {number: count + 1 for number, count in better.items()}
        shared += len(set(keys.values())) < len(keys)
    assert shared > PANELS // 10


def test_a_tie_is_broken_by_needs_and_equals_share_a_rank() -> None:
    def panel(*needs: int) -> Any:
        return scored([Sheet(f"E{i}", 8_000, one) for i, one in enumerate(needs)])

    found = {"a": panel(80, 80, 80, 80, 80), "b": panel(80, 80, 80, 80, 85), "c": panel(80, 80, 80, 80, 80)}
    assert ranks(found) == {"b": 1, "a": 2, "c": 2}


def test_a_score_is_shown_to_two_decimals_half_up() -> None:
    dice = random.Random(3)  # noqa: S311
    exact = Context(prec=60)
    for _ in range(PANELS):
        value = Fraction(dice.randint(0, 100_000), dice.randint(1, 1_000))
        quotient = exact.divide(Decimal(value.numerator), Decimal(value.denominator))
        assert decimal_text(value) == str(quotient.quantize(Decimal("0.01"), ROUND_HALF_UP))


def test_every_expert_is_drawn_about_as_often() -> None:
    experts = [{"code": f"E{i:04d}", "expertise": ["为老"]} for i in range(10)]
    content = {"experts": experts}
    first: dict[str, int] = {}
    for i in range(2_000):
        proposal = {"number": f"2026-1-{i}", "category": "为老", "excluded": []}
        for code in order("seed", "digest", content, proposal)[:5]:
            first[code] = first.get(code, 0) + 1
    assert all(900 < count < 1_100 for count in first.values())
