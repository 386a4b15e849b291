"""The words of money: kinds of sources and givers, and states."""

from __future__ import annotations

from enum import StrEnum


class PoolState(StrEnum):
    """Whether grants are awarded from a pool."""

    OPEN = "open"
    CLOSED = "closed"


class SourceKind(StrEnum):
    """Where money comes from."""

    FISCAL = "fiscal"
    """财政预算"""
    DONATION = "donation"
    """社会捐赠"""
    SPECIAL_FUND = "special_fund"
    """专项基金"""


class GiverKind(StrEnum):
    """Who gives. A person's name is never kept here: the register has it, where there is one."""

    GOVERNMENT = "government"
    ORGANISATION = "organisation"
    PERSON = "person"


class ReceiptState(StrEnum):
    """Whether what came in, or was carried over, counts."""

    POSTED = "posted"
    CANCELLED = "cancelled"
