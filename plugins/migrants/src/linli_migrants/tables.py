"""The plugin's tables, those of visits and permits too. `migrations/` has their keys, references and checks."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import UUID, Date, Text, Timestamptz

from linli.plugin import AreaTable, EncryptedText
from linli_migrants.exchange_tables import Answer, Message, Reconciliation
from linli_migrants.permit_tables import Application, Endorsement, Paper, Permit
from linli_migrants.visit_tables import CensusAnswer, CensusRound, Delivery, Figure, Post, Service, Visit

__all__ = [
    "Agent",
    "Answer",
    "Application",
    "CensusAnswer",
    "CensusRound",
    "Contract",
    "Delivery",
    "Dwelling",
    "Endorsement",
    "Figure",
    "Message",
    "Paper",
    "Permit",
    "Post",
    "Reconciliation",
    "Report",
    "Service",
    "Stay",
    "Visit",
]


class Dwelling(AreaTable, tablename="migrants_dwelling"):
    """A home in which newcomers live. Lists are grouped by `grid` and `building`; no map is kept."""

    address = Text()
    grid = Text(default="")
    building = Text(default="")
    kind = Text(default="rented")
    landlord_person_id = UUID(default=None, null=True)
    landlord_organisation_id = UUID(default=None, null=True)
    state = Text(default="active")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"address"})


class Stay(AreaTable, tablename="migrants_stay"):
    """A person's stay from `from_on` up to, and without, `to_on`; lies in its dwelling's area.

    `origin_code` is the division code of the place where the household is registered (户籍地).
    """

    person_id = UUID()
    dwelling_id = UUID()
    origin_code = Text()
    origin_address = EncryptedText(purpose="migrants.origin", limit=200)
    reason = Text()
    employer_id = UUID(default=None, null=True, help_text="a unit of the shared register")
    from_on = Date()
    to_on = Date(default=None, null=True)
    state = Text(default="reported")
    reporter = Text()
    reported_by = UUID(default=None, null=True, help_text="the account or client that reported")
    verified_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="")


class Agent(AreaTable, tablename="migrants_agent"):
    """A person who reports for a unit (代办人), as its landlord or employer; lies in the unit's area."""

    organisation_id = UUID()
    person_id = UUID()
    from_on = Date()
    to_on = Date(default=None, null=True)


class Report(AreaTable, tablename="migrants_report"):
    """What a landlord or employer says of somebody who moved in, until an officer takes it over as a stay.

    Who the person is stays encrypted, and whoever reports does not learn whether the register knows them.
    """

    dwelling_id = UUID()
    full_name = EncryptedText(purpose="migrants.report", limit=100)
    id_number = EncryptedText(purpose="migrants.report", limit=18)
    phone = EncryptedText(purpose="migrants.report", limit=40)
    masked_name = Text(help_text="what lists show")
    origin_code = Text()
    reason = Text()
    employer_id = UUID(default=None, null=True)
    from_on = Date()
    reporter = Text()
    reported_by = UUID()
    reporter_person_id = UUID()
    state = Text(default="reported")
    stay_id = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    end_reason = Text(default="")


class Contract(AreaTable, tablename="migrants_contract"):
    """A tenancy contract (租房合同): who lives where from `starts_on` up to, and without, `ends_on`."""

    dwelling_id = UUID()
    person_id = UUID()
    number = Text(default="")
    signed_on = Date()
    starts_on = Date()
    ends_on = Date()
    state = Text(default="active")
    end_reason = Text(default="")
