"""Hand-over of a person's data between two tenants: signed, consented, acknowledged; the only way that rows cross."""

from __future__ import annotations

from typing import Final

from linli.events import Subscription
from linli.handover.accepting import on_values_received
from linli.handover.ending import expire, on_consent_withdrawn
from linli.handover.fields import FieldValue, HandoverField, HandoverFields
from linli.handover.personal import PERSONAL_DATA
from linli.handover.register import FIELDS
from linli.jobs import Job

SUBSCRIPTIONS: Final = (
    Subscription(
        "privacy.consent_withdrawn", "handover.on_consent_withdrawn", on_consent_withdrawn, attempts_max=20
    ),
    Subscription("handover.values_received", "handover.on_values_received", on_values_received),
)
JOBS: Final = (Job("handover.expire", expire, schedule="7 * * * *", timeout_s=120),)

__all__ = [
    "FIELDS",
    "JOBS",
    "PERSONAL_DATA",
    "SUBSCRIPTIONS",
    "FieldValue",
    "HandoverField",
    "HandoverFields",
]
