"""Grants: a role, held by an account, at an area, for a time.

Nobody grants to themselves, or more than they hold.
"""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.context import ActorKind, Context
from linli.db import rows
from linli.db.tables import table_name
from linli.errors import NotFound
from linli.events import publish
from linli.identity.authority import require_covers
from linli.identity.errors import EndsBeforeItBegins, GrantToSelf
from linli.identity.events import GrantRevoked, RoleGranted
from linli.identity.places import place_for
from linli.identity.tables import Account, Role, RoleGrant
from linli.workflow import own_accounts

MANAGE: Final = "identity.grant.manage"

_SAME = """
select * from identity_grant
where tenant_id = $1 and account_id = $2 and role_id = $3 and area_id is not distinct from $4
    and valid_from <= $5 and (valid_to is null or valid_to > $5)
order by valid_to desc nulls first limit 1"""


async def grant(
    ctx: Context,
    *,
    account_id: UUID,
    role_id: UUID,
    area_id: UUID | None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> RoleGrant:
    """Give an account a role at an area (None: the whole tenant), from today unless another day is given.

    `valid_to` is the first day on which it no longer holds. Raises: PermissionDenied, NotFound, AreaRetired,
    GrantToSelf, GrantExceedsOwn, EndsBeforeItBegins.
    """
    place = await place_for(ctx, area_id, MANAGE)
    account = await rows.get(ctx, Account, account_id)
    role = await rows.get(ctx, Role, role_id)
    if account.id in await own_accounts(ctx):
        raise GrantToSelf(path=("account_id",))
    require_covers(ctx, role.permissions, place.area_path)
    start = valid_from or ctx.today()
    if valid_to is not None and valid_to < start:
        raise EndsBeforeItBegins(path=("valid_to",))
    made = await rows.insert(
        ctx,
        RoleGrant,
        action="grant",
        area_id=place.area_id,
        area_path=place.area_path,
        account_id=account.id,
        role_id=role.id,
        valid_from=start,
        valid_to=valid_to,
        granted_by=ctx.actor.id if ctx.actor.kind is ActorKind.ACCOUNT else None,
    )
    await publish(
        ctx, RoleGranted(grant_id=made.id, account_id=account.id, role=role.key, area_id=place.area_id)
    )
    return made


async def revoke(
    ctx: Context, grant_id: UUID, *, valid_to: date | None = None, expected_version: int | None = None
) -> RoleGrant:
    """End a grant on that day, today and so at once by default; the record of it stays.

    A grant that ends earlier already is left as it is. Raises: NotFound, PermissionDenied,
    EndsBeforeItBegins, StaleVersion.
    """
    held = await rows.get(ctx, RoleGrant, grant_id, lock=True)
    if not ctx.can(MANAGE, held.area_path):
        if not ctx.can("identity.grant.read", held.area_path):
            raise NotFound(kind=table_name(RoleGrant))
        ctx.require(MANAGE, held.area_path)
    day = valid_to or ctx.today()
    if day < ctx.today():
        raise EndsBeforeItBegins(path=("valid_to",))
    day = max(day, held.valid_from)
    if held.valid_to is not None and held.valid_to <= day:
        return held
    held = await rows.update(ctx, held, action="revoke", expected_version=expected_version, valid_to=day)
    await publish(ctx, GrantRevoked(grant_id=held.id, account_id=held.account_id))
    return held


async def ensure(ctx: Context, *, account_id: UUID, role_id: UUID, area_id: UUID | None) -> RoleGrant:
    """The account's present grant of the role at the area, made when there is none. Raises: as `grant`."""
    row = await ctx.db.fetchrow(_SAME, ctx.tenant_id, account_id, role_id, area_id, ctx.today())
    if row is not None:
        return rows.from_record(RoleGrant, row)
    return await grant(ctx, account_id=account_id, role_id=role_id, area_id=area_id)
