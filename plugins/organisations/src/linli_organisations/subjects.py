"""What the plugin keeps about a person: posts held in organisations, and part taken in assessments."""

from __future__ import annotations

from typing import Final

from linli.plugin import Kept, subject_table
from linli_organisations import tables

_REGISTER: Final = Kept(
    "organisations.officer",
    "社会组织负责人登记依法保存，只保留编号和任期（《社会团体登记管理条例》）。",
    "The register of officers is kept by law: ids and terms stay (Regulations on Registration of Associations).",
)

PERSONAL_DATA: Final = (
    subject_table(
        "organisations.officer",
        "社会组织任职",
        "Posts in organisations",
        tables.Officer,
        keep=(_REGISTER,),
    ),
    subject_table("organisations.assessor", "参与评估", "Part taken in assessments", tables.Assessor),
)
