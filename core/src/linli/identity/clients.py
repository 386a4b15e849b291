"""API clients: programs with a secret, scopes and an area. Source: RFC 6749 §4.4 (client credentials)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Actor, ActorKind, Context
from linli.db import rows
from linli.db.tables import table_name
from linli.errors import Invalid, LinliError, NotFound, Unauthenticated
from linli.identity import checks, settings
from linli.identity.authority import require_covers
from linli.identity.credentials import (
    TokenKind,
    hash_of,
    new_client_id,
    new_client_secret,
    new_token,
    tenant_of_client,
)
from linli.identity.errors import ClientNotActive, ScopeExceedsClient
from linli.identity.places import place_for
from linli.identity.roles import known_permissions
from linli.identity.tables import Client, ClientToken
from linli.identity.visit import Visit
from linli.workflow import Facts, StateMachine, Transition

MANAGE: Final = "identity.client.manage"
PURGE_MAX: Final = 1_000
OVERLAP_S_MAX: Final = 30 * 86_400
CLIENT_STATES: Final = StateMachine(
    "identity.client",
    "active",
    transitions=[Transition("revoke", "active", "revoked")],
    final=("revoked",),
)
_NO_HASH: Final = "0" * 64

_PURGE = """
delete from identity_client_token where tenant_id = $1 and id in (
    select id from identity_client_token where tenant_id = $1 and expires_at < $2
    order by expires_at limit $3)"""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A client and its secret, which is shown this once."""

    client: Client
    client_secret: str


@dataclass(frozen=True, slots=True)
class AccessToken:
    """The answer to a request for a token: good for `expires_in_s` seconds, for these scopes."""

    token: str
    expires_in_s: int
    scopes: tuple[str, ...]


async def create(
    ctx: Context,
    *,
    name: str,
    scopes: Iterable[str],
    area_id: UUID | None = None,
    expires_at: datetime | None = None,
) -> NewSecret:
    """A new client, with at most the creator's own permissions at its area.

    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, UnknownValue, GrantExceedsOwn,
    Invalid for an expiry in the past.
    """
    place = await place_for(ctx, area_id, MANAGE)
    title = checks.line(name, "name", 100)
    wanted = known_permissions(ctx, scopes, "scopes")
    require_covers(ctx, wanted, place.area_path)
    if expires_at is not None and expires_at <= ctx.now():
        raise Invalid(path=("expires_at",))
    secret = new_client_secret()
    client = await rows.insert(
        ctx,
        Client,
        area_id=place.area_id,
        area_path=place.area_path,
        name=title,
        client_id=new_client_id(ctx.tenant_id),
        secret_hash=hash_of(secret),
        scopes=wanted,
        expires_at=expires_at,
    )
    return NewSecret(client, secret)


async def rotate_secret(
    ctx: Context, client_row_id: UUID, *, overlap_s: int | None = None, expected_version: int | None = None
) -> NewSecret:
    """A new secret; the present one stays good for `overlap_s` more seconds (a setting by default).

    Raises: NotFound, PermissionDenied, GrantExceedsOwn, ClientNotActive, StaleVersion,
    Invalid for an overlap that is negative or longer than 30 days.
    """
    client = await _managed(ctx, client_row_id)
    if client.state != "active":
        raise ClientNotActive(state=client.state)
    overlap = settings.number(ctx, "client_overlap_s") if overlap_s is None else overlap_s
    if not 0 <= overlap <= OVERLAP_S_MAX:
        raise Invalid(path=("overlap_s",))
    secret = new_client_secret()
    client = await rows.update(
        ctx,
        client,
        action="rotate_secret",
        expected_version=expected_version,
        secret_hash=hash_of(secret),
        previous_secret_hash=client.secret_hash,
        previous_expires_at=ctx.now() + timedelta(seconds=overlap),
    )
    return NewSecret(client, secret)


async def revoke(ctx: Context, client_row_id: UUID, *, expected_version: int | None = None) -> Client:
    """The client and all its tokens are refused from now on.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    client = await _managed(ctx, client_row_id)
    state = CLIENT_STATES.apply(client.state, "revoke", Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, client, action="revoke", expected_version=expected_version, state=state)


async def issue_token(
    visit: Visit, *, client_id: str, client_secret: str, scopes: Iterable[str] | None = None
) -> AccessToken:
    """A token for a client that shows its secret, for all its scopes or those asked for.

    Raises: Unauthenticated, the same for an unknown client and a wrong secret; ScopeExceedsClient;
    TenantSuspended.
    """
    if tenant_of_client(client_id) != visit.tenant.id:
        raise Unauthenticated()
    async with visit.context() as ctx:
        client = await rows.find_by(ctx, Client, client_id=client_id)
        outcome = await _issue(ctx, client, client_secret, scopes)
        if isinstance(outcome, Unauthenticated):
            await record(ctx, Change("token_refused", "identity_client", client.id if client else None))
    if isinstance(outcome, LinliError):  # raised after the commit: the refusal is on record
        raise outcome
    return outcome


async def purge_expired(ctx: Context) -> int:
    """Delete tokens that expired a day ago or longer, at most 1,000."""
    before = ctx.now() - timedelta(days=1)
    return int((await ctx.db.execute(_PURGE, ctx.tenant_id, before, PURGE_MAX)).split()[-1])


async def _issue(
    ctx: Context, client: Client | None, secret: str, scopes: Iterable[str] | None
) -> AccessToken | LinliError:
    good = _is_secret(ctx, client, secret)
    if client is None or not good or client.state != "active" or _expired(ctx, client):
        return Unauthenticated()
    wanted = sorted(set(client.scopes if scopes is None else scopes))
    for scope in wanted:
        if scope not in client.scopes:
            return ScopeExceedsClient(path=("scope",), scope=scope[:100])
    ctx.actor = Actor(kind=ActorKind.CLIENT, id=client.id, name=client.name)
    lasts_s = settings.number(ctx, "client_token_s")
    token = new_token(TokenKind.CLIENT, ctx.tenant_id)
    await purge_expired(ctx)
    await rows.insert(
        ctx,
        ClientToken,
        action="issue_token",
        client_id=client.id,
        token_hash=hash_of(token),
        scopes=wanted,
        expires_at=ctx.now() + timedelta(seconds=lasts_s),
    )
    return AccessToken(token, lasts_s, tuple(wanted))


def _is_secret(ctx: Context, client: Client | None, secret: str) -> bool:
    """Compares with both secrets, or with none of anybody's, in the same time."""
    given = hash_of(secret[:200])
    present = client.secret_hash if client else _NO_HASH
    previous = _NO_HASH
    if client and client.previous_secret_hash and client.previous_expires_at > ctx.now():
        previous = client.previous_secret_hash
    is_present, is_previous = hmac.compare_digest(given, present), hmac.compare_digest(given, previous)
    return is_present or is_previous


def _expired(ctx: Context, client: Client) -> bool:
    return client.expires_at is not None and client.expires_at <= ctx.now()


async def _managed(ctx: Context, client_row_id: UUID) -> Client:
    client = await rows.get(ctx, Client, client_row_id, lock=True)
    if not ctx.can(MANAGE, client.area_path):
        if not ctx.can("identity.client.read", client.area_path):
            raise NotFound(kind=table_name(Client))
        ctx.require(MANAGE, client.area_path)
    require_covers(ctx, client.scopes, client.area_path)
    return client
