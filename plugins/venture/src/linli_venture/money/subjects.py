"""What is kept about people who gave money: that they did, and how much; no name."""

from __future__ import annotations

from typing import Final

from linli.plugin import SubjectData, subject_table
from linli_venture.money.tables import Receipt

MONEY_PERSONAL_DATA: Final[tuple[SubjectData, ...]] = (
    subject_table(
        "venture.donation",
        "公益创投捐赠",
        "Donations for public-venture funding",
        Receipt,
        without=("recorded_by", "cancelled_by"),
    ),
)
