"""Numbers of documents that anybody checks: every single wrong character is found, and none can be guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.verifiable import ALPHABET, new_number, normal_number

YEARS = st.integers(2000, 2199)


@given(YEARS)
def test_a_number_is_its_own_normal_form_however_it_is_typed(year: int) -> None:
    number = new_number(year)
    assert number.startswith(f"{year}-")
    for typed in (number, number.lower(), number.replace("-", ""), f" {number} ", number.replace("0", "o")):
        assert normal_number(typed) == number
    assert normal_number(number.replace("1", "l")) == number


@given(YEARS)
def test_every_single_wrong_character_is_found(year: int) -> None:
    number = new_number(year)
    for place, right in enumerate(number):
        if right != "-":
            for wrong in set(ALPHABET) - {right}:
                assert normal_number(number[:place] + wrong + number[place + 1 :]) is None


@given(YEARS)
def test_a_lost_or_added_character_is_found(year: int) -> None:
    number = new_number(year)
    for place, character in enumerate(number):
        if character != "-":
            assert normal_number(number[:place] + number[place + 1 :]) is None
            assert normal_number(number[:place] + character + number[place:]) is None


@given(st.text(max_size=60))
def test_anything_else_is_no_number_and_raises_nothing(typed: str) -> None:
    found = normal_number(typed)
    assert found is None or normal_number(found) == found


@pytest.mark.parametrize("typed", ["", "-" * 40, "２０２６-7K3QW-9XM4T-C", "2026-7K3QW-9XM4T-C" * 3, "\x00"])
def test_strange_numbers_are_none(typed: str) -> None:
    assert normal_number(typed) is None


def test_numbers_do_not_follow_each_other() -> None:
    parts = {new_number(2026)[5:16] for _ in range(2_000)}
    assert len(parts) == 2_000
    assert len({part[0] for part in parts}) == len(ALPHABET)
