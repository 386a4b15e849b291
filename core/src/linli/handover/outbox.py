"""Putting messages down for the other place, in the transaction of what they tell of; trying dead ones again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.handover.envelope import Kind, digest_of, message_bytes, written
from linli.handover.errors import NothingToRetry, TooManyUpdates
from linli.handover.signing import signer
from linli.handover.tables import Message, Offered, Received
from linli.ids import new_id
from linli.queues.revive import revive_row

MESSAGES_MAX: Final = 1_000
_NUMBER: Final = """
select coalesce(max(sequence), 0) + 1 from handover_message
where tenant_id = $1 and exchange_id = $2 and direction = 'out'"""
_QUEUE: Final = "insert into handover_delivery (tenant_id, id, next_attempt_at) values ($1, $2, $3)"
_UNSENT: Final = """
select d.id from handover_delivery d join handover_message m on m.tenant_id = $1 and m.id = d.id
where d.tenant_id = $1 and d.status <> 'done' and m.exchange_id = $2 and m.direction = 'out' and m.kind = any($3)
order by m.sequence limit $4 for update of d"""
_UNSEND: Final = "delete from handover_delivery where tenant_id = $1 and id = any($2) returning id"
_MESSAGES: Final = "select * from handover_message where tenant_id = $1 and id = any($2) order by id"
_DEAD: Final = """
select d.id from handover_delivery d join handover_message m on m.tenant_id = $1 and m.id = d.id
where d.tenant_id = $1 and d.status = 'dead' and m.exchange_id = $2 order by d.id limit $3"""


async def send(ctx: Context, record: Offered | Received, kind: Kind, said: Mapping[str, object]) -> Message:
    """Sign a message and put it down; it goes once the transaction is committed.

    `record` is locked by the caller, so that numbers follow one another. Raises: TooManyUpdates, TooLong.
    """
    sequence: int = await ctx.db.fetchval(_NUMBER, ctx.tenant_id, record.exchange_id)
    if sequence > MESSAGES_MAX and kind is not Kind.REVOKE:
        raise TooManyUpdates(limit=MESSAGES_MAX)
    content, key, message_id = written(said), await signer(ctx), new_id()
    digest, now = digest_of(content), ctx.now()
    header = message_bytes(
        message_id=message_id,
        exchange_id=record.exchange_id,
        sequence=sequence,
        kind=kind,
        sender=ctx.tenant.slug,
        recipient=record.counterpart_slug,
        sent_at=now,
        digest=digest,
    )
    message = await rows.insert(
        ctx,
        Message,
        action="send",
        direction="out",
        exchange_id=record.exchange_id,
        counterpart_slug=record.counterpart_slug,
        message_id=message_id,
        sequence=sequence,
        kind=kind.value,
        content=content,
        digest=digest,
        sent_at=now,
        key_id=key.key_id,
        public_key=key.public_key,
        signature=key.sign(header),
    )
    await ctx.db.execute(_QUEUE, ctx.tenant_id, message.id, now)
    return message


async def unsend(ctx: Context, exchange_id: UUID, kinds: Sequence[Kind]) -> None:
    """Never send what of these kinds is not acknowledged yet; one that is just under way is waited for."""
    names = [kind.value for kind in kinds]
    found = await ctx.db.fetch(_UNSENT, ctx.tenant_id, exchange_id, names, MESSAGES_MAX)
    gone = await ctx.db.fetch(_UNSEND, ctx.tenant_id, [row["id"] for row in found])
    for row in await ctx.db.fetch(_MESSAGES, ctx.tenant_id, [row["id"] for row in gone]):
        await rows.update(ctx, rows.from_record(Message, row), action="void", state="void")


async def retry(ctx: Context, record: Offered | Received) -> int:
    """Put the dead messages of a hand-over up for a full round of attempts; gives their number.

    The caller has the record from `offered_for` or `received_for`, which ask for the permission.
    Raises: NothingToRetry.
    """
    dead = await ctx.db.fetch(_DEAD, ctx.tenant_id, record.exchange_id, MESSAGES_MAX)
    if not dead:
        raise NothingToRetry()
    for row in dead:
        await revive_row(ctx, "handover_delivery", "next_attempt_at", row["id"])
    return len(dead)
