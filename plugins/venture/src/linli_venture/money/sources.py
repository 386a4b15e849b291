"""Sources of a pool, and what comes in for them: every fen is that of a named source, by a voucher.

Money that is restricted to a category is awarded for nothing else.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    Organisation,
    Person,
    Place,
    changeable,
    checks,
    decision_facts,
    in_place,
    ledger,
    new_id,
    rows,
    visible,
)
from linli_venture.money import accounts
from linli_venture.money.cancelling import cancelled
from linli_venture.money.checked import amount
from linli_venture.money.errors import (
    BasisUsed,
    GiverMismatch,
    PurposeMissing,
    SourceExists,
    TooManySources,
)
from linli_venture.money.pools import KIND, require_open
from linli_venture.money.states import RECEIPT
from linli_venture.money.tables import Pool, Receipt, Source
from linli_venture.money.terms import GiverKind, SourceKind

SOURCES_MAX: Final = 50
NAME_MAX: Final = 100
TERMS_MAX: Final = 1_000
BASIS_MAX: Final = 100
CATEGORY_MAX: Final = 40

_COUNT: Final = "select count(*) from venture_source where tenant_id = $1 and pool_id = $2"


async def add(
    ctx: Context,
    *,
    pool_id: UUID,
    kind: SourceKind,
    name: str,
    category: str | None = None,
    terms: str | None = None,
    source_id: UUID | None = None,
) -> Source:
    """Name a source of an open pool; `category` restricts its money, as it must for a special fund.

    Raises: NotFound, PermissionDenied, PoolClosed, Required, TooLong, UnknownValue, PurposeMissing,
    SourceExists, TooManySources.
    """
    pool = await _open_pool(ctx, pool_id)
    what = SourceKind(checks.one_of(kind, tuple(SourceKind), "kind"))
    called = checks.line(name, "name", NAME_MAX)
    restricted_to = _category(category, what)
    if await ctx.db.fetchval(_COUNT, ctx.tenant_id, pool.id) >= SOURCES_MAX:
        raise TooManySources(limit=SOURCES_MAX)
    own_id = source_id or new_id()
    place = Place(pool.area_id, pool.area_path)
    try:
        return await rows.insert(
            ctx,
            Source,
            action="add",
            id=own_id,
            area_id=pool.area_id,
            area_path=pool.area_path,
            pool_id=pool.id,
            kind=what.value,
            name=called,
            category=restricted_to,
            terms=checks.optional_line(terms, "terms", TERMS_MAX),
            given_account_id=await accounts.given(ctx, own_id, place),
            fund_account_id=await accounts.fund(ctx, own_id, place),
            opened_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise SourceExists(path=("name",)) from error


async def receive(
    ctx: Context,
    *,
    source_id: UUID,
    giver_kind: GiverKind,
    amount_fen: int,
    received_on: date,
    basis: str,
    giver: str | None = None,
    organisation_id: UUID | None = None,
    person_id: UUID | None = None,
) -> Receipt:
    """Record money that came in for a source, and post it; `basis` is the document's or bank voucher's number.

    Raises: NotFound, PermissionDenied, PoolClosed, AmountOutOfRange, FutureDate, Required, TooLong, GiverMismatch,
    BasisUsed.
    """
    source = await rows.get(ctx, Source, source_id)
    pool = await _open_pool(ctx, source.pool_id)
    fen = amount(amount_fen, "amount_fen")
    named = await _giver(ctx, giver_kind, giver, organisation_id, person_id)
    receipt_id = new_id()
    try:
        made = await rows.insert(
            ctx,
            Receipt,
            action="receive",
            id=receipt_id,
            area_id=pool.area_id,
            area_path=pool.area_path,
            source_id=source.id,
            pool_id=pool.id,
            giver_kind=giver_kind,
            giver=named,
            organisation_id=organisation_id,
            person_id=person_id,
            amount_fen=fen,
            received_on=checks.not_future(ctx, received_on, "received_on"),
            basis=checks.line(basis, "basis", BASIS_MAX),
            recorded_by=ctx.actor.id,
        )
    except Duplicate as error:
        raise BasisUsed(path=("basis",)) from error
    lines = (ledger.Line(source.given_account_id, -fen), ledger.Line(source.fund_account_id, fen))
    posted = await ledger.post(ctx, _purpose("received", receipt_id), lines)
    return await rows.update(ctx, made, action="post", entry_id=posted.entry_id)


async def cancel(
    ctx: Context, receipt_id: UUID, *, reason: str, expected_version: int | None = None
) -> Receipt:
    """Take back what was recorded by mistake; by somebody else, for a reason, and only what is still there.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, OwnWork, ReceiptSpent, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    seen = await in_place(ctx, Receipt, receipt_id)
    await changeable(ctx, Pool, seen.pool_id, KIND)
    receipt = await rows.get(ctx, Receipt, receipt_id, lock=True)
    state = RECEIPT.apply(receipt.state, "cancel", await decision_facts(ctx, receipt))
    return await cancelled(ctx, receipt, state, _purpose("cancelled", receipt.id, why), expected_version)


async def _open_pool(ctx: Context, pool_id: UUID) -> Pool:
    await in_place(ctx, Pool, pool_id)  # the tree first: accounts are opened in it
    return require_open(await changeable(ctx, Pool, pool_id, KIND), "pool_id")


async def _giver(
    ctx: Context,
    kind: GiverKind,
    giver: str | None,
    organisation_id: UUID | None,
    person_id: UUID | None,
) -> str:
    """The giver's name; empty for a person, of whom the register has it."""
    checks.one_of(kind, tuple(GiverKind), "giver_kind")
    unit = await rows.get(ctx, Organisation, organisation_id) if organisation_id else None
    person = await visible(ctx, Person, person_id, "identity.person.read") if person_id else None
    is_person = kind == GiverKind.PERSON
    if (is_person and (giver or unit)) or (not is_person and person):
        raise GiverMismatch(path=("giver",))
    if is_person:
        return ""
    return str(unit.name) if unit else checks.line(giver or "", "giver", checks.NAME_MAX)


def _category(category: str | None, kind: SourceKind) -> str:
    name = checks.optional_line(category, "category", CATEGORY_MAX)
    if not name and kind is SourceKind.SPECIAL_FUND:
        raise PurposeMissing(path=("category",))
    return name


def _purpose(word: str, receipt_id: UUID, reason: str = "") -> ledger.Purpose:
    return ledger.Purpose(
        kind=f"venture.money_{word}",
        key=f"venture.receipt:{receipt_id}:{word}",
        reason=reason,
        source_table="venture_receipt",
        source_id=receipt_id,
    )
