"""Who has passed for which level: a table of cases, and an independent count over random histories."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli_social_workers.eligibility import Certified, Marks, Result, certified
from linli_social_workers.terms import SUBJECTS, Level, Subject

A, M, S = Level.ASSISTANT, Level.INTERMEDIATE, Level.SENIOR
LETTERS = {
    "c": Subject.COMPREHENSIVE,
    "p": Subject.PRACTICE,
    "l": Subject.LAW,
    "s": Subject.SENIOR_PRACTICE,
}


def history(level: Level, text: str) -> list[Result]:
    """`c24:60 p24:- l25:59@5201 c25:70!`: subject, year, score (- is absent), place, ! is fraud."""
    found = []
    for word in text.split():
        head, _colon, score = word.partition(":")
        fraud = score.endswith("!")
        score, _at, place = score.rstrip("!").partition("@")
        marks = None if score == "-" else int(score)
        found.append(Result(level, LETTERS[head[0]], 2000 + int(head[1:]), marks, place, fraud))
    return found


CASES: list[tuple[Level, str, int | None]] = [
    # assistant: two subjects in one year
    (A, "", None),
    (A, "c24:60", None),
    (A, "p24:60", None),
    (A, "c24:60 p24:60", 2024),
    (A, "c24:59 p24:60", None),
    (A, "c24:60 p24:59", None),
    (A, "c24:60 p24:-", None),
    (A, "c24:- p24:-", None),
    (A, "c24:100 p24:100", 2024),
    (A, "c24:0 p24:100", None),
    (A, "c24:60 p25:60", None),
    (A, "p24:60 c25:60", None),
    (A, "c24:60 p25:60 c26:60", None),
    (A, "c24:60 p24:50 c25:50 p25:60", None),
    (A, "c24:60 p24:50 c25:60 p25:60", 2025),
    (A, "c24:60 p24:60 c25:60 p25:60", 2024),
    (A, "c23:10 p23:10 c24:10 p24:10 c25:60 p25:60", 2025),
    (A, "c24:60! p24:60", None),
    (A, "c24:60 p24:10!", None),
    (A, "c24:60! p24:60 c26:60 p26:60", 2026),
    (A, "c24:60 p24:60 c25:60! p25:60", 2024),
    (A, "c24:60 p24:60 l24:60", 2024),
    # intermediate: three subjects within two consecutive years
    (M, "", None),
    (M, "c24:60 p24:60", None),
    (M, "c24:60 l24:60", None),
    (M, "p24:60 l24:60", None),
    (M, "c24:60 p24:60 l24:60", 2024),
    (M, "c24:60 p24:60 l25:60", 2025),
    (M, "c24:60 p25:60 l24:60", 2025),
    (M, "c25:60 p24:60 l24:60", 2025),
    (M, "c24:60 p25:60 l25:60", 2025),
    (M, "c24:60 p25:60 l26:60", None),
    (M, "c24:60 p24:60 l26:60", None),
    (M, "c24:60 p26:60 l26:60", None),
    (M, "c24:60 p25:60 l26:60 c26:60", 2026),
    (M, "c24:60 p25:60 l26:60 c25:60", 2026),
    (M, "c24:60 p25:60 l26:60 c27:60", None),
    (M, "c24:60 p25:60 l26:60 c27:60 p27:60", 2027),
    (M, "c24:60 p24:59 l24:60 p25:59", None),
    (M, "c24:60 p24:59 l24:60 p25:60", 2025),
    (M, "c24:60 p24:59 l24:60 p26:60", None),
    (M, "c24:60 p24:59 l24:60 p26:60 c26:60 l26:60", 2026),
    (M, "c24:60 p24:59 l24:60 p26:60 c27:60 l27:60", 2027),
    (M, "c24:60 p24:- l24:60 p25:60", 2025),
    (M, "c24:- p24:- l24:-", None),
    (M, "c24:60! p24:60 l25:60", None),
    (M, "c24:60! p24:60 l25:60 c25:60", None),
    (M, "c24:60! p24:60 l25:60 c25:60 p25:60", 2025),
    (M, "c24:60 p24:60 l25:60!", None),
    (M, "c24:60 p24:60 l25:60! l24:60", 2024),
    (M, "c24:60 p24:60 l25:60! c26:60 p26:60 l26:60", 2026),
    (M, "c24:60 p25:60! l25:60 p26:60 l26:60", None),
    (M, "c24:60 p25:60! l25:60 p26:60 l26:60 c27:60", 2027),
    (M, "c23:60 p24:60 l24:59 l25:60 c25:60", 2025),
    (M, "c23:60 p24:60 l25:60 p26:60 c26:60", 2026),
    (M, "c20:60 p21:60 l21:60 c24:60 p24:60 l24:60", 2021),
    (M, "c24:99 p24:99 l24:99 c24:10", 2024),
    # senior: one subject
    (S, "", None),
    (S, "s24:60", 2024),
    (S, "s24:59", None),
    (S, "s24:59 s25:60", 2025),
    (S, "s24:60!", None),
    (S, "s24:60! s26:61", 2026),
    (S, "c24:60 p24:60 l24:60", None),
]


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(("level", "text", "year"), CASES)
def test_a_level_is_passed_in_a_year_or_not(level: Level, text: str, year: int | None) -> None:
    found = certified(history(level, text), level)
    assert (found.year if found else None) == year


def test_the_check_of_the_report() -> None:
    assert certified(history(M, "c24:60 p25:60 l26:60"), M) is None


def test_results_of_another_level_count_for_nothing() -> None:
    mixed = [*history(A, "c24:60 p24:60"), *history(M, "l24:60")]
    assert certified(mixed, M) is None
    assert certified(mixed, A) == Certified(A, 2024)


def test_fraud_at_another_level_annuls_that_sitting_only() -> None:
    mixed = [*history(A, "c24:60!"), *history(M, "c24:60 p24:60 l24:60")]
    assert certified(mixed, M) == Certified(M, 2024)


@pytest.mark.parametrize(
    ("text", "national", "local", "expected"),
    [
        ("c24:58 p24:58", {(2024, A): 58}, {}, Certified(A, 2024)),
        ("c24:58 p24:58", {(2025, A): 58}, {}, None),
        ("c24:61 p24:61", {(2024, A): 62}, {}, None),
        ("c24:55@5201 p24:55@5201", {}, {(2024, A, "5201"): 55}, Certified(A, 2024, "5201")),
        ("c24:55@5201 p24:54@5201", {}, {(2024, A, "5201"): 55}, None),
        ("c24:55@5201 p24:60@5202", {}, {(2024, A, "5201"): 55}, Certified(A, 2024, "5201")),
        ("c24:55@5202 p24:60@5202", {}, {(2024, A, "5201"): 55}, None),
        ("c24:55@5201 p24:55@5202", {}, {(2024, A, "5201"): 55, (2024, A, "5202"): 55}, None),
        (
            "c24:55@5201 p24:55@5201 c26:60 p26:60",
            {},
            {(2024, A, "5201"): 55},
            Certified(A, 2026),
        ),
        ("c24:60@5201 p24:60@5201", {}, {(2024, A, "5201"): 55}, Certified(A, 2024)),
    ],
)
def test_marks_are_those_of_year_and_place(
    text: str, national: dict[Any, int], local: dict[Any, int], expected: Certified | None
) -> None:
    assert certified(history(A, text), A, Marks(national, local)) == expected


@st.composite
def histories(draw: st.DrawFn) -> tuple[Level, list[Result], Marks]:
    level = draw(st.sampled_from(list(Level)))
    results = draw(
        st.lists(
            st.builds(
                Result,
                level=st.sampled_from(list(Level)),
                subject=st.sampled_from(list(Subject)),
                year=st.integers(2020, 2026),
                score=st.none() | st.integers(50, 70),
                place=st.sampled_from(["", "5201", "5202"]),
                fraud=st.integers(0, 9).map(lambda one: one == 0),
            ),
            max_size=14,
        )
    )
    years = st.integers(2020, 2026)
    mark = st.integers(52, 66)
    national = draw(st.dictionaries(st.tuples(years, st.sampled_from(list(Level))), mark, max_size=4))
    places = st.sampled_from(["5201", "5202"])
    local = draw(st.dictionaries(st.tuples(years, st.sampled_from(list(Level)), places), mark, max_size=4))
    return level, results, Marks(national, local)


def by_trying(level: Level, results: list[Result], marks: Marks) -> Certified | None:
    """Every choice of one result for each subject, looked at on its own."""
    clean = [
        one
        for one in results
        if not any(o.fraud and (o.level, o.year) == (one.level, one.year) for o in results)
    ]
    choices = [[one for one in clean if (one.level, one.subject) == (level, s)] for s in SUBJECTS[level]]
    span = {A: 1, M: 2, S: 1}[level]
    found: list[Certified] = []
    for chosen in product(*choices):
        years = [one.year for one in chosen]
        if max(years) - min(years) >= span or any(one.score is None for one in chosen):
            continue
        low = [one for one in chosen if one.score < marks.national.get((one.year, one.level), 60)]  # type: ignore[operator]
        saved = [
            one.score >= marks.local.get((one.year, one.level, one.place), 1_000)  # type: ignore[operator]
            for one in low
        ]
        places = {one.place for one in low}
        if all(saved) and len(places) <= 1:
            found.append(Certified(level, max(years), next(iter(places), "")))
    return min(found, key=lambda one: (one.place != "", one.year, one.place)) if found else None


@given(histories())
def test_the_engine_agrees_with_trying_every_choice(drawn: tuple[Level, list[Result], Marks]) -> None:
    level, results, marks = drawn
    assert certified(results, level, marks) == by_trying(level, results, marks)
