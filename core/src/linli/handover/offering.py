"""The place of origin: offering a person's data with consent, and sending later changes of what was agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.counterparts import Counterpart
from linli.db import rows
from linli.events import publish
from linli.handover import events
from linli.handover.ending import OFFER, PURPOSE, offered_for
from linli.handover.envelope import Kind
from linli.handover.errors import (
    BadExpiry,
    NotAccepted,
    NothingChanged,
    OfferedAlready,
    OwnPlace,
    PersonGone,
    UnknownCounterpart,
)
from linli.handover.fields import chosen, read_values
from linli.handover.outbox import send
from linli.handover.reading import values_of
from linli.handover.tables import Offered
from linli.identity import checks, people
from linli.ids import new_id
from linli.privacy.consents import require_consent
from linli.privacy.persons import entries_of, person_for

DAYS: Final = 30
DAYS_MAX: Final = 90
PURPOSE_MAX: Final = 200
_OPEN: Final = """
select exists (select from handover_offered
    where tenant_id = $1 and person_id = any($2) and counterpart_slug = $3 and state in ('offered', 'accepted'))"""


async def offer(
    ctx: Context,
    person_id: UUID,
    *,
    counterpart: str,
    fields: Sequence[str],
    purpose: str,
    days: int = DAYS,
) -> Offered:
    """Offer chosen fields of a person, who consented, to another place, which has `days` to answer.

    Raises: NotFound, PermissionDenied, PersonGone, ConsentMissing, OwnPlace, UnknownCounterpart, OfferedAlready,
    UnknownField, TooManyFields, BadExpiry, BadProvider, Required, TooLong.
    """
    person = await person_for(ctx, person_id, OFFER, lock=True)
    if person.state == "merged":
        raise PersonGone()
    if not 1 <= days <= DAYS_MAX:
        raise BadExpiry(path=("days",), limit=DAYS_MAX)
    said = checks.line(purpose, "purpose", PURPOSE_MAX)
    agreed = chosen(ctx, fields)
    await require_consent(ctx, person_id, PURPOSE)
    slug, name = await _counterpart(ctx, person_id, counterpart)
    values = await read_values(ctx, person_id, agreed)
    now = ctx.now()
    record = await rows.insert(
        ctx,
        Offered,
        action="offer",
        area_id=person.area_id,
        area_path=person.area_path,
        exchange_id=new_id(),
        person_id=person_id,
        counterpart_slug=slug,
        counterpart_name=name,
        fields=agreed,
        purpose=said,
        offered_at=now,
        offered_by=ctx.actor.id,
        expires_at=now + timedelta(days=days),
    )
    content = {
        "name": ctx.tenant.name,
        "fields": agreed,
        "purpose": said,
        "expires_at": record.expires_at.isoformat(),
        "values": values,
    }
    await send(ctx, record, Kind.OFFER, content)
    await publish(ctx, events.Offered(offered_id=record.id, person_id=person_id))
    return record


async def send_update(ctx: Context, offered_id: UUID) -> Offered:
    """Send what has changed of the agreed fields since they were sent last.

    Raises: NotFound, PermissionDenied, NotAccepted, ConsentMissing, NothingChanged, TooManyUpdates, BadProvider.
    """
    record = await offered_for(ctx, offered_id)
    if record.state != "accepted":
        raise NotAccepted(state=record.state)
    person = await people.present_entry(ctx, record.person_id)
    await require_consent(ctx, person.id, PURPOSE)
    sent = await values_of(ctx, record.exchange_id, "out")
    present = await read_values(ctx, person.id, record.fields)
    changed = {name: value for name, value in present.items() if name not in sent or sent[name] != value}
    if not changed:
        raise NothingChanged()
    await send(ctx, record, Kind.UPDATE, {"values": changed})
    await publish(ctx, events.UpdateSent(offered_id=record.id, person_id=person.id))
    return record


async def counterparts(ctx: Context, part: str = "") -> Sequence[Counterpart]:
    """The places that accept hand-overs and have this in their name; at most 100. Raises: PermissionDenied."""
    ctx.require(OFFER)
    return await ctx.counterparts.listed(part[:PURPOSE_MAX], without=ctx.tenant.slug)


async def _counterpart(ctx: Context, person_id: UUID, slug: str) -> tuple[str, str]:
    if slug == ctx.tenant.slug:
        raise OwnPlace(path=("counterpart",))
    found = await ctx.counterparts.find(slug)
    if found is None:
        raise UnknownCounterpart(path=("counterpart",), counterpart=slug[:80])
    ids = list(await entries_of(ctx, person_id))
    if await ctx.db.fetchval(_OPEN, ctx.tenant_id, ids, found.slug):
        raise OfferedAlready(counterpart=found.name)
    return found.slug, found.name
