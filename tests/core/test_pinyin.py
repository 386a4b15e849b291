"""Sorting and searching Chinese."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import seg

from linli.i18n import bigrams, initials, sort_key
from linli.i18n.pinyin import _words, pairs

TEXTS = st.text(max_size=40) | st.text(alphabet="单曾仇解王小明白云区路居委会省abcÉ1９ ·（）", max_size=40)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liang yong"),
        ("任正非", "ren zheng fei"),
        ("华佗", "hua tuo"),
        ("区大相", "ou da xiang"),
        ("欧阳修", "ou yang xiu"),
        ("尉迟恭", "yu chi gong"),
        ("令狐冲", "ling hu chong"),
        ("王", "wang"),
        ("单", "shan"),
        ("买买提·吐尔逊", "mai mai ti tu er xun"),
        ("John Smith", "john smith"),
    ],
)
def test_surnames_are_read_as_surnames(name: str, key: str) -> None:
    assert sort_key(name, person=True) == key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单位", "dan wei"),
        ("重庆市", "chong qing shi"),
        ("六安市", "lu an shi"),
        ("绿地 IT家园", "lv di it jia yuan"),
        ("A-1 Road", "a-1 road"),
        ("ＡＢＣ　１２", "abc 12"),
        ("Café", "cafe"),
        ("孙家（省级）", "sun jia ( sheng ji )"),
        ("", ""),
        ("  ", ""),
        ("😀", ""),
        ("王😀明", "wang ming"),
    ],
)
def test_names_are_read_without_tones(name: str, key: str) -> None:
    assert sort_key(name) == key


def test_names_sort_by_syllable() -> None:
    names = ["张三", "西安路", "先锋村", "白云路", "阿克苏"]
    assert sorted(names, key=sort_key) == ["阿克苏", "白云路", "西安路", "先锋村", "张三"]


@given(TEXTS, st.booleans())
def test_keys_are_plain_lower_case_ascii(name: str, person: bool) -> None:
    key = sort_key(name, person=person)
    assert all(" " <= character <= "~" for character in key)
    assert key == key.lower().strip()
    assert "  " not in key
    assert sort_key(key) == key


def test_keys_of_very_long_names_are_bounded() -> None:
    assert len(sort_key("张" * 10_000_000)) <= 200 * 7
    assert len(bigrams("张李" * 5_000_000)) <= 400


@pytest.mark.parametrize(
    ("name", "letters"),
    [("白云路12号", "byl12h"), ("王小明", "wxm"), ("A-1 Road", "a1r"), ("", "")],
)
def test_initials_are_first_letters_and_whole_numbers(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_initials_of_a_person_read_the_surname() -> None:
    assert initials("曾国藩", person=True) == "zgf"


def test_grams_are_distinct_single_characters_and_pairs() -> None:
    assert bigrams("白云白云") == ["白", "云", "白云", "云白"]
    assert bigrams("ＡＢ c，d") == ["a", "b", "ab", "c", "d"]
    assert bigrams("") == []


@given(TEXTS, st.integers(0, 40), st.integers(0, 40))
def test_a_name_has_every_gram_of_its_parts(text: str, start: int, size: int) -> None:
    name = "".join(character for character in text if "一" <= character <= "鿿" or character in "abc1")
    assert set(bigrams(name[start : start + size])) <= set(bigrams(name))


@given(TEXTS)
def test_grams_are_short_and_distinct(text: str) -> None:
    grams = bigrams(text)
    assert len(grams) == len(set(grams))
    assert all(1 <= len(gram) <= 2 for gram in grams)


def test_words_are_cut_as_the_dictionary_of_readings_cuts_them() -> None:
    """Every word beside the beginning of another, where a faster way could go astray."""
    phrases = sorted(PHRASES_DICT)
    for number, (word, other) in enumerate(zip(phrases, reversed(phrases), strict=True)):
        for text in (word + other[: number % len(other) + 1], other[: number % len(other) + 1] + word):
            assert _words(text) == list(seg.cut(text)), text


@given(TEXTS)
def test_pairs_are_those_of_the_grams(text: str) -> None:
    assert pairs(text) == [gram for gram in bigrams(text) if len(gram) == 2]
