"""What is equal has one form."""

from __future__ import annotations

import pytest

from linli.canonical import canonical_json, folded


def test_json_has_one_form_whatever_the_order_of_its_keys() -> None:
    assert canonical_json({"b": [1, None], "a": "邻里"}) == '{"a":"邻里","b":[1,null]}'.encode()
    assert canonical_json({"a": 1, "b": 2}) == canonical_json({"b": 2, "a": 1})
    with pytest.raises(TypeError):
        canonical_json({"a": object()})


@pytest.mark.parametrize("written", ["公字 第12号", "公字第１２号", " 公字\t第12号\n"])
def test_a_reference_is_the_same_however_it_is_spaced_and_written(written: str) -> None:
    assert folded(written) == "公字第12号"
    assert folded("ab-１") == folded("A B-1")
