"""Taking messages in: checked, kept once, acknowledged, and applied in their order, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from linli.context import Context
from linli.db import rows
from linli.handover.effects import apply, ignore
from linli.handover.envelope import Envelope, Kind, Receipt, digest_of, receipt_bytes
from linli.handover.errors import BadMessage, BadSignature, MessageChanged, TooManyWaiting
from linli.handover.signing import fits, signer
from linli.handover.tables import Message

WAITING_MAX: Final = 100
_KNOWN: Final = """
select * from handover_message
where tenant_id = $1 and direction = 'in' and (message_id = $2
    or (counterpart_slug = $3 and exchange_id = $4 and sequence = $5)) limit 2"""
_STANDING: Final = """
select coalesce(max(sequence) filter (where state <> 'pending'), 0) as last,
    count(*) filter (where state = 'pending') as waiting, coalesce(bool_or(kind = 'revoke'), false) as revoked
from handover_message
where tenant_id = $1 and direction = 'in' and counterpart_slug = $2 and exchange_id = $3"""
_WAITING: Final = """
select * from handover_message
where tenant_id = $1 and direction = 'in' and counterpart_slug = $2 and exchange_id = $3 and state = 'pending'
order by sequence limit $4"""


@dataclass(frozen=True, slots=True)
class Taken:
    """The receipt for a message, and the public half of the key that signed it."""

    receipt: Receipt
    public_key: bytes


async def receive(ctx: Context, envelope: Envelope, public_key: bytes) -> Taken:
    """Take a message in, as the system of the receiving tenant; one that comes again gets the same receipt.

    `public_key` is what the catalogue has under the envelope's key for its sender. What comes early waits; a
    revocation waits for nothing, and after it nothing has an effect.
    Raises: BadSignature, BadMessage, MessageChanged, TooManyWaiting, NotAccepting.
    """
    _check(ctx, envelope, public_key)
    await ctx.db.take_turns(f"handover/{envelope.exchange_id}")
    known = await _known(ctx, envelope)
    if known is not None:
        return _taken(known)
    standing = await ctx.db.fetchrow(_STANDING, ctx.tenant_id, envelope.sender, envelope.exchange_id)
    assert standing is not None
    if standing["waiting"] >= WAITING_MAX:
        raise TooManyWaiting(limit=WAITING_MAX)
    message = await _kept(ctx, envelope, public_key)
    if standing["revoked"]:
        await ignore(ctx, message)
    elif envelope.kind is Kind.REVOKE:
        await apply(ctx, message)
        for waiting in await _waiting(ctx, envelope):
            await ignore(ctx, waiting)
    else:
        await _apply_in_order(ctx, envelope, standing["last"])
    return _taken(message)


async def _apply_in_order(ctx: Context, envelope: Envelope, last: int) -> None:
    for waiting in await _waiting(ctx, envelope):
        if waiting.sequence != last + 1:
            break
        await apply(ctx, waiting)
        last = waiting.sequence


def _check(ctx: Context, envelope: Envelope, public_key: bytes) -> None:
    if envelope.recipient != ctx.tenant.slug or envelope.sender == ctx.tenant.slug:
        raise BadMessage(reason="recipient")
    whole = digest_of(envelope.content) == envelope.digest
    if not whole or not fits(public_key, envelope.signature, envelope.header()):
        raise BadSignature(what="message")


async def _known(ctx: Context, envelope: Envelope) -> Message | None:
    found = await ctx.db.fetch(
        _KNOWN,
        ctx.tenant_id,
        envelope.message_id,
        envelope.sender,
        envelope.exchange_id,
        envelope.sequence,
    )
    if not found:
        return None
    message = rows.from_record(Message, found[0])
    same = (
        len(found) == 1
        and message.message_id == envelope.message_id
        and message.counterpart_slug == envelope.sender
        and message.signature == envelope.signature
    )
    if not same:
        raise MessageChanged()
    return message


async def _kept(ctx: Context, envelope: Envelope, public_key: bytes) -> Message:
    key, now = await signer(ctx), ctx.now()
    receipt = receipt_bytes(
        message_id=envelope.message_id, recipient=ctx.tenant.slug, digest=envelope.digest, received_at=now
    )
    return await rows.insert(
        ctx,
        Message,
        action="receive",
        direction="in",
        exchange_id=envelope.exchange_id,
        counterpart_slug=envelope.sender,
        message_id=envelope.message_id,
        sequence=envelope.sequence,
        kind=envelope.kind.value,
        content=envelope.content,
        digest=envelope.digest,
        sent_at=envelope.sent_at,
        key_id=envelope.key_id,
        public_key=public_key,
        signature=envelope.signature,
        receipt_at=now,
        receipt_key_id=key.key_id,
        receipt_public_key=key.public_key,
        receipt_signature=key.sign(receipt),
    )


async def _waiting(ctx: Context, envelope: Envelope) -> list[Message]:
    found = await ctx.db.fetch(
        _WAITING, ctx.tenant_id, envelope.sender, envelope.exchange_id, WAITING_MAX + 1
    )
    return [rows.from_record(Message, row) for row in found]


def _taken(message: Message) -> Taken:
    assert message.receipt_at is not None
    assert message.receipt_key_id is not None
    assert message.receipt_signature is not None
    assert message.receipt_public_key is not None
    receipt = Receipt(
        message.message_id, message.receipt_at, message.receipt_key_id, message.receipt_signature
    )
    return Taken(receipt, message.receipt_public_key)
