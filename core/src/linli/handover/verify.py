"""Checking, at any later time, that what was handed over is what was signed, on one side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.errors import LinliError
from linli.handover.envelope import digest_of, message_bytes, receipt_bytes
from linli.handover.signing import fits
from linli.handover.tables import Message

BATCH: Final = 500
FAULTS_MAX: Final = 1_000
_NEXT: Final = "select * from handover_message where tenant_id = $1 and id > $2 order by id limit $3"


@dataclass(frozen=True, slots=True)
class Fault:
    """A message that is not what was signed: its row, and what does not fit."""

    message_row_id: UUID
    what: str


@dataclass(slots=True)
class Verdict:
    """What was found: messages checked, those whose content was emptied, and faults (1,000 at most)."""

    checked: int = 0
    emptied: int = 0
    faults: list[Fault] = field(default_factory=list)


async def verify(ctx: Context, keys: Mapping[UUID, bytes]) -> Verdict:
    """Check every message of the tenant's side. `keys` are the public keys of the catalogue, by their ids.

    An emptied content is none of the faults: its digest is what was signed.
    """
    verdict, last = Verdict(), UUID(int=0)
    while len(verdict.faults) < FAULTS_MAX:
        found = await ctx.db.fetch(_NEXT, ctx.tenant_id, last, BATCH)
        for row in found:
            message = rows.from_record(Message, row)
            verdict.checked += 1
            verdict.emptied += message.content is None
            verdict.faults += [Fault(message.id, what) for what in await _faults(ctx, message, keys)]
            last = message.id
        if len(found) < BATCH:
            break
    return verdict


async def _faults(ctx: Context, message: Message, keys: Mapping[UUID, bytes]) -> list[str]:
    own, other = ctx.tenant.slug, message.counterpart_slug
    sender, recipient = (own, other) if message.direction == "out" else (other, own)
    header = message_bytes(
        message_id=message.message_id,
        exchange_id=message.exchange_id,
        sequence=message.sequence,
        kind=message.kind,
        sender=sender,
        recipient=recipient,
        sent_at=message.sent_at,
        digest=message.digest,
    )
    faults = []
    if not fits(message.public_key, message.signature, header):
        faults.append("signature")
    if keys.get(message.key_id, message.public_key) != message.public_key:
        faults.append("key")
    if message.content is not None and not await _content_fits(ctx, message):
        faults.append("content")
    return faults + _receipt_faults(message, recipient, keys)


async def _content_fits(ctx: Context, message: Message) -> bool:
    try:
        content = await decrypt(ctx, message, "content")
    except LinliError:
        return False
    return content is not None and digest_of(content) == message.digest


def _receipt_faults(message: Message, recipient: str, keys: Mapping[UUID, bytes]) -> list[str]:
    if not message.receipt_at:
        return []
    key, signature, key_id = (
        message.receipt_public_key,
        message.receipt_signature,
        message.receipt_key_id,
    )
    if not (key and signature and key_id):
        return ["receipt"]
    said = receipt_bytes(
        message_id=message.message_id,
        recipient=recipient,
        digest=message.digest,
        received_at=message.receipt_at,
    )
    known = keys.get(key_id, key) == key
    return [] if known and fits(key, signature, said) else ["receipt"]
