"""What the plugin keeps about a person: for whom they act, and what they reviewed."""

from __future__ import annotations

from typing import Final

from linli.plugin import Kept, subject_table
from linli_venture.proposals.tables import Member
from linli_venture.review import tables

_RECORD: Final = Kept(
    "venture.review",
    "评审记录为可追溯而保留，只有编号和分数，没有姓名。",
    "The record of a review stays, so that awards can be traced: ids and numbers, no name.",
)

PERSONAL_DATA: Final = (
    subject_table("venture.member", "公益创投申报人", "Acting for an applicant", Member),
    subject_table("venture.expert", "评审专家", "Expert", tables.Expert, keep=(_RECORD,)),
    subject_table("venture.review", "项目评审", "Reviews", tables.Review, keep=(_RECORD,)),
    subject_table("venture.declaration", "回避申报", "Interests", tables.Declaration, keep=(_RECORD,)),
    subject_table("venture.sheet", "评分表", "Score sheets", tables.ScoreSheet, keep=(_RECORD,)),
    subject_table("venture.defence", "答辩评分", "Defence scores", tables.DefenceScore, keep=(_RECORD,)),
    subject_table("venture.score", "评分", "Scores", tables.Score, keep=(_RECORD,)),
)
