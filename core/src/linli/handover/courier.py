"""The queue of messages: each is taken in the sender's transaction, carried over, and its receipt noted."""

from __future__ import annotations

from functools import partial
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.events import publish
from linli.handover.carrier import Carrier
from linli.handover.ending import PURPOSE
from linli.handover.envelope import Envelope, Kind, Receipt, receipt_bytes
from linli.handover.errors import BadSignature, ContentGone
from linli.handover.events import Undeliverable
from linli.handover.signing import fits
from linli.handover.tables import Message, Offered
from linli.identity import people
from linli.privacy.consents import require_consent
from linli.queues.work import Item

ATTEMPTS_MAX: Final = 20
TIMEOUT_S: Final = 20.0
_TAKE: Final = """
select id, attempts from handover_delivery
where tenant_id = $1 and status = 'pending' and next_attempt_at <= $2
order by next_attempt_at, id limit 1 for update skip locked"""


class Messages:
    """The messages to be delivered, as a source of work: tried 20 times in about nine hours, then dead."""

    table = "handover_delivery"
    moment = "next_attempt_at"

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier

    async def take(self, ctx: Context) -> Item | None:
        """Lock one due delivery."""
        row = await ctx.db.fetchrow(_TAKE, ctx.tenant_id, ctx.now())
        if row is None:
            return None
        return Item(
            id=row["id"],
            name="handover.deliver",
            attempts=row["attempts"],
            attempts_max=ATTEMPTS_MAX,
            timeout_s=TIMEOUT_S,
            run=partial(_carry, self._carrier, row["id"]),
            given_up=partial(_give_up, row["id"]),
        )


async def _carry(carrier: Carrier, row_id: UUID, ctx: Context) -> None:
    ctx.request_id, ctx.reason = f"handover:{row_id}", "handover.deliver"
    message = await rows.get(ctx, Message, row_id)
    if message.kind in (Kind.OFFER, Kind.UPDATE):
        await _require_consent(ctx, message)
    content = await decrypt(ctx, message, "content")
    if content is None:
        raise ContentGone()
    envelope = _envelope(ctx, message, content)
    receipt = await carrier.deliver(envelope, ctx.tenant, message.public_key)
    key = await carrier.key_of(envelope.recipient, receipt.key_id)
    if receipt.message_id != envelope.message_id or not _proves(receipt, envelope, key):
        raise BadSignature(what="receipt")
    await rows.update(
        ctx,
        message,
        action="acknowledge",
        state="acknowledged",
        receipt_at=receipt.received_at,
        receipt_key_id=receipt.key_id,
        receipt_public_key=key,
        receipt_signature=receipt.signature,
    )


async def _require_consent(ctx: Context, message: Message) -> None:
    """A consent that ended a moment ago counts, though the hand-over is not ended yet."""
    record = await rows.find_by(ctx, Offered, exchange_id=message.exchange_id)
    if record is None:
        raise ContentGone()
    person = await people.present_entry(ctx, record.person_id)
    await require_consent(ctx, person.id, PURPOSE)


async def _give_up(row_id: UUID, ctx: Context, error_code: str) -> None:
    await publish(ctx, Undeliverable(message_row_id=row_id, error_code=error_code[:100]))


def _envelope(ctx: Context, message: Message, content: str) -> Envelope:
    return Envelope(
        message_id=message.message_id,
        exchange_id=message.exchange_id,
        sequence=message.sequence,
        kind=Kind(message.kind),
        sender=ctx.tenant.slug,
        recipient=message.counterpart_slug,
        sent_at=message.sent_at,
        digest=message.digest,
        key_id=message.key_id,
        signature=message.signature,
        content=content,
    )


def _proves(receipt: Receipt, envelope: Envelope, key: bytes) -> bool:
    said = receipt_bytes(
        message_id=envelope.message_id,
        recipient=envelope.recipient,
        digest=envelope.digest,
        received_at=receipt.received_at,
    )
    return fits(key, receipt.signature, said)
