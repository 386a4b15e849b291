"""Services for a person: offered, booked by the person, delivered and counted.

There is no column for what was said or found: whoever provides a service keeps its record.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Facts, Required, checks, hold_tree, is_self, publish, rows
from linli_migrants.access import active_person
from linli_migrants.tables import Stay
from linli_migrants.visit_errors import (
    NotOnFile,
    OnlyByThePerson,
    OwnDelivery,
    ServiceNotOffered,
    ServiceOpen,
)
from linli_migrants.visit_events import ServiceDelivered
from linli_migrants.visit_states import DELIVERY, DeliveryState, ServiceState
from linli_migrants.visit_tables import Delivery, Service
from linli_migrants.visits import require_for, visible_or_own

READ: Final = "migrants.service.read"
WRITE: Final = "migrants.service.write"
OWN: Final = "migrants.own.service"
_STAY: Final = "select * from migrants_stay where tenant_id = $1 and person_id = $2 and state = 'active'"
_OPEN: Final = """
select id from migrants_delivery
where tenant_id = $1 and person_id = $2 and service_id = $3 and state in ('offered', 'booked') limit 1"""


async def offer(ctx: Context, *, service_id: UUID, person_id: UUID) -> Delivery:
    """Offer a service to somebody on file.

    Raises: NotFound, PermissionDenied, PersonNotActive, NotOnFile, ServiceNotOffered, ServiceOpen.
    """
    return await _begin(ctx, service_id, person_id, DeliveryState.OFFERED)


async def book(ctx: Context, *, service_id: UUID, person_id: UUID | None = None) -> Delivery:
    """Book a service that nobody offered before, for oneself or for somebody on file.

    Raises: as `offer`; Required, OnlyByThePerson.
    """
    who = person_id or ctx.actor.person_id
    if who is None:
        raise Required(path=("person_id",))
    return await _begin(ctx, service_id, who, DeliveryState.BOOKED)


async def accept(ctx: Context, delivery_id: UUID, *, expected_version: int | None = None) -> Delivery:
    """Book a service that was offered.

    Raises: NotFound, PermissionDenied, OnlyByThePerson, UndefinedTransition, StaleVersion.
    """
    delivery = await visible_or_own(ctx, Delivery, delivery_id, READ)
    require_for(ctx, delivery, WRITE, OWN)
    return await _step(ctx, delivery, "book", expected_version, booked_at=ctx.now())


async def deliver(
    ctx: Context, delivery_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Delivery:
    """The service was delivered on that day (today by default).

    Raises: NotFound, PermissionDenied, OwnDelivery, FutureDate, OnlyByThePerson, UndefinedTransition, StaleVersion.
    """
    delivery = await visible_or_own(ctx, Delivery, delivery_id, READ)
    ctx.require(WRITE, delivery.area_path)
    if is_self(ctx, delivery.person_id):
        raise OwnDelivery()
    delivery = await _step(
        ctx,
        delivery,
        "deliver",
        expected_version,
        delivered_on=checks.not_future(ctx, on or ctx.today(), "on"),
        delivered_by=ctx.actor.id,
        ended_at=ctx.now(),
    )
    await publish(ctx, ServiceDelivered(delivery_id=delivery.id))
    return delivery


async def cancel(ctx: Context, delivery_id: UUID, *, expected_version: int | None = None) -> Delivery:
    """The person does not want the service, or it cannot be given; no reason is asked for.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    delivery = await visible_or_own(ctx, Delivery, delivery_id, READ)
    require_for(ctx, delivery, WRITE, OWN)
    return await _step(ctx, delivery, "cancel", expected_version, ended_at=ctx.now())


async def _begin(ctx: Context, service_id: UUID, person_id: UUID, state: DeliveryState) -> Delivery:
    await hold_tree(ctx)
    service = await rows.get(ctx, Service, service_id)
    person = await active_person(ctx, person_id, WRITE)
    row = await ctx.db.fetchrow(_STAY, ctx.tenant_id, person.id)
    if row is None:
        raise NotOnFile(path=("person_id",))
    stay = rows.from_record(Stay, row)
    own = is_self(ctx, person.id)
    if state is DeliveryState.OFFERED or not (own and ctx.can(OWN)):
        ctx.require(WRITE, stay.area_path)
    if service.state != ServiceState.ACTIVE:
        raise ServiceNotOffered(path=("service_id",))
    if state is DeliveryState.BOOKED and service.only_by_person and not own:
        raise OnlyByThePerson(path=("person_id",))
    if await ctx.db.fetchval(_OPEN, ctx.tenant_id, person.id, service.id) is not None:
        raise ServiceOpen(path=("service_id",))
    return await rows.insert(
        ctx,
        Delivery,
        action="book" if state is DeliveryState.BOOKED else "offer",
        area_id=stay.area_id,
        area_path=stay.area_path,
        service_id=service.id,
        person_id=person.id,
        stay_id=stay.id,
        state=state.value,
        booked_at=ctx.now() if state is DeliveryState.BOOKED else None,
    )


async def _step(
    ctx: Context, delivery: Delivery, action: str, expected_version: int | None, **changes: object
) -> Delivery:
    service = await rows.get(ctx, Service, delivery.service_id)
    values = {"only_by_person": service.only_by_person, "is_own": is_self(ctx, delivery.person_id)}
    facts = Facts(actor_id=ctx.actor.id, subject=delivery, values=values)
    state = DELIVERY.apply(delivery.state, action, facts)
    return await rows.update(
        ctx, delivery, action=action, expected_version=expected_version, state=state, **changes
    )
