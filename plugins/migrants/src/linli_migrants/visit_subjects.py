"""What is kept of visits, services and posts about a person: ids, days and states; nothing is left to erase."""

from __future__ import annotations

from typing import Final

from linli.plugin import subject_table
from linli_migrants.visit_tables import Delivery, Post, Visit

VISITS: Final = (
    subject_table("migrants.visit", "走访", "Visits", Visit, without=("post_id",)),
    subject_table("migrants.service", "服务", "Services", Delivery, without=("delivered_by",)),
    subject_table("migrants.post", "协管员岗位", "Posts as a coordinator", Post),
)
CARRIED: Final = ((Visit, "person_id"), (Delivery, "person_id"), (Post, "person_id"))
