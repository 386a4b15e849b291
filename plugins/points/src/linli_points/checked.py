"""What can never be a rule's subject or a reward, whoever asks for it. No setting switches these off.

Points are recognition: neither need nor misfortune, belief or conduct before the law may earn or lose them, nobody is
rewarded for informing on people, and what everybody is entitled to is never a reward. Source: domain.md §4.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

from linli_points.errors import ForbiddenSubject, GatesBasicService, NumberOutOfRange

# Complaint, petition, religion, birth, welfare, credit, offence; and informing on people. To help somebody is no
# such subject ("助残", "救助落水者"), so that the words are those of the case, not of the helper.
_SUBJECTS: Final[Sequence[str]] = (
    "投诉", "信访", "上访", "访民", "宗教", "信教", "教徒", "礼拜", "佛教", "道教", "基督教", "天主教", "伊斯兰",
    "生育", "怀孕", "孕检", "避孕", "节育", "结扎", "计生", "二孩", "三孩", "二胎", "三胎", "低保", "社会救助",
    "救助金", "享受福利", "领取福利", "福利待遇", "残疾证", "征信", "信用分", "信用记录", "信用评", "失信", "欠款",
    "欠费", "犯罪", "违法", "前科", "刑满", "社区矫正", "吸毒", "戒毒", "行政处罚", "拘留", "举报", "检举", "告发",
    "揭发", "提供线索",
    "complaint", "petition", "religio", "church", "mosque", "temple", "pregnan", "contracepti", "childbirth",
    "birth control", "number of children", "welfare benefit", "social assistance", "credit score", "credit record",
    "offence", "offense", "crime", "criminal", "convict", "informer", "informing on", "denounc", "whistleblow",
)  # fmt: skip

# What everybody is entitled to, with or without points.
_SERVICES: Final[Sequence[str]] = (
    "入学", "学位", "义务教育", "户口", "落户", "居住证", "身份证", "低保", "社保", "医保", "养老金", "社会保险",
    "社会救助", "救助金", "抚恤", "公租房", "廉租", "保障房", "开具证明", "证明开具", "优先办理", "优先受理", "免排队",
    "插队", "疫苗", "预防接种", "公立医院", "急救", "供水", "供电", "供暖", "法律援助", "school place",
    "household registration", "residence permit", "social insurance", "medical insurance", "pension", "public housing",
    "vaccin", "legal aid", "certificate of residence", "skip the queue", "priority handling",
)  # fmt: skip
_BETWEEN: Final = re.compile(r"[^0-9a-z一-鿿]+")


def allowed_subject(text: str, path: str) -> str:
    """The text of a rule or heading. Raises: ForbiddenSubject."""
    if word := _found(text, _SUBJECTS):
        raise ForbiddenSubject(path=(path,), word=word)
    return text


def allowed_reward(text: str, path: str) -> str:
    """The text of a reward. Raises: GatesBasicService."""
    if word := _found(text, _SERVICES):
        raise GatesBasicService(path=(path,), word=word)
    return text


def in_range(value: int, low: int, high: int, path: str) -> int:
    """The number. Raises: NumberOutOfRange."""
    if not low <= value <= high:
        raise NumberOutOfRange(path=(path,), low=low, high=high)
    return value


def _found(text: str, words: Sequence[str]) -> str | None:
    """The first of the words in a text, however it is spaced, punctuated or written in full width."""
    plain = unicodedata.normalize("NFKC", text).lower()
    dense = _BETWEEN.sub("", plain)
    return next((word for word in words if _BETWEEN.sub("", word) in dense), None)
