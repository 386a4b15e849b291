"""Who an account or an API client is now, for work that it asked for earlier."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.context import Actor, ActorKind, Context, Grant

_GRANTS_MAX: Final = 1_000
_ACCOUNT: Final = """
select login_name, person_id from identity_account
where tenant_id = $1 and id = $2 and state = 'active' and not must_change_password"""
_GRANTS: Final = """
select r.key, g.area_id, g.area_path, r.permissions from identity_grant g
join identity_role r on r.tenant_id = $1 and r.id = g.role_id
where g.tenant_id = $1 and g.account_id = $2 and g.valid_from <= $3 and (g.valid_to is null or g.valid_to > $3)
order by g.id limit $4"""
_CLIENT: Final = """
select name, area_id, area_path, scopes from identity_client
where tenant_id = $1 and id = $2 and state = 'active' and (expires_at is null or expires_at > $3)"""


async def account_now(ctx: Context, account_id: UUID, at_most: frozenset[str]) -> Actor | None:
    """The account with its present grants, of the permissions `at_most`; None when it may not be used."""
    account = await ctx.db.fetchrow(_ACCOUNT, ctx.tenant_id, account_id)
    if account is None:
        return None
    found = await ctx.db.fetch(_GRANTS, ctx.tenant_id, account_id, ctx.today(), _GRANTS_MAX)
    grants = tuple(
        Grant(row["key"], row["area_id"], row["area_path"], at_most.intersection(row["permissions"]))
        for row in found
    )
    return Actor(
        kind=ActorKind.ACCOUNT,
        id=account_id,
        name=account["login_name"],
        person_id=account["person_id"],
        grants=grants,
    )


async def client_now(ctx: Context, client_id: UUID, at_most: frozenset[str]) -> Actor | None:
    """The API client with its present scopes, of the permissions `at_most`; None when it may not be used."""
    client = await ctx.db.fetchrow(_CLIENT, ctx.tenant_id, client_id, ctx.now())
    if client is None:
        return None
    grant = Grant("client", client["area_id"], client["area_path"], at_most.intersection(client["scopes"]))
    return Actor(kind=ActorKind.CLIENT, id=client_id, name=client["name"], grants=(grant,))
