"""What the books say: a statement of one account, what a role holds, and the trial balance of all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.context import WHOLE_TENANT, Context
from linli.db import rows
from linli.errors import NotFound
from linli.identity.places import is_self
from linli.ledger.accounts import Balance, Unit, balance
from linli.ledger.errors import PeriodReversed
from linli.ledger.tables import Account

READ: Final = "ledger.account.read"
VERIFY: Final = "ledger.verify"
KINDS_MAX: Final = 200
ROLES_MAX: Final = 200

_OPENING: Final = """
select coalesce(sum(amount), 0)::bigint from ledger_posting
where tenant_id = $1 and account_id = $2 and posted_at < $3"""
_TURNOVER: Final = """
select entry_kind, part, coalesce(sum(amount) filter (where amount > 0), 0)::bigint as received,
    -coalesce(sum(amount) filter (where amount < 0), 0)::bigint as given, count(*) as postings
from ledger_posting where tenant_id = $1 and account_id = $2 and posted_at >= $3 and posted_at < $4
group by entry_kind, part order by entry_kind, part limit $5"""
_BALANCES: Final = """
    select a.role, a.available, a.reserved, a.id from ledger_account a
        where a.tenant_id = $1 and a.unit = $2 and a.stripes = 0{only}
    union all
    select a.role, sum(s.available), sum(s.reserved), a.id from ledger_account a
        join ledger_stripe s on s.tenant_id = $1 and s.account_id = a.id
        where a.tenant_id = $1 and a.unit = $2 and a.stripes > 0{only} group by a.role, a.id"""
_TRIAL: Final = f"""
select role, count(*) as accounts, sum(available)::bigint as available, sum(reserved)::bigint as reserved
from ({_BALANCES.format(only="")}) one
group by role order by role limit $3"""
_ONLY: Final = """
            and a.role = $3 and a.period = $4 and a.area_path >= $5::text and a.area_path < $5::text || '~'"""
_HOLDINGS: Final = f"""
select count(*) filter (where available + reserved <> 0) as accounts,
    coalesce(sum(available), 0)::bigint as available, coalesce(sum(reserved), 0)::bigint as reserved
from ({_BALANCES.format(only=_ONLY)}) one"""


@dataclass(frozen=True, slots=True)
class Turnover:
    """What one kind of entry brought to and took from a part of an account."""

    kind: str
    part: str
    received: int
    given: int
    postings: int


@dataclass(frozen=True, slots=True)
class Statement:
    """An account from the start of one day to the end of another, in the unit's smallest part.

    `opening` and `closing` are available and reserved together.
    """

    account_id: UUID
    from_day: date
    to_day: date
    opening: int
    closing: int
    turnovers: Sequence[Turnover]


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the accounts of a role hold together, in the unit's smallest part; `accounts` counts those with anything.

    A figure about the holdings of few accounts tells of their owners.
    """

    accounts: int
    available: int
    reserved: int

    @property
    def total(self) -> int:
        """Available and reserved together."""
        return self.available + self.reserved


@dataclass(frozen=True, slots=True)
class RoleBalance:
    """All accounts of a role together."""

    role: str
    accounts: int
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """The balances of a unit by the role of the account; they add up to zero when the books are right."""

    unit: Unit
    roles: Sequence[RoleBalance]

    @property
    def total(self) -> int:
        """The sum over all accounts."""
        return sum(one.available + one.reserved for one in self.roles)


async def visible_balance(ctx: Context, account_id: UUID) -> Balance:
    """What an account holds now; one's own, or by permission at its area. Raises: NotFound."""
    await _visible(ctx, account_id)
    return await balance(ctx, account_id)


async def statement(ctx: Context, account_id: UUID, *, from_day: date, to_day: date) -> Statement:
    """The statement of an account over days of the tenant's calendar, both included; one's own, or by permission.

    Raises: NotFound, PeriodReversed.
    """
    if to_day < from_day:
        raise PeriodReversed(path=("to_day",))
    await _visible(ctx, account_id)
    begin, end = ctx.start_of(from_day), ctx.start_of(to_day + timedelta(days=1))
    opening: int = await ctx.db.fetchval(_OPENING, ctx.tenant_id, account_id, begin)
    found_rows = await ctx.db.fetch(_TURNOVER, ctx.tenant_id, account_id, begin, end, KINDS_MAX)
    turnovers = [
        Turnover(row["entry_kind"], row["part"], row["received"], row["given"], row["postings"])
        for row in found_rows
    ]
    closing = opening + sum(one.received - one.given for one in turnovers)
    return Statement(account_id, from_day, to_day, opening, closing, turnovers)


async def holdings(
    ctx: Context, *, unit: Unit, role: str, period: str = "", area_path: str = WHOLE_TENANT
) -> Holdings:
    """What the accounts of a role and period hold now, in an area with all below it.

    Whoever calls has checked that the actor may know.
    """
    row = await ctx.db.fetchrow(_HOLDINGS, ctx.tenant_id, unit.value, role, period, area_path)
    assert row is not None
    return Holdings(row["accounts"], row["available"], row["reserved"])


async def trial_balance(ctx: Context, unit: Unit) -> TrialBalance:
    """The balances of all accounts of a unit by role, now. Raises: PermissionDenied."""
    ctx.require(VERIFY, WHOLE_TENANT)
    found = await ctx.db.fetch(_TRIAL, ctx.tenant_id, unit.value, ROLES_MAX)
    roles = [RoleBalance(row["role"], row["accounts"], row["available"], row["reserved"]) for row in found]
    return TrialBalance(unit, roles)


async def _visible(ctx: Context, account_id: UUID) -> None:
    found = await rows.get(ctx, Account, account_id)
    if not is_self(ctx, found.owner_id) and not ctx.can(READ, found.area_path):
        raise NotFound(kind="ledger_account")
