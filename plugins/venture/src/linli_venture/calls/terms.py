"""The rules of a call: defaults, limits, and the checks of what is given."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from linli.plugin import Required, canonical_json, checks
from linli_organisations.api import Grade
from linli_venture.calls.errors import GivenTwice, NoNeedsCriterion, SharesNotWhole, WeightsNotWhole
from linli_venture.calls.tables import Call
from linli_venture.checked import FEN_MAX, in_range

CAP_FEN: Final = 50_000_000  # 500,000 yuan
GRANT_PERCENT: Final = 60
SHARES: Final = (50, 40, 10)
DEFENCE_PERCENT_MAX: Final = 50
REVIEWS_MIN: Final = 5
REVIEWS_MAX: Final = 15
NOTICE_DAYS: Final = 5
CORRECTION_DAYS: Final = 5
DAYS_MAX: Final = 60
PROPOSALS_MAX: Final = 2_000
CATEGORIES_MAX: Final = 30
CRITERIA_MAX: Final = 30
TRANCHES_MAX: Final = 10
KEY_MAX: Final = 40
CRITERION_MAX: Final = 100
NEEDS: Final = "needs"


@dataclass(frozen=True, slots=True)
class CriterionGiven:
    """A line of a scoring sheet: its key, its title, its weight of 100."""

    key: str
    title: str
    weight: int


SHEET: Final = (
    CriterionGiven(NEEDS, "需求与必要性", 20),
    CriterionGiven("plan", "方案可行性", 25),
    CriterionGiven("budget", "预算合理性", 15),
    CriterionGiven("team", "团队能力", 15),
    CriterionGiven("innovation", "创新性", 10),
    CriterionGiven("sustainability", "可持续性", 10),
    CriterionGiven("risk", "风险与隐私保护", 5),
)


def checked(given: dict[str, Any]) -> dict[str, Any]:
    """The rules among the values of a call, checked. Raises: as the functions below, NumberOutOfRange."""
    values = dict(given)
    for name, low, high in _RANGES:
        if name in values:
            values[name] = in_range(values[name], low, high, name)
    if values.get("floor_grade") is not None:
        values["floor_grade"] = checks.one_of(values["floor_grade"], list(Grade), "floor_grade")
    if "categories" in values:
        values["categories"] = categories(values["categories"])
    if "tranche_shares" in values:
        values["tranche_shares"] = shares(values["tranche_shares"])
    return values


_RANGES: Final = (
    ("cap_fen", 1, FEN_MAX),
    ("grant_percent_max", 1, 100),
    ("defence_percent", 0, DEFENCE_PERCENT_MAX),
    ("reviews_min", REVIEWS_MIN, REVIEWS_MAX),
    ("notice_days", 1, DAYS_MAX),
    ("correction_days", 1, DAYS_MAX),
)


def categories(given: Sequence[str]) -> list[str]:
    """The fields for which proposals are taken in. Raises: Required, TooLong, GivenTwice, NumberOutOfRange."""
    if not given:
        raise Required(path=("categories",))
    in_range(len(given), 1, CATEGORIES_MAX, "categories")
    found = [checks.line(one, "categories", KEY_MAX) for one in given]
    _once(found, "categories")
    return found


def shares(given: Sequence[int]) -> list[int]:
    """The shares of the tranches in per cent, each above zero. Raises: SharesNotWhole, NumberOutOfRange."""
    in_range(len(given), 1, TRANCHES_MAX, "tranche_shares")
    for one in given:
        in_range(one, 1, 100, "tranche_shares")
    if sum(given) != 100:
        raise SharesNotWhole(path=("tranche_shares",), total=sum(given))
    return list(given)


def conditions(shares: Sequence[int], given: Mapping[str, Any]) -> dict[str, int]:
    """From which tranche on nothing is paid before the midterm and the final appraisal were passed; 0 is no tranche.

    Where none are given, the second of three or more waits for the midterm appraisal, and the last for the final one.
    Raises: NumberOutOfRange.
    """
    count = len(shares)
    usual = {"midterm_tranche": 2 if count >= 3 else 0, "final_tranche": count}
    found = {name: usual[name] if given.get(name) is None else int(given[name]) for name in usual}
    midterm = in_range(found["midterm_tranche"], 0, count, "midterm_tranche")
    in_range(found["final_tranche"], midterm if found["final_tranche"] else 0, count, "final_tranche")
    return found


def sheet(given: Sequence[CriterionGiven]) -> list[CriterionGiven]:
    """A scoring sheet. Raises: WeightsNotWhole, NoNeedsCriterion, GivenTwice, Required, TooLong, NumberOutOfRange."""
    in_range(len(given), 1, CRITERIA_MAX, "criteria")
    found = [
        CriterionGiven(
            checks.line(one.key, "criteria", KEY_MAX),
            checks.line(one.title, "criteria", CRITERION_MAX),
            in_range(one.weight, 1, 100, "criteria"),
        )
        for one in given
    ]
    _once([one.key for one in found], "criteria")
    if (total := sum(one.weight for one in found)) != 100:
        raise WeightsNotWhole(path=("criteria",), total=total)
    if NEEDS not in {one.key for one in found}:
        raise NoNeedsCriterion(path=("criteria",))
    return found


def rules_of(call: Call, criteria: Sequence[CriterionGiven]) -> dict[str, object]:
    """All rules of a call as plain values: what a frozen version holds."""
    moments = {name: getattr(call, name).isoformat() for name in ("opens_at", "closes_at")}
    plain = {name: getattr(call, name) for name in _FROZEN}
    sheet_lines = [{"key": one.key, "title": one.title, "weight": one.weight} for one in criteria]
    return {**plain, **moments, "pool_id": str(call.pool_id), "criteria": sheet_lines}


_FROZEN: Final = (
    "title",
    "guide",
    "cap_fen",
    "grant_percent_max",
    "floor_grade",
    "categories",
    "tranche_shares",
    "midterm_tranche",
    "final_tranche",
    "reviews_min",
    "defence_percent",
    "anonymous",
    "notice_days",
    "correction_days",
)


def digest_of(content: object) -> str:
    """SHA-256 of a value in canonical JSON: keys sorted, no spaces, UTF-8."""
    return hashlib.sha256(canonical_json(content)).hexdigest()


def _once(values: Sequence[str], path: str) -> None:
    for one in values:
        if values.count(one) > 1:
            raise GivenTwice(path=(path,), value=one)
