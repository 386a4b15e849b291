"""Accounts: opened when they are first needed, closed when they are empty, placed where their owner lies."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context
from linli.db import rows
from linli.identity.places import Place
from linli.ids import new_id
from linli.ledger.errors import AccountNotEmpty, explained
from linli.ledger.tables import Account

STRIPES_MAX: Final = 64
_PAGE: Final = 500

_OPEN: Final = """
insert into ledger_account (tenant_id, id, area_id, area_path, unit, role, owner_kind, owner_id, period,
    may_be_negative)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
on conflict (tenant_id, unit, role, owner_id, period) do nothing returning *"""
_BALANCE: Final = """
select case when a.stripes = 0 then a.available else s.available end as available,
    case when a.stripes = 0 then a.reserved else s.reserved end as reserved
from ledger_account a left join lateral (
    select sum(available)::bigint as available, sum(reserved)::bigint as reserved
    from ledger_stripe where tenant_id = $1 and account_id = a.id) s on a.stripes > 0
where a.tenant_id = $1 and a.id = $2"""
# In the order in which `app.ledger_post` takes them.
_ELSEWHERE: Final = """
select * from ledger_account where tenant_id = $1 and owner_id = $2 and area_id is distinct from $3
order by stripes = 0, id limit $4 for no key update"""


class Unit(StrEnum):
    """What is counted; amounts are whole numbers of its smallest part."""

    POINTS = "points"
    CNY = "CNY"
    """Yuan, counted in fen."""


class OwnerKind(StrEnum):
    """What an owner is."""

    PERSON = "person"
    HOUSEHOLD = "household"
    ORGANISATION = "organisation"
    AREA = "area"
    TENANT = "tenant"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose account it is."""

    kind: OwnerKind
    id: UUID


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account holds, in the unit's smallest part: what can be spent, and what is set aside."""

    available: int
    reserved: int

    @property
    def total(self) -> int:
        """Both together."""
        return self.available + self.reserved


async def account(
    ctx: Context,
    owner: Owner,
    *,
    unit: Unit,
    role: str,
    place: Place,
    period: str = "",
    may_be_negative: bool = False,
) -> Account:
    """The account of an owner in a role; it is opened at `place` when there is none yet.

    The tree must be held (`place_for`, `in_place`). An account that is there already stays as it is.
    """
    found = await find_account(ctx, owner.id, unit=unit, role=role, period=period)
    if found is not None:
        return found
    row = await ctx.db.fetchrow(
        _OPEN, ctx.tenant_id, new_id(), place.area_id, place.area_path, unit.value, role,
        owner.kind.value, owner.id, period, may_be_negative,
    )  # fmt: skip
    if row is None:  # another transaction opened it meanwhile, and has committed
        found = await find_account(ctx, owner.id, unit=unit, role=role, period=period)
        assert found is not None
        return found
    made = rows.from_record(Account, row)
    await record(ctx, Change("open", "ledger_account", made.id, before=None, after=rows.snapshot(made)))
    return made


async def find_account(
    ctx: Context, owner_id: UUID, *, unit: Unit, role: str, period: str = ""
) -> Account | None:
    """The account of an owner in a role, or None."""
    return await rows.find_by(ctx, Account, unit=unit.value, role=role, owner_id=owner_id, period=period)


async def balance(ctx: Context, account_id: UUID) -> Balance:
    """What an account holds now, its own postings of this transaction included; nothing for an unknown one."""
    row = await ctx.db.fetchrow(_BALANCE, ctx.tenant_id, account_id)
    return Balance(row["available"] or 0, row["reserved"] or 0) if row is not None else Balance(0, 0)


async def close(ctx: Context, account_id: UUID) -> Account:
    """Let an account take no more postings. Raises: NotFound, AccountNotEmpty."""
    if (await rows.get(ctx, Account, account_id)).stripes:
        await set_stripes(ctx, account_id, 0)  # before the account is locked: who posts has a stripe first
    found = await rows.get(ctx, Account, account_id, lock=True)
    if found.state == "closed":
        return found
    held = await balance(ctx, account_id)
    if held != Balance(0, 0) or found.stripes:
        raise AccountNotEmpty(available=held.available, reserved=held.reserved)
    return await rows.update(ctx, found, action="close", state="closed")


async def reopen(ctx: Context, account_id: UUID) -> Account:
    """Let a closed account take postings again, when what closed it was undone; an open one stays as it is.

    Raises: NotFound.
    """
    found = await rows.get(ctx, Account, account_id, lock=True)
    if found.state == "open":
        return found
    return await rows.update(ctx, found, action="reopen", state="open")


async def relocate(ctx: Context, owner_id: UUID, place: Place) -> None:
    """Put an owner's accounts where the owner lies now; postings stay where they were made. The tree must be held."""
    while found := await ctx.db.fetch(_ELSEWHERE, ctx.tenant_id, owner_id, place.area_id, _PAGE):
        for row in found:
            account = rows.from_record(Account, row)
            await rows.update(ctx, account, action="move", area_id=place.area_id, area_path=place.area_path)


async def set_stripes(ctx: Context, account_id: UUID, count: int) -> None:
    """Keep the balance of an account in `count` stripes (0 to 64), so that as many can post at once; 0 joins them.

    Raises: NotFound, AccountClosed, BalanceOutOfRange, ValueError.
    """
    if not 0 <= count <= STRIPES_MAX:
        raise ValueError(f"{count} stripes; there can be 0 to {STRIPES_MAX}")
    found = await rows.get(ctx, Account, account_id)
    with explained():
        await ctx.db.execute("select app.ledger_set_stripes($1, $2, $3)", ctx.tenant_id, account_id, count)
    change = Change(
        "stripe", "ledger_account", account_id, before={"stripes": found.stripes}, after={"stripes": count}
    )
    await record(ctx, change)
