"""Tables of hand-overs. Each tenant has its own side of one; `exchange_id` is all that the sides' rows share."""

from __future__ import annotations

from piccolo.columns import UUID, Array, Bytea, Integer, Text, Timestamptz

from linli.db.encryption import EncryptedText
from linli.db.tables import AreaTable, TenantTable

CONTENT_CHARACTERS_MAX = 60_000


class Offered(AreaTable, tablename="handover_offered"):
    """A hand-over to another place, on the side that offers it. It lies where the person lived then."""

    exchange_id = UUID()
    person_id = UUID()
    counterpart_slug = Text()
    counterpart_name = Text()
    fields = Array(base_column=Text())
    purpose = Text()
    state = Text(default="offered")
    offered_at = Timestamptz()
    offered_by = UUID(default=None, null=True)
    expires_at = Timestamptz()
    decided_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_by = Text(default=None, null=True)
    reason = Text(default="")


class Received(AreaTable, tablename="handover_received"):
    """A hand-over from another place, on the side that receives it; of the whole tenant until it is accepted."""

    exchange_id = UUID()
    person_id = UUID(default=None, null=True)
    counterpart_slug = Text()
    counterpart_name = Text()
    fields = Array(base_column=Text())
    purpose = Text()
    state = Text(default="offered")
    received_at = Timestamptz()
    expires_at = Timestamptz()
    decided_at = Timestamptz(default=None, null=True)
    decided_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
    ended_by = Text(default=None, null=True)
    reason = Text(default="")


class Message(TenantTable, tablename="handover_message"):
    """A message that was sent (`out`) or came in (`in`), and the receipt that was had or given for it.

    A sent one is pending, acknowledged or void (never to be sent); one that came in is pending while an earlier
    one is missing, then applied or ignored. An emptied `content` leaves the digest, which is what was signed.
    Keys and signatures are no secrets; they are only left out of the audit trail.
    """

    direction = Text()
    exchange_id = UUID()
    counterpart_slug = Text()
    message_id = UUID()
    sequence = Integer()
    kind = Text()
    state = Text(default="pending")
    content = EncryptedText(purpose="handover.content", limit=CONTENT_CHARACTERS_MAX)
    digest = Bytea(secret=True)
    sent_at = Timestamptz()
    key_id = UUID()
    public_key = Bytea(secret=True)
    signature = Bytea(secret=True)
    receipt_at = Timestamptz(default=None, null=True)
    receipt_key_id = UUID(default=None, null=True)
    receipt_public_key = Bytea(default=None, null=True, secret=True)
    receipt_signature = Bytea(default=None, null=True, secret=True)
    ended_at = Timestamptz(default=None, null=True)


class Delivery(TenantTable, tablename="handover_delivery"):
    """The way of a sent message, under the id of its row: pending, done or dead."""

    status = Text(default="pending")
    attempts = Integer(default=0)
    next_attempt_at = Timestamptz()
    finished_at = Timestamptz(default=None, null=True)
    error_code = Text(default="")


class SigningKey(TenantTable, tablename="handover_key"):
    """What the tenant signs with. The private half is encrypted under the tenant's data key."""

    public_key = Bytea(secret=True)
    private_key = EncryptedText(purpose="handover.signing", limit=64, secret=True)
    state = Text(default="current")


class PublicKey(TenantTable, tablename="handover_public_key"):
    """The public half of a key, in the catalogue's database, under the key's id. Rows are only ever added."""

    public_key = Bytea(secret=True)
