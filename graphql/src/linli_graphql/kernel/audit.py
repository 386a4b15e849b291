"""The audit trail in the API."""

from __future__ import annotations

from datetime import datetime

import strawberry

from linli.audit import tables
from linli_graphql.nodes import Node, column, node


@node(
    tables.AuditEntry,
    plural="audit_entries",
    permission="audit.entry.read",
    filters=("occurred_at", "actor_name", "action", "subject_table", "request_id"),
    order_by=("occurred_at",),
    administrative=True,
    whole_tenant=True,
)
class AuditEntry(Node):
    """One thing that was done: who, when, what, from where, before and after."""

    occurred_at: datetime = column("When.")
    actor_kind: str = column("Account, client or system.")
    actor_name: str = column("Who, as they were called then.")
    action: str = column("What was done.")
    subject_table: str = column("To what kind of thing.")
    request_id: str = column("In which request.")
    origin: str = column("From which address.")
    reason: str = column("The reason that was given.")
    before: strawberry.scalars.JSON | None = column("What it was before; personal values are masked.")
    after: strawberry.scalars.JSON | None = column("What it was after; personal values are masked.")
