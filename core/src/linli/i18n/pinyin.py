"""Sorting and searching Chinese: pinyin keys for a C-collated column, and character grams."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from operator import add
from typing import Final

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PHRASES_DICT
from pypinyin.seg.mmseg import p_set as _prefixes

NAME_CHARACTERS_MAX: Final = 200
GRAMS_MAX: Final = 400

_HAN = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN = re.compile(f"(?P<han>[{_HAN}]+)|[^{_HAN}]+")
_ONE_HAN_RUN = re.compile(f"[{_HAN}]+")
_NOT_PRINTABLE_ASCII = re.compile(r"[^\x21-\x7e]+")
_WORD = re.compile(r"[0-9]+|[a-z]+")
_SPACES = re.compile(r" +")

# The dictionary has 47,000 phrases as lists of lists, but 1,249 readings: these are shared here, which gives each
# process 18 MB. pypinyin copies what it finds before it changes it.
_readings: dict[tuple[str, ...], list[str]] = {}
for _phrase in PHRASES_DICT.values():
    _phrase[:] = [_readings.setdefault(tuple(one), one) for one in _phrase]
del _readings, _phrase

# How a character is read as a surname where that differs from what the dictionary of words gives.
_SURNAMES: Final = {
    "万俟": "mo qi", "单于": "chan yu", "令狐": "ling hu", "尉迟": "yu chi", "澹台": "tan tai",
    "皇甫": "huang fu", "鲜于": "xian yu", "长孙": "zhang sun",
    "乐": "yue", "乜": "nie", "任": "ren", "仇": "qiu", "佴": "nai", "冼": "xian", "区": "ou", "华": "hua",
    "单": "shan", "卜": "bu", "召": "shao", "员": "yun", "句": "gou", "宁": "ning", "宓": "mi",
    "宿": "su", "尉": "wei", "干": "gan", "应": "ying", "折": "she", "曲": "qu", "曾": "zeng", "朴": "piao",
    "柏": "bai", "查": "zha", "洗": "xian", "燕": "yan", "瞿": "qu", "盖": "ge", "盛": "sheng", "相": "xiang",
    "石": "shi", "种": "chong", "秘": "bi", "纪": "ji", "缪": "miao", "翟": "zhai", "臧": "zang",
    "葛": "ge", "藏": "zang", "覃": "qin", "角": "jue", "解": "xie", "訾": "zi", "谌": "chen", "费": "fei",
    "车": "che", "过": "guo", "逄": "pang", "那": "na", "都": "du", "阚": "kan",
    "隗": "wei", "隽": "juan", "麴": "qu", "黑": "he", "薄": "bo", "强": "qiang", "沈": "shen", "褚": "chu",
    "祭": "zhai", "幺": "yao", "繁": "po", "郇": "xun", "莘": "shen",
}  # fmt: skip


def sort_key(name: str, *, person: bool = False) -> str:
    """Give the key by which a name sorts: lower-case pinyin without tones, one space between syllables.

    Only printable ASCII comes out, at most what 200 characters of input give, so that a C-collated column
    sorts it the same everywhere; ü is `v`. ASCII passes through in lower case, Latin letters lose their
    accents, and what has no reading (emoji, very rare characters) is left out, so that the key may be empty:
    sort by the name itself after it. For a `person` the surname is read as a surname: 单 is shan, not dan.

    Source: GB/T 28039 (names of persons in pinyin) for readings of surnames.
    """
    text = _normal(name)
    if not person:
        return _read(text)
    surname = next((text[:size] for size in (2, 1) if text[:size] in _SURNAMES), "")
    return _SPACES.sub(" ", f"{_SURNAMES.get(surname, '')} {_read(text[len(surname) :])}").strip()


def initials(name: str, *, person: bool = False) -> str:
    """Give the first letter of every syllable or word, and numbers in full: 白云路12号 gives `byl12h`."""
    words = _WORD.findall(sort_key(name, person=person))
    return "".join(word if word.isdigit() else word[0] for word in words)


def bigrams(text: str) -> list[str]:
    """Give the distinct single characters and pairs of neighbours, in order of appearance, at most 400.

    Letters and digits only, in NFKC and lower case; pairs do not reach over spaces or punctuation. A name
    matches a search when its grams contain all grams of the search: a filter that an index answers, to be
    checked against the name afterwards.
    """
    grams: dict[str, None] = {}
    before = ""
    for character in _normal(text).lower():
        if not character.isalnum():
            before = ""
            continue
        grams.setdefault(character)
        if before:
            grams.setdefault(before + character)
        before = character
    return list(grams)[:GRAMS_MAX]


def pairs(text: str) -> list[str]:
    """Give the pairs of neighbours among `bigrams`, without the single characters."""
    plain = _normal(text).lower()
    if not plain.isalnum() or len(plain) * 2 > GRAMS_MAX:
        return [gram for gram in bigrams(text) if len(gram) == 2]
    return list(dict.fromkeys(map(add, plain, plain[1:])))


def _normal(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:NAME_CHARACTERS_MAX])[:NAME_CHARACTERS_MAX].strip()


def _read(text: str) -> str:
    if _ONE_HAN_RUN.fullmatch(text):
        key = " ".join(map(_read_word, _words(text)))
    else:
        runs = _RUN.finditer(text)
        key = " ".join(
            " ".join(map(_read_word, _words(run[0]))) if run["han"] else _ascii(run[0]) for run in runs
        )
    return (_SPACES.sub(" ", key) if "  " in key else key).strip()


def _words(text: str) -> list[str]:
    """The longest words of the dictionary from the left, and single characters between them.

    Gives what pypinyin's `seg.cut` gives (a test compares them) in a quarter of the time: most pairs of
    characters in names of places begin no word, and that is all there is to look up.
    """
    begin, words = _beginnings(), []
    start, size = 0, len(text)
    while start < size:
        if text[start : start + 2] not in begin:
            words.append(text[start])
            start += 1
            continue
        word_end, end = start + 1, start + 2
        while end <= size and text[start:end] in _prefixes:
            if text[start:end] in PHRASES_DICT:
                word_end = end
            end += 1
        if end > size and word_end == start + 1:
            words.extend(text[start:])  # it begins a word that is not there: no shorter one is looked for
            break
        words.append(text[start:word_end])
        start = word_end
    return words


@lru_cache(maxsize=1)
def _beginnings() -> frozenset[str]:
    return frozenset(word[:2] for word in PHRASES_DICT)


@lru_cache(maxsize=32_768)
def _read_word(word: str) -> str:
    """Read one word of the dictionary; places of a country share few words, so most calls end here."""
    return " ".join(_ascii(syllable) for syllable in lazy_pinyin(word, style=Style.NORMAL, errors="ignore"))


def _ascii(text: str) -> str:
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _NOT_PRINTABLE_ASCII.sub(" ", plain.lower())
