"""Typed identifiers and the one place that makes new ones."""

from __future__ import annotations

from typing import NewType
from uuid import UUID

import uuid_utils
from uuid_utils.compat import uuid7

TenantId = NewType("TenantId", UUID)
AreaId = NewType("AreaId", UUID)
PersonId = NewType("PersonId", UUID)
AccountId = NewType("AccountId", UUID)


def new_id() -> UUID:
    """A new UUIDv7: unique across tenants and databases, ordered by time. Source: RFC 9562 §5.7."""
    return uuid7()


def new_request_id() -> str:
    """A new id of a request, as its digits: unique, and ordered by time."""
    return uuid_utils.uuid7().hex
