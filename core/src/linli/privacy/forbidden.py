"""Words that can never be a tag on a person: no setting, role or plugin changes that.

Lists or tags of petitioners, former offenders and "key persons" are never built here, nor of belief, pregnancy or
contraception. Source: Constitution art. 41 (right to petition); Prison Law (监狱法) art. 38 (equal rights after
release); Personal Information Protection Law (个人信息保护法) art. 5, 6, 28.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

WORDS: Final = (
    "上访", "信访", "访民", "缠访", "闹访", "涉访", "维稳", "稳控", "重点人", "重点对象", "重点关注", "关注人员",
    "管控", "布控", "刑满", "刑释", "前科", "劣迹", "服刑", "劳教", "矫正人员", "社区矫正", "两劳", "犯罪",
    "违法人员", "吸毒", "涉毒", "戒毒", "邪教", "宗教", "信教", "信仰", "教徒", "怀孕", "孕检", "避孕", "节育",
    "超生", "艾滋", "失信", "老赖", "黑名单", "高风险人", "危险分子", "不良人员",
    "petition", "complainant", "offender", "exconvict", "convict", "criminal", "exprisoner", "parole", "keyperson",
    "keypeople", "blacklist", "stabilitycontrol", "drugaddict", "druguser", "religio", "believer", "pregnan",
    "contracept", "troublemaker", "riskscore", "highrisk", "shangfang", "xinfang", "zhongdianren", "xingman",
    "qianke", "weiwen",
)  # fmt: skip
# What lists of newcomers used to ask for, and nobody needs: whoever finds a better word for it adds it here.
HEADER_WORDS: Final = (
    "孕", "环检", "计划生育", "计生", "生育", "婚育", "上环", "结扎", "流引产", "独生子女证", "风险等级", "风险评分",
    "风险分", "风险级", "风险程度", "危险等级", "危险级", "妇检", "透环", "放环", "取环", "查环", "流产", "人流史",
    "人流手术", "胎次", "孩次", "准生", "社会抚养费", "案底", "违法记录", "违法情况", "familyplanning", "birthpolicy",
    "birthpermit", "birthcontrol", "abortion", "sterili", "risklevel", "riskrating", "riskgrade", "faith",
)  # fmt: skip
# Words in which one of those above stands by chance: 统计生成时间 is no 计生, a competition no petition.
_ALIKE: Final = ("competition", "repetition")
_HARMLESS: Final = (
    "生育保险", "生育津贴", "maternityinsurance", "统计", "设计", "会计", "累计", "合计", "总计", "标准", "环境",
    "环节", "环路", "环线", "环保", "循环", "物流", "前科室", "前科目", "前科技",
)  # fmt: skip
_SIMPLIFIED: Final = str.maketrans(
    "風險級評訪環檢節產記錄違滿釋點員結紮劃證撫養費計準獨對關註維穩穢鬧纏勞矯戒黑單賴滋懷況徵術婦",
    "风险级评访环检节产记录违满释点员结扎划证抚养费计准独对关注维稳秽闹缠劳矫戒黑单赖滋怀况征术妇",
)
_BETWEEN: Final = re.compile(r"[\W_]+", re.UNICODE)


def forbidden_word(*texts: str) -> str | None:
    """The first of the words that occurs in one of the texts, however it is spaced, cased or widened; or None."""
    for text in texts:
        plain = _plain(text, _ALIKE)
        for word in WORDS:
            if word in plain:
                return word
    return None


def forbidden_header(header: str) -> str | None:
    """The word for which a column of a list is never kept, or None: such columns are dropped and said to be."""
    plain = _plain(header, (*_ALIKE, *_HARMLESS))
    return next((word for word in (*HEADER_WORDS, *WORDS) if word in plain), None)


def _plain(text: str, harmless: tuple[str, ...]) -> str:
    """A text without what is between its words, in simplified characters, and without these words."""
    plain = _BETWEEN.sub("", unicodedata.normalize("NFKC", text).casefold()).translate(_SIMPLIFIED)
    for word in harmless:
        plain = plain.replace(word, " ")
    return plain
