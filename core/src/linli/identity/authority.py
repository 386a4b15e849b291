"""Nobody gives away, or acts over, more than they hold themselves."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.identity.errors import GrantExceedsOwn

_HELD = """
select distinct g.area_path, p as permission
from identity_grant g
join identity_role r on r.tenant_id = $1 and r.id = g.role_id
cross join unnest(r.permissions) p
where g.tenant_id = $1 and g.account_id = $2 and (g.valid_to is null or g.valid_to > $3)
order by 1, 2 limit $4"""
_HELD_MAX: Final = 10_000


def require_covers(ctx: Context, permissions: Iterable[str], area_path: str) -> None:
    """Go on only when the actor holds all these permissions at the area or above. Raises: GrantExceedsOwn."""
    for permission in permissions:
        if not ctx.can(permission, area_path):
            raise GrantExceedsOwn(permission=permission)


async def require_above(ctx: Context, account_id: UUID) -> None:
    """Go on only when the actor holds everything that the account holds or will hold.

    Otherwise whoever may reset a password could take over an account with more rights than their own.
    Raises: GrantExceedsOwn.
    """
    for row in await ctx.db.fetch(_HELD, ctx.tenant_id, account_id, ctx.today(), _HELD_MAX):
        require_covers(ctx, (row["permission"],), row["area_path"])
