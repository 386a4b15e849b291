"""What can be done with services and their deliveries; each calls one service function."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_migrants import entitlements, services
from linli_migrants import visit_tables as tables
from linli_migrants.graphql.visit_inputs import (
    BookMigrantServiceInput,
    CreateMigrantServiceInput,
    DeliverMigrantServiceInput,
    MigrantServiceStepInput,
    OfferMigrantServiceInput,
    RenameMigrantServiceInput,
)
from linli_migrants.graphql.visit_nodes import MigrantService, MigrantServiceDelivery

_SERVICE = {"id": "MigrantService"}
_DELIVERY = {"id": "MigrantServiceDelivery"}
_NEW = {"service_id": "MigrantService", "person_id": "Person"}


@mutation(gives=MigrantService)
async def create_migrant_service(ctx: Context, input: CreateMigrantServiceInput) -> tables.Service:
    """Add a service of the tenant's own."""
    return await entitlements.create(ctx, **values_of(input, ids={}))


@mutation(gives=MigrantService)
async def rename_migrant_service(ctx: Context, input: RenameMigrantServiceInput) -> tables.Service:
    """Word a service anew."""
    values = values_of(input, ids=_SERVICE)
    return await entitlements.rename(ctx, values.pop("id"), **values)


@mutation(gives=MigrantService)
async def retire_migrant_service(ctx: Context, input: MigrantServiceStepInput) -> tables.Service:
    """A service is no longer offered."""
    values = values_of(input, ids=_SERVICE)
    return await entitlements.retire(ctx, values.pop("id"), **values)


@mutation(gives=MigrantService)
async def reopen_migrant_service(ctx: Context, input: MigrantServiceStepInput) -> tables.Service:
    """A service is offered again."""
    values = values_of(input, ids=_SERVICE)
    return await entitlements.reopen(ctx, values.pop("id"), **values)


@mutation(gives=MigrantServiceDelivery)
async def offer_migrant_service(ctx: Context, input: OfferMigrantServiceInput) -> tables.Delivery:
    """Offer a service to somebody on file."""
    return await services.offer(ctx, **values_of(input, ids=_NEW))


@mutation(gives=MigrantServiceDelivery)
async def book_migrant_service(ctx: Context, input: BookMigrantServiceInput) -> tables.Delivery:
    """Book a service, for oneself or for somebody on file."""
    return await services.book(ctx, **values_of(input, ids=_NEW))


@mutation(gives=MigrantServiceDelivery)
async def accept_migrant_service(ctx: Context, input: MigrantServiceStepInput) -> tables.Delivery:
    """Book a service that was offered."""
    values = values_of(input, ids=_DELIVERY)
    return await services.accept(ctx, values.pop("id"), **values)


@mutation(gives=MigrantServiceDelivery)
async def deliver_migrant_service(ctx: Context, input: DeliverMigrantServiceInput) -> tables.Delivery:
    """Note that a service was delivered."""
    values = values_of(input, ids=_DELIVERY)
    return await services.deliver(ctx, values.pop("id"), **values)


@mutation(gives=MigrantServiceDelivery)
async def cancel_migrant_service(ctx: Context, input: MigrantServiceStepInput) -> tables.Delivery:
    """Cancel a service that is not wanted, or cannot be given."""
    values = values_of(input, ids=_DELIVERY)
    return await services.cancel(ctx, values.pop("id"), **values)


SERVICE_MUTATIONS = (
    create_migrant_service,
    rename_migrant_service,
    retire_migrant_service,
    reopen_migrant_service,
    offer_migrant_service,
    book_migrant_service,
    accept_migrant_service,
    deliver_migrant_service,
    cancel_migrant_service,
)
