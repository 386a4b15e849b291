"""The tables of the exchange with the issuing authority. `migrations/m0004_exchange.py` has their keys and checks."""

from __future__ import annotations

from piccolo.columns import UUID, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable, EncryptedText, TenantTable


class Message(AreaTable, tablename="migrants_message"):
    """An application as it is told to the authority. Its id is the message's; sent again it is the same message."""

    application_id = UUID()
    person_id = UUID()
    sequence = Integer(help_text="1 for the first forwarding of an application")
    body = EncryptedText(purpose="migrants.exchange", limit=8_000)
    state = Text(default="queued")
    attempts = Integer(default=0)
    due_at = Timestamptz()
    sent_at = Timestamptz(default=None, null=True)
    answered_at = Timestamptz(default=None, null=True)
    error_code = Text(default="")


class Answer(AreaTable, tablename="migrants_answer"):
    """An answer of the authority, kept once under the id that it has there; lies where its application does."""

    answer_key = Text()
    number = Text(help_text="of the application, as the authority says it")
    application_id = UUID(default=None, null=True)
    person_id = UUID(default=None, null=True)
    kind = Text()
    body = EncryptedText(purpose="migrants.exchange", limit=8_000)
    state = Text()
    error_code = Text(default="")
    note = Text(default="")
    settled_by = UUID(default=None, null=True)


class Reconciliation(TenantTable, tablename="migrants_reconciliation"):
    """What a comparison with the authority's list found: how many applications are where."""

    run_on = Date()
    compared = Integer()
    agreed = Integer()
    resent = Integer()
    asked_again = Integer()
    waiting = Integer()
    set_aside = Integer()
    failed = Integer()
