"""From a bearer token to the tenant and the actor with today's rights: one statement for each request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from linli.clock import Clock, SystemClock
from linli.context import Actor, ActorKind, Grant
from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.errors import NotFound, Unauthenticated
from linli.identity.credentials import Credential, TokenKind, parse
from linli.identity.visit import require_open
from linli.tenancy.catalogue import Catalogue, Tenant

LAST_SEEN_EVERY: Final = timedelta(minutes=1)

_SESSION = """
select s.id, s.account_id, s.second_factor, s.last_seen_at, s.expires_at, s.idle_timeout_s,
    a.login_name, a.person_id, a.must_change_password,
    (select coalesce(json_agg(json_build_object('role', r.key, 'area_id', g.area_id,
            'area_path', g.area_path, 'permissions', r.permissions)), '[]')
        from identity_grant g join identity_role r on r.tenant_id = $1 and r.id = g.role_id
        where g.tenant_id = $1 and g.account_id = a.id and not a.must_change_password
            and (s.second_factor or not r.require_second_factor)
            and g.valid_from <= $4 and (g.valid_to is null or g.valid_to > $4)) as grants
from identity_session s
join identity_account a on a.tenant_id = $1 and a.id = s.account_id and a.state = 'active'
where s.tenant_id = $1 and s.token_hash = $2 and s.revoked_at is null and s.expires_at > $3
    and (s.idle_timeout_s is null or s.last_seen_at + make_interval(secs => s.idle_timeout_s) > $3)"""
_SEEN = """
update identity_session set last_seen_at = $3
where tenant_id = $1 and id = $2 and last_seen_at < $4"""
_CLIENT = """
select t.id, t.expires_at, c.expires_at as client_expires_at, c.id as client_row_id,
    c.name, c.client_id, c.area_id, c.area_path,
    (select coalesce(array_agg(x), '{}') from unnest(t.scopes) x where x = any(c.scopes)) as permissions
from identity_client_token t
join identity_client c on c.tenant_id = $1 and c.id = t.client_id and c.state = 'active'
where t.tenant_id = $1 and t.token_hash = $2 and t.expires_at > $3
    and (c.expires_at is null or c.expires_at > $3)"""


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and in which tenant. With `must_change_password` the actor has no grants yet.

    `lasts_s` is how long the token is good for from now on.
    """

    tenant: Tenant
    actor: Actor
    second_factor: bool = False
    must_change_password: bool = False
    lasts_s: float = 0.0


async def authenticate(
    database: Database, catalogue: Catalogue, token: str, *, clock: Clock | None = None
) -> Principal:
    """Whom a bearer token stands for.

    Raises: Unauthenticated, the same for a token that is malformed, unknown, expired, revoked or of another
    tenant; TenantSuspended for a tenant that does not serve requests.
    """
    credential = parse(token)
    try:
        tenant = await catalogue.by_id(credential.tenant_id)
    except NotFound:
        raise Unauthenticated() from None
    require_open(tenant)
    now = (clock or SystemClock()).now()
    async with database.unit_of_work(tenant.id) as db:
        if credential.kind is TokenKind.CLIENT:
            return await _client(db, tenant, credential, now)
        return await _session(db, tenant, credential, now)


async def _session(db: UnitOfWork, tenant: Tenant, credential: Credential, now: datetime) -> Principal:
    today = _today(tenant, now)
    row = await db.fetchrow(_SESSION, tenant.id, credential.token_hash, now, today)
    if row is None:
        raise Unauthenticated()
    if row["last_seen_at"] < now - LAST_SEEN_EVERY:
        await db.execute(_SEEN, tenant.id, row["id"], now, now - LAST_SEEN_EVERY)
    actor = Actor(
        kind=ActorKind.ACCOUNT,
        id=row["account_id"],
        name=row["login_name"],
        person_id=row["person_id"],
        grants=_grants(row),
        credential_id=row["id"],
    )
    lasts_s = (row["expires_at"] - now).total_seconds()
    if row["idle_timeout_s"] is not None:
        lasts_s = min(lasts_s, row["idle_timeout_s"])
    return Principal(tenant, actor, row["second_factor"], row["must_change_password"], lasts_s)


async def _client(db: UnitOfWork, tenant: Tenant, credential: Credential, now: datetime) -> Principal:
    row = await db.fetchrow(_CLIENT, tenant.id, credential.token_hash, now)
    if row is None:
        raise Unauthenticated()
    grant = Grant(
        role="client",
        area_id=row["area_id"],
        area_path=row["area_path"],
        permissions=frozenset(row["permissions"]),
    )
    actor = Actor(
        kind=ActorKind.CLIENT,
        id=row["client_row_id"],
        name=row["name"],
        grants=(grant,),
        credential_id=row["id"],
    )
    ends = [row["expires_at"], *([row["client_expires_at"]] if row["client_expires_at"] else [])]
    return Principal(tenant, actor, lasts_s=(min(ends) - now).total_seconds())


def _grants(row: asyncpg.Record) -> tuple[Grant, ...]:
    return tuple(
        Grant(
            role=item["role"],
            area_id=UUID(item["area_id"]) if item["area_id"] else None,
            area_path=item["area_path"],
            permissions=frozenset(item["permissions"]),
        )
        for item in json.loads(row["grants"])
    )


def _today(tenant: Tenant, now: datetime) -> date:
    return now.astimezone(ZoneInfo(tenant.time_zone)).date()
