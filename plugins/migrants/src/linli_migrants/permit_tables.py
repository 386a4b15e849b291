"""The tables of residence permits. `migrations/m0003_permits.py` has their keys, references and checks."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Date, Text, Timestamptz

from linli.plugin import AreaTable, BlindIndex, EncryptedText


class Application(AreaTable, tablename="migrants_application"):
    """An application for a residence permit; lies in the area of the stay. `number` is that of the acceptance slip."""

    number = Text()
    person_id = UUID()
    stay_id = UUID()
    ground = Text()
    state = Text(default="draft")
    submitted_at = Timestamptz(default=None, null=True, help_text="when it was handed in last, or reopened")
    submitted_by = UUID(default=None, null=True)
    return_until = Timestamptz(default=None, null=True)
    returned_at = Timestamptz(default=None, null=True)
    returned_by = UUID(default=None, null=True)
    lacking = Text(default="", help_text="what it lacked when it was returned, with spaces between")
    note = Text(default="", help_text="what was said with the return")
    accepted_at = Timestamptz(default=None, null=True)
    accepted_by = UUID(default=None, null=True)
    remote = Boolean(default=False)
    decision_due_on = Date(default=None, null=True)
    forwarded_at = Timestamptz(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decision_reference = Text(default="")
    refused_by = UUID(default=None, null=True)
    refuse_reason = Text(default="")
    rule_version = Text(default="")
    objection_until = Date(default=None, null=True)
    objection = Text(default="")
    objection_answer = Text(default="")


class Paper(AreaTable, tablename="migrants_paper"):
    """A paper that was shown with an application: its kind, and where it is or what it is called."""

    application_id = UUID()
    person_id = UUID()
    kind = Text()
    reference = Text()


class Permit(AreaTable, tablename="migrants_permit"):
    """A residence permit. It can be used while it is active and the day is before `valid_until`."""

    application_id = UUID()
    person_id = UUID()
    number = EncryptedText(purpose="migrants.permit", limit=30)
    number_index = BlindIndex(of="number")
    issued_on = Date()
    valid_until = Date()
    continuous_since = Date(help_text="since when the years of residence count (art. 10)")
    state = Text(default="active")
    suspended_on = Date(default=None, null=True)
    ended_on = Date(default=None, null=True)
    end_reason = Text(default="")
    reminded_for = Date(default=None, null=True, help_text="the anniversary whose window was told of")
    reminded_again_for = Date(default=None, null=True)


class Endorsement(AreaTable, tablename="migrants_endorsement"):
    """A yearly endorsement (签注): for which anniversary, on which day, until when the permit then holds."""

    permit_id = UUID()
    person_id = UUID()
    anniversary = Date()
    endorsed_on = Date()
    covers_until = Date()
    on_time = Boolean()
    endorsed_by = UUID(default=None, null=True)
