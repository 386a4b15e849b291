"""All tables of the plugin, for the kernel, which looks for them here; each area has its own module."""

from __future__ import annotations

from linli_venture.grants.tables import (
    Allocation,
    Appraisal,
    Audit,
    Change,
    ChangeItem,
    Expenditure,
    Grant,
    GrantLine,
    Milestone,
    Payment,
    Refund,
)
from linli_venture.money.tables import Pool, Receipt, Source

__all__ = [
    "Allocation",
    "Appraisal",
    "Audit",
    "Change",
    "ChangeItem",
    "Expenditure",
    "Grant",
    "GrantLine",
    "Milestone",
    "Payment",
    "Pool",
    "Receipt",
    "Refund",
    "Source",
]
