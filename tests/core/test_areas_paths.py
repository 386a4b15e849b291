"""Path segments: short, ordered, unique among siblings."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.areas.errors import TooManyChanges
from linli.areas.paths import SIBLINGS_MAX, child_path, depth_of, end_of, number_of, prefixes, segment, within

numbers = st.integers(min_value=0, max_value=SIBLINGS_MAX - 1)


@given(numbers, numbers)
def test_segments_sort_in_the_order_of_their_numbers(one: int, other: int) -> None:
    assert (segment(one) < segment(other)) == (one < other)
    assert number_of(segment(one)) == one


@given(st.lists(numbers, min_size=1, max_size=6), st.lists(numbers, min_size=1, max_size=6))
def test_a_path_lies_in_the_range_of_another_exactly_when_it_is_in_its_subtree(
    one: list[int], other: list[int]
) -> None:
    path, above = "", ""
    for number in one:
        path = child_path(path, number)
    for number in other:
        above = child_path(above, number)
    assert (above <= path < end_of(above)) == (one[: len(other)] == other)


def test_prefixes_are_the_ancestors_from_the_top_down() -> None:
    assert prefixes("0a.03.zz000.") == ["0a.", "0a.03."]
    assert prefixes("0a.") == []
    assert depth_of("0a.03.") == 2


def test_the_condition_of_scopes_numbers_its_values_after_those_that_are_there() -> None:
    values: list[object] = ["tenant"]
    assert within("d.area_path", ("00.", "01.02."), values) == (
        "(d.area_path >= $2 and d.area_path < $3 or d.area_path >= $4 and d.area_path < $5)"
    )
    assert values == ["tenant", "00.", "00.~", "01.02.", "01.02.~"]
    assert within("area_path", ("",), values) == "true"
    assert within("area_path", (), values) == "false"
    assert len(values) == 5


def test_a_number_beyond_the_last_segment_is_refused() -> None:
    assert segment(SIBLINGS_MAX - 1) == "zzzzz"
    with pytest.raises(TooManyChanges):
        segment(SIBLINGS_MAX)
