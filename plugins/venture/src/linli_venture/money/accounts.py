"""The plugin's accounts in the ledger, in fen; all of them together add up to zero.

`venture_given` is where a source's money comes from and goes below zero; `venture_fund` is what is left of it, and
what of that is reserved for grants; `venture_grantee` is what a grant was paid and has not accounted for;
`venture_settled` is the tenant's, and takes what was accounted for.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Place, ledger

GIVEN: Final = "venture_given"
FUND: Final = "venture_fund"
GRANTEE: Final = "venture_grantee"
SETTLED: Final = "venture_settled"
ROLES: Final = (GIVEN, FUND, GRANTEE, SETTLED)

_WHOLE: Final = Place(None, "")


async def given(ctx: Context, source_id: UUID, place: Place) -> UUID:
    """The account that a source's money comes from."""
    return await _of_other(ctx, GIVEN, source_id, place, may_be_negative=True)


async def fund(ctx: Context, source_id: UUID, place: Place) -> UUID:
    """The account that holds a source's money."""
    return await _of_other(ctx, FUND, source_id, place)


async def grantee(ctx: Context, grant_id: UUID, place: Place) -> UUID:
    """The account of what a grant was paid and has not accounted for."""
    return await _of_other(ctx, GRANTEE, grant_id, place)


async def settled(ctx: Context) -> UUID:
    """The account that takes what was accounted for."""
    owner = ledger.Owner(ledger.OwnerKind.TENANT, ctx.tenant_id)
    made = await ledger.account(ctx, owner, unit=ledger.Unit.CNY, role=SETTLED, place=_WHOLE)
    return made.id


async def _of_other(
    ctx: Context, role: str, owner_id: UUID, place: Place, *, may_be_negative: bool = False
) -> UUID:
    owner = ledger.Owner(ledger.OwnerKind.OTHER, owner_id)
    made = await ledger.account(
        ctx, owner, unit=ledger.Unit.CNY, role=role, place=place, may_be_negative=may_be_negative
    )
    return made.id
