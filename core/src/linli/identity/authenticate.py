"""From a bearer token to the tenant and the actor with today's rights: one statement for each request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from linli.clock import Clock, SystemClock
from linli.context import Actor, ActorKind, Grant
from linli.db.database import BOUND_READ, Database
from linli.errors import NotFound, Unauthenticated
from linli.identity.credentials import Credential, TokenKind, parse
from linli.identity.visit import require_open
from linli.tenancy.catalogue import Catalogue, Tenant

LAST_SEEN_EVERY: Final = timedelta(minutes=1)

_SESSION = f"""{BOUND_READ}select row_to_json(found)::text from (
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
    and (s.idle_timeout_s is null or s.last_seen_at + make_interval(secs => s.idle_timeout_s) > $3)
) found) end"""
_SEEN = """
update identity_session set last_seen_at = $3
where tenant_id = $1 and id = $2 and last_seen_at < $4"""
_CLIENT = f"""{BOUND_READ}select row_to_json(found)::text from (
select t.id, t.expires_at, c.expires_at as client_expires_at, c.id as client_row_id,
    c.name, c.client_id, c.area_id, c.area_path,
    (select coalesce(array_agg(x), '{{}}') from unnest(t.scopes) x where x = any(c.scopes)) as permissions
from identity_client_token t
join identity_client c on c.tenant_id = $1 and c.id = t.client_id and c.state = 'active'
where t.tenant_id = $1 and t.token_hash = $2 and t.expires_at > $3
    and (c.expires_at is null or c.expires_at > $3)
) found) end"""


class _HeldRole(msgspec.Struct):
    role: str
    area_id: UUID | None
    area_path: str
    permissions: list[str]


class _Session(msgspec.Struct):
    id: UUID
    account_id: UUID
    second_factor: bool
    last_seen_at: datetime
    expires_at: datetime
    idle_timeout_s: int | None
    login_name: str
    person_id: UUID | None
    must_change_password: bool
    grants: list[_HeldRole]


class _Client(msgspec.Struct):
    id: UUID
    expires_at: datetime
    client_expires_at: datetime | None
    client_row_id: UUID
    name: str
    area_id: UUID | None
    area_path: str
    permissions: list[str]


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls, and in which tenant. With `must_change_password` the actor has no grants yet and is nobody's.

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
    if credential.kind is TokenKind.CLIENT:
        return await _client(database, tenant, credential, now)
    return await _session(database, tenant, credential, now)


async def _session(database: Database, tenant: Tenant, credential: Credential, now: datetime) -> Principal:
    arguments = (tenant.id, credential.token_hash, now, _today(tenant, now))
    found = await database.read(tenant.id, _SESSION, arguments)
    if found is None:
        raise Unauthenticated()
    session = msgspec.json.decode(found, type=_Session)
    if session.last_seen_at < now - LAST_SEEN_EVERY:
        async with database.unit_of_work(tenant.id) as db:
            await db.execute(_SEEN, tenant.id, session.id, now, now - LAST_SEEN_EVERY)
    actor = Actor(
        kind=ActorKind.ACCOUNT,
        id=session.account_id,
        name=session.login_name,
        # The first password is known to whoever gave it out: it opens nothing of the person's either.
        person_id=None if session.must_change_password else session.person_id,
        grants=tuple(
            Grant(one.role, one.area_id, one.area_path, frozenset(one.permissions)) for one in session.grants
        ),
        credential_id=session.id,
    )
    lasts_s = (session.expires_at - now).total_seconds()
    if session.idle_timeout_s is not None:
        lasts_s = min(lasts_s, session.idle_timeout_s)
    return Principal(tenant, actor, session.second_factor, session.must_change_password, lasts_s)


async def _client(database: Database, tenant: Tenant, credential: Credential, now: datetime) -> Principal:
    found = await database.read(tenant.id, _CLIENT, (tenant.id, credential.token_hash, now))
    if found is None:
        raise Unauthenticated()
    client = msgspec.json.decode(found, type=_Client)
    grant = Grant("client", client.area_id, client.area_path, frozenset(client.permissions))
    actor = Actor(
        kind=ActorKind.CLIENT,
        id=client.client_row_id,
        name=client.name,
        grants=(grant,),
        credential_id=client.id,
    )
    ends = [client.expires_at, *([client.client_expires_at] if client.client_expires_at else [])]
    return Principal(tenant, actor, lasts_s=(min(ends) - now).total_seconds())


def _today(tenant: Tenant, now: datetime) -> date:
    return now.astimezone(ZoneInfo(tenant.time_zone)).date()
