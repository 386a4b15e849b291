"""Books for tests: a tenant with an account that may go below zero and two that may not."""

from __future__ import annotations

from uuid import UUID

from linli import ledger
from linli.context import Context
from linli.identity.places import Place
from linli.ids import new_id
from linli.ledger.verify import LedgerReport, verify
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench

_WHOLE = Place(None, "")


class Books:
    """The ids of the accounts, and the postings that most tests make."""

    def __init__(self, bench: Bench, tenant: Tenant, accounts: list[UUID]) -> None:
        self.bench, self.tenant = bench, tenant
        self.issuance, self.first, self.second = accounts

    async def give(
        self, ctx: Context, amount: int, *, to: UUID | None = None, key: str = ""
    ) -> ledger.Posted:
        """Put points into the first account, or another."""
        purpose = ledger.Purpose("test.given", key or str(new_id()))
        return await ledger.post(
            ctx, purpose, [ledger.Line(self.issuance, -amount), ledger.Line(to or self.first, amount)]
        )

    async def move(self, ctx: Context, amount: int) -> None:
        """Move points from the first account to the second, in a savepoint."""
        lines = [ledger.Line(self.first, -amount), ledger.Line(self.second, amount)]
        async with ctx.db.savepoint():
            await ledger.post(ctx, ledger.Purpose("test.moved", str(new_id())), lines)

    async def report(self) -> LedgerReport:
        """What `verify` finds."""
        return await verify(self.bench.database, self.tenant)


async def open_books(bench: Bench) -> Books:
    """A new tenant with its three accounts."""
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        accounts = [
            await open_account(ctx, "issuance", negative=True),
            await open_account(ctx, "holder"),
            await open_account(ctx, "holder"),
        ]
    return Books(bench, tenant, accounts)


async def open_account(
    ctx: Context,
    role: str,
    *,
    negative: bool = False,
    unit: ledger.Unit = ledger.Unit.POINTS,
    place: Place = _WHOLE,
    owner_id: UUID | None = None,
) -> UUID:
    """An account of a new owner, or of `owner_id`; gives its id."""
    owner = ledger.Owner(ledger.OwnerKind.PERSON, owner_id or new_id())
    made = await ledger.account(ctx, owner, unit=unit, role=role, place=place, may_be_negative=negative)
    return made.id
