"""Sessions: open, rotate, end. A session is known by the hash of its token; the token is shown once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import WHOLE_TENANT, ActorKind, Context
from linli.db import rows
from linli.identity import settings
from linli.identity.authority import require_above
from linli.identity.credentials import TokenKind, hash_of, new_token
from linli.identity.errors import NotOwnAccount
from linli.identity.tables import Account, Session

PER_ACCOUNT_MAX: Final = 50
PURGE_MAX: Final = 1_000
_ORIGIN_MAX: Final = 300

_REVOKE = """
update identity_session set revoked_at = $3, version = version + 1, updated_at = $3
where tenant_id = $1 and account_id = $2 and revoked_at is null and token_hash <> $4"""
_REVOKE_OLDEST = """
update identity_session set revoked_at = $3, version = version + 1, updated_at = $3
where tenant_id = $1 and id in (
    select id from identity_session
    where tenant_id = $1 and account_id = $2 and revoked_at is null and expires_at > $3
    order by id desc offset $4 limit 1000)"""
_PURGE = """
delete from identity_session where tenant_id = $1 and id in (
    select id from identity_session where tenant_id = $1 and expires_at < $2 order by expires_at limit $3)"""


async def open_session(
    ctx: Context,
    account: Account,
    *,
    second_factor: bool,
    lasts_s: int | None = None,
    idle_timeout_s: int | None = None,
) -> tuple[str, Session]:
    """A new session and its token, which cannot be had again. The oldest end beyond 50 of one account.

    `lasts_s` and `idle_timeout_s` are the tenant's settings unless given; with `lasts_s` alone there is no
    limit for idling.
    """
    if lasts_s is None:
        lasts_s = settings.number(ctx, "session_s")
        idle_timeout_s = settings.number(ctx, "session_idle_s")
    token = new_token(TokenKind.SESSION, ctx.tenant_id)
    await ctx.db.execute(_REVOKE_OLDEST, ctx.tenant_id, account.id, ctx.now(), PER_ACCOUNT_MAX - 1)
    session = await rows.insert(
        ctx,
        Session,
        action="sign_in",
        account_id=account.id,
        token_hash=hash_of(token),
        last_seen_at=ctx.now(),
        expires_at=ctx.now() + timedelta(seconds=lasts_s),
        idle_timeout_s=idle_timeout_s,
        origin=ctx.origin[:_ORIGIN_MAX],
        second_factor=second_factor,
    )
    return token, session


async def rotate(ctx: Context, *, second_factor: bool | None = None) -> str:
    """Give the actor's session a new token, as its rights change; the old one is refused from now on.

    Raises: NotOwnAccount when the actor has no session.
    """
    session = await _own(ctx)
    token = new_token(TokenKind.SESSION, ctx.tenant_id)
    await rows.update(
        ctx,
        session,
        action="rotate",
        token_hash=hash_of(token),
        second_factor=session.second_factor if second_factor is None else second_factor,
    )
    return token


async def sign_out(ctx: Context) -> None:
    """End the actor's session. Raises: NotOwnAccount when the actor has none."""
    session = await _own(ctx)
    await rows.update(ctx, session, action="sign_out", revoked_at=ctx.now())


async def sign_out_everywhere(ctx: Context) -> int:
    """End all sessions of the actor; gives their number. Raises: NotOwnAccount."""
    if ctx.actor.kind is not ActorKind.ACCOUNT or ctx.actor.id is None:
        raise NotOwnAccount()
    return await revoke_of_account(ctx, ctx.actor.id)


async def revoke_all(ctx: Context, account_id: UUID) -> int:
    """End all sessions of somebody; gives their number.

    Raises: PermissionDenied, NotFound, GrantExceedsOwn.
    """
    ctx.require("identity.session.revoke", WHOLE_TENANT)
    account = await rows.get(ctx, Account, account_id, lock=True)
    await require_above(ctx, account.id)
    return await revoke_of_account(ctx, account.id)


async def revoke_of_account(ctx: Context, account_id: UUID, *, except_token: str = "") -> int:
    """End all sessions of an account but one; for services that have checked the right to do so."""
    keep = hash_of(except_token) if except_token else ""
    tag = await ctx.db.execute(_REVOKE, ctx.tenant_id, account_id, ctx.now(), keep)
    count = int(tag.split()[-1])
    if count:
        await record(
            ctx, Change("revoke_sessions", "identity_account", account_id, after={"sessions": count})
        )
    return count


async def purge_expired(ctx: Context) -> int:
    """Delete sessions that expired 30 days ago, at most 1,000; the audit trail still tells of them."""
    before = ctx.now() - timedelta(days=30)
    return int((await ctx.db.execute(_PURGE, ctx.tenant_id, before, PURGE_MAX)).split()[-1])


async def _own(ctx: Context) -> Session:
    if ctx.actor.kind is not ActorKind.ACCOUNT or ctx.actor.credential_id is None:
        raise NotOwnAccount()
    return await rows.get(ctx, Session, ctx.actor.credential_id, lock=True)
