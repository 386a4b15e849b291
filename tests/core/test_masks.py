"""Masks of personal values."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.masks import MASKS, mask_email, mask_id_number, mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王**"),
        ("王明", "王*"),
        ("欧阳娜娜", "欧***"),
        ("王", "*"),
        ("", ""),
        ("😀", "*"),
        ("买" * 10_000_000, "买********"),
    ],
)
def test_a_name_shows_its_first_character(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("13812341234", "138****1234"),
        ("0571-88881234", "****34"),
        ("+86 138 1234 1234", "****34"),
        ("12345", "****"),
        ("1", "****"),
        ("", ""),
        ("王小明的电话号码是多少呢", "****"),
        ("１３８１２３４１２３４", "****"),
    ],
)
def test_a_phone_number_shows_its_ends(phone: str, masked: str) -> None:
    assert mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("11010519491231002X", "110***********002X"),
        ("E12345678", "E****78"),
        ("H123456(7)", "****"),
        ("123", "****"),
        ("", ""),
        ("😀" * 18, "****"),
    ],
)
def test_an_identity_number_never_shows_the_birth_date(number: str, masked: str) -> None:
    assert mask_id_number(number) == masked


@pytest.mark.parametrize(
    ("email", "masked"),
    [
        ("wang@example.com", "w***@example.com"),
        ("w@example.com", "w***@example.com"),
        ("@example.com", "****"),
        ("wang@", "****"),
        ("a@b@c", "****"),
        ("wang", "****"),
        ("", ""),
        ("王@例子.中国", "王***@例子.中国"),
    ],
)
def test_an_address_shows_its_first_character_and_domain(email: str, masked: str) -> None:
    assert mask_email(email) == masked


@pytest.mark.parametrize("name", sorted(MASKS))
@given(text=st.text(max_size=60) | st.text(alphabet="0123456789Xx@+- ", max_size=30))
def test_every_mask_is_total_and_short(name: str, text: str) -> None:
    masked = MASKS[name](text)
    assert len(masked) <= 300
    assert bool(masked) == bool(text)
    assert "*" in masked or not text


@pytest.mark.parametrize("name", ["name", "phone", "id_number"])
@given(text=st.text(min_size=1, max_size=60) | st.from_regex(r"[0-9X]{1,20}", fullmatch=True))
def test_a_mask_hides_at_least_one_character_and_shows_no_new_ones(name: str, text: str) -> None:
    shown = Counter(MASKS[name](text).replace("*", ""))
    assert shown <= Counter(text)
    assert shown.total() < len(text)


@pytest.mark.parametrize("name", sorted(MASKS))
def test_a_very_long_text_is_masked_at_once(name: str) -> None:
    for part in ("a", "1", "@", "😀", "a@"):
        assert len(MASKS[name](part * 5_000_000)) <= 300
