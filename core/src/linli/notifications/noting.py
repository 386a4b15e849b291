"""What came of deliveries: done, tried again, an address that does not work, or given up."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from linli.context import Context
from linli.db import rows
from linli.notifications.channel import Bounced, Outcome, Retry
from linli.notifications.parcels import Parcel
from linli.notifications.tables import Address
from linli.notifications.turns import take_turns
from linli.queues.work import backoff

ATTEMPTS_MAX: Final = 10
AFTER_MAX: Final = timedelta(days=1)
_CODE: Final = re.compile(r"[A-Za-z0-9_.]{1,60}")
_NOTE: Final = """
update notifications_delivery d set status = n.status, due_at = n.due_at, finished_at = n.finished_at,
    error_code = n.code, address_masked = n.masked, version = d.version + 1, updated_at = now()
from unnest($2::uuid[], $3::integer[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[])
    n(id, attempts, status, due_at, finished_at, code, masked)
where d.tenant_id = $1 and d.id = n.id and d.status = 'pending' and d.attempts = n.attempts
returning d.id, d.person_id"""


@dataclass(frozen=True, slots=True)
class _Line:
    """What is written into the row of one delivery."""

    id: UUID
    attempts: int
    status: str
    due_at: datetime
    finished_at: datetime | None
    code: str
    masked: str


async def note(ctx: Context, done: Sequence[tuple[Parcel, Outcome | None]]) -> None:
    """Write down what came of parcels. A delivery that another worker has by now is left to it.

    So is one whose person was erased meanwhile, and no address of theirs is kept.
    """
    bounced = [
        (parcel, parcel.message, outcome.code)
        for parcel, outcome in done
        if isinstance(outcome, Bounced) and parcel.message is not None
    ]
    await take_turns(ctx, {parcel.person_id for parcel, _message, _code in bounced})
    lines = [line for parcel, outcome in done for line in _lines(ctx, parcel, outcome)]
    columns = [[getattr(line, name) for line in lines] for name in _Line.__slots__]
    written = {row["id"]: row["person_id"] for row in await ctx.db.fetch(_NOTE, ctx.tenant_id, *columns)}
    for parcel, message, code in bounced:
        if any(written.get(one.id) == parcel.person_id for one in parcel.taken):
            await _mark(ctx, parcel, message.address, _safe(code))


def _lines(ctx: Context, parcel: Parcel, outcome: Outcome | None) -> Iterable[_Line]:
    now = ctx.now()
    masked = parcel.via.mask(parcel.message.address) if parcel.via and parcel.message else ""
    for one in parcel.taken:
        status, due, code = _verdict(now, parcel, outcome, one.attempts)
        yield _Line(one.id, one.attempts, status, due, None if status == "pending" else now, code, masked)


def _verdict(
    now: datetime, parcel: Parcel, outcome: Outcome | None, attempts: int
) -> tuple[str, datetime, str]:
    match outcome:
        case None:
            return "skipped", now, parcel.skipped
        case Bounced(code):
            return "bounced", now, _safe(code)
        case Retry(code, after):
            wait = max(min(after, AFTER_MAX), backoff(attempts))
            return "dead" if attempts >= ATTEMPTS_MAX else "pending", now + wait, _safe(code)
        case _:
            return "done", now, ""


async def _mark(ctx: Context, parcel: Parcel, address: str, code: str) -> None:
    """Let the address be used no more until the person has another."""
    found = await rows.find_by(ctx, Address, person_id=parcel.person_id, channel=parcel.channel)
    changes: dict[str, Any] = {"bounced": address, "bounced_at": ctx.now(), "bounced_code": code}
    if found is None:
        await rows.insert(
            ctx, Address, action="bounce", person_id=parcel.person_id, channel=parcel.channel, **changes
        )
    else:
        await rows.update(ctx, found, action="bounce", **changes)


def _safe(code: str) -> str:
    """A code as it may be kept: a channel that puts anything else there has said nothing."""
    return code if _CODE.fullmatch(code) else "unnamed"
