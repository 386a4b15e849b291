"""What can be done with pools, sources and receipts; each calls one service, which has the rules."""

from __future__ import annotations

from datetime import date

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import EXPECTED_VERSION, Amount, described, input_type, mutation, values_of
from linli_venture.graphql.money import VentureCarryOver, VenturePool, VentureReceipt, VentureSource
from linli_venture.money import carrying, pools, sources, tables
from linli_venture.money.terms import GiverKind, SourceKind

_POOL = {"id": "VenturePool"}
_RECEIPT = {"id": "VentureReceipt"}


@input_type
class OpenVenturePoolInput:
    """The pool of an area for a year."""

    area_id: strawberry.ID | None = described("Whose it is; null is the whole tenant.")
    title: str = described("What it is called; at most 100 characters.")
    year: int = described("For which year: from ten years back to the next.")
    purpose: str | None = described("What it is for; at most 1,000 characters.", optional=True)


@input_type
class CloseVenturePoolInput:
    """A pool whose calls and grants have all ended."""

    id: strawberry.ID = described("The pool.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AddVentureSourceInput:
    """A named source of a pool."""

    pool_id: strawberry.ID = described("The pool.")
    kind: SourceKind = described("The public budget, donations, or a special fund.")
    name: str = described("What it is called; at most 100 characters.")
    category: str | None = described(
        "The only category that it pays for; a special fund has one.", optional=True
    )
    terms: str | None = described("What the giver asked for; at most 1,000 characters.", optional=True)


@input_type
class ReceiveVentureMoneyInput:
    """Money that came in for a source."""

    source_id: strawberry.ID = described("The source.")
    giver_kind: GiverKind = described("Who gave; a person is not named.")
    giver: str | None = described("The office or unit, when it is not one of the register.", optional=True)
    organisation_id: strawberry.ID | None = described("The unit of the register that gave.", optional=True)
    person_id: strawberry.ID | None = described("The person of the register who gave.", optional=True)
    amount_fen: Amount = described("How much, in fen.")
    received_on: date = described("When; not in the future.")
    basis: str = described("The number of the document or bank voucher; at most 100 characters.")


@input_type
class CancelVentureReceiptInput:
    """Money that was recorded by mistake."""

    id: strawberry.ID = described("What was recorded.")
    reason: str = described("Why it is cancelled; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class CarryOverVentureMoneyInput:
    """What is left of a closed pool's source."""

    source_id: strawberry.ID = described("The source of a closed pool.")
    pool_id: strawberry.ID = described("The open pool that is to have it.")
    amount_fen: Amount | None = described("How much, in fen; all that is left by default.", optional=True)
    basis: str = described("The number of the decision; at most 100 characters.")
    reason: str = described("Why; at most 500 characters.")


@input_type
class CancelVentureCarryOverInput:
    """Money that was carried over by mistake."""

    id: strawberry.ID = described("What was carried over.")
    reason: str = described("Why it is cancelled; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@mutation(gives=VenturePool)
async def open_venture_pool(ctx: Context, input: OpenVenturePoolInput) -> tables.Pool:
    """Open the pool of an area for a year."""
    return await pools.open_pool(ctx, **values_of(input, ids={"area_id": "Area"}))


@mutation(gives=VenturePool)
async def close_venture_pool(ctx: Context, input: CloseVenturePoolInput) -> tables.Pool:
    """Let nothing more in or out of a pool whose calls and grants have all ended."""
    values = values_of(input, ids=_POOL)
    return await pools.close_pool(ctx, values.pop("id"), **values)


@mutation(gives=VentureSource)
async def add_venture_source(ctx: Context, input: AddVentureSourceInput) -> tables.Source:
    """Name a source of a pool."""
    return await sources.add(ctx, **values_of(input, ids={"pool_id": "VenturePool"}))


@mutation(gives=VentureReceipt)
async def receive_venture_money(ctx: Context, input: ReceiveVentureMoneyInput) -> tables.Receipt:
    """Record money that came in for a source, and post it."""
    ids = {"source_id": "VentureSource", "organisation_id": "Organisation", "person_id": "Person"}
    return await sources.receive(ctx, **values_of(input, ids=ids))


@mutation(gives=VentureReceipt)
async def cancel_venture_receipt(ctx: Context, input: CancelVentureReceiptInput) -> tables.Receipt:
    """Take back what was recorded by mistake; by somebody else, and only what is still there."""
    values = values_of(input, ids=_RECEIPT)
    return await sources.cancel(ctx, values.pop("id"), **values)


@mutation(gives=VentureCarryOver)
async def carry_over_venture_money(ctx: Context, input: CarryOverVentureMoneyInput) -> tables.CarryOver:
    """Carry what is left of a closed pool's source over into an open pool; it stays bound as it was."""
    ids = {"source_id": "VentureSource", "pool_id": "VenturePool"}
    return await carrying.carry_over(ctx, **values_of(input, ids=ids))


@mutation(gives=VentureCarryOver)
async def cancel_venture_carry_over(ctx: Context, input: CancelVentureCarryOverInput) -> tables.CarryOver:
    """Take back what was carried over by mistake; by somebody else, and only what is still there."""
    values = values_of(input, ids={"id": "VentureCarryOver"})
    return await carrying.cancel(ctx, values.pop("id"), **values)


MONEY_MUTATIONS = (
    open_venture_pool,
    close_venture_pool,
    add_venture_source,
    receive_venture_money,
    cancel_venture_receipt,
    carry_over_venture_money,
    cancel_venture_carry_over,
)
