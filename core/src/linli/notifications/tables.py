"""Tables of the notifications."""

from __future__ import annotations

from piccolo.columns import UUID, Boolean, Integer, Text, Timestamptz

from linli.db.encryption.columns import EncryptedText
from linli.db.tables import TenantTable


class Message(TenantTable, tablename="notifications_message"):
    """A message to a person: its type and the values of its placeholders. What it says is made when it is read."""

    person_id = UUID()
    type = Text()
    message_class = Text()
    dedupe_key = Text(help_text="what happened: one message of a type to a person for each")
    content = Text(help_text="the values of the placeholders, as a JSON object")
    sent_at = Timestamptz()
    read_at = Timestamptz(default=None, null=True)


class Delivery(TenantTable, tablename="notifications_delivery"):
    """A message on its way by one channel. Its address is masked; the whole one is read when it is handed over."""

    message_id = UUID()
    person_id = UUID()
    type = Text()
    channel = Text()
    status = Text(default="pending")
    digest = Boolean(default=False, help_text="bundled with the person's others of the day")
    attempts = Integer(default=0)
    due_at = Timestamptz(
        help_text="when it is tried next; while it is being tried, when another may take it up"
    )
    finished_at = Timestamptz(default=None, null=True)
    error_code = Text(default="")
    address_masked = Text(default="")


class Preference(TenantTable, tablename="notifications_preference"):
    """Whether a person wants messages of a class by a channel, where that is not the tenant's default."""

    person_id = UUID()
    message_class = Text()
    channel = Text()
    wanted = Boolean()


class Address(TenantTable, tablename="notifications_address"):
    """Where a person is reached by a channel, and which address turned out not to work.

    Without `address` the telephone of the register counts, for channels that use it.
    """

    person_id = UUID()
    channel = Text()
    address = EncryptedText(purpose="notifications.address", limit=254)
    bounced = EncryptedText(purpose="notifications.address", limit=254)
    bounced_at = Timestamptz(default=None, null=True)
    bounced_code = Text(default="")
