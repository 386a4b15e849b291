"""What the plugin keeps about a person. Rows name people by id only; numbers of documents are kept as records."""

from __future__ import annotations

from typing import Final

from linli.plugin import Kept, subject_table
from linli_social_workers import tables

_RECORDS: Final = Kept(
    "social_workers.record",
    "职业资格、登记和津贴发放记录须依法存档，只保留编号、日期和金额（《会计档案管理办法》、《行政许可法》第六十一条）。",
    "Records of qualification, registration and payment must be kept: numbers, dates and amounts stay"
    " (会计档案管理办法; Administrative Licensing Law art. 61).",
)

PERSONAL_DATA: Final = (
    subject_table("social_workers.result", "考试成绩", "Exam results", tables.ExamResult),
    subject_table(
        "social_workers.certificate", "职业资格证书", "Certificates", tables.Certificate, keep=(_RECORDS,)
    ),
    subject_table(
        "social_workers.registration",
        "登记",
        "Registrations",
        tables.Registration,
        without=("applied_by", "first_reviewed_by", "final_reviewed_by"),
    ),
    subject_table(
        "social_workers.renewal", "续期登记", "Renewals", tables.Renewal, without=("applied_by", "decided_by")
    ),
    subject_table(
        "social_workers.credit",
        "继续教育",
        "Continuing education",
        tables.Credit,
        without=("claimed_by", "decided_by"),
    ),
    subject_table("social_workers.post", "岗位", "Posts", tables.Post),
    subject_table("social_workers.licence", "独立执业许可", "Licences", tables.Licence),
    subject_table("social_workers.practice", "独立执业", "Solo practice", tables.Practice),
    subject_table(
        "social_workers.supervision",
        "接受督导",
        "Supervision received",
        tables.Supervision,
        without=("supervisor_id",),
    ),
    subject_table("social_workers.fact", "津贴核算依据", "What allowances rest on", tables.Fact),
    subject_table("social_workers.allowance", "津贴", "Allowances", tables.AllowanceLine),
)
