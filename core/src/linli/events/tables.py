"""Tables of the event log and its deliveries."""

from __future__ import annotations

from piccolo.columns import JSONB, Integer, Text, Timestamptz
from piccolo.columns import UUID as UUIDColumn

from linli.db.tables import TenantTable


class StoredEventRow(TenantTable, tablename="events_event"):
    """One event of the replayable log. Rows are only ever added."""

    name = Text()
    event_version = Integer()
    payload = JSONB()
    actor_kind = Text()
    actor_id = UUIDColumn(default=None, null=True)
    request_id = Text()
    occurred_at = Timestamptz()


class Delivery(TenantTable, tablename="events_delivery"):
    """One event on its way to one subscription: pending, done or dead."""

    event_id = UUIDColumn()
    subscription = Text()
    status = Text()
    attempts = Integer()
    next_attempt_at = Timestamptz()
    finished_at = Timestamptz(default=None, null=True)
    error_code = Text()
