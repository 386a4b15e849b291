"""What the plugin keeps about a person. Rows name people by id only, so an erased entry leaves figures that add up."""

from __future__ import annotations

from typing import Final

from linli.plugin import Kept, subject_table
from linli_volunteers import tables

_CERTIFIED: Final = Kept(
    "volunteers.certificate",
    "已开具的服务证明须可供查验，只保留编号和时长（《志愿服务条例》第十九条）。",
    "Certificates that were issued can be checked: number and minutes stay (Regulations on Voluntary Service art. 19).",
)

PERSONAL_DATA: Final = (
    subject_table("volunteers.volunteer", "志愿者登记", "Registration as a volunteer", tables.Volunteer),
    subject_table("volunteers.enrolment", "活动报名", "Enrolments", tables.Enrolment),
    subject_table(
        "volunteers.hours",
        "服务时长",
        "Hours of service",
        tables.Hours,
        without=("claimed_by", "verified_by"),
    ),
    subject_table(
        "volunteers.certificate", "服务证明", "Certificates", tables.Certificate, keep=(_CERTIFIED,)
    ),
)
