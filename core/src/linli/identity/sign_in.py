"""Log-in with a name, a password and, where it is set up, a code.

An attempt is counted *before* the password is looked at, in a transaction of its own: guesses in parallel are
bounded like guesses in a row. A wrong name, a wrong password, a locked and a disabled account get the same
answer after the same work, so that nobody learns which names exist.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Actor, ActorKind, Context
from linli.db import rows
from linli.errors import LinliError
from linli.identity import passwords, sessions, settings
from linli.identity.accounts import checked_login_name
from linli.identity.credentials import hash_of
from linli.identity.errors import InvalidLoginName, SecondFactorRequired, SignInFailed
from linli.identity.second_factor import accepted_step, is_enrolled
from linli.identity.tables import Account
from linli.identity.visit import NOBODY, Visit

_DOUBLINGS_MAX: Final = 20

_ADMIT = """
update identity_account set
    failed_attempts = failed_attempts + 1,
    locked_until = case when failed_attempts + 1 >= $4::int
        then $3::timestamptz + make_interval(
            secs => least($5::bigint << least(failed_attempts + 1 - $4::int, $7::int), $6::bigint))
        end
where tenant_id = $1 and login_name = $2 and state = 'active' and (locked_until is null or locked_until <= $3)
returning *"""
_ACQUIT = """
update identity_account set failed_attempts = $3, locked_until = null,
    password_hash = coalesce($4, password_hash), totp_last_step = coalesce($5, totp_last_step)
where tenant_id = $1 and id = $2"""
_NEEDS_SECOND_FACTOR = """
select exists (
    select from identity_grant g join identity_role r on r.tenant_id = $1 and r.id = g.role_id
    where g.tenant_id = $1 and g.account_id = $2 and r.require_second_factor
        and g.valid_from <= $3 and (g.valid_to is null or g.valid_to > $3))"""
_REVOKE_REPLACED = """
update identity_session set revoked_at = $4, version = version + 1, updated_at = $4
where tenant_id = $1 and account_id = $2 and token_hash = $3 and revoked_at is null"""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A log-in that succeeded.

    With `must_change_password` the session has no rights until that is done; with `second_factor_missing`
    it has none of the roles that want a second factor.
    """

    token: str
    account_id: UUID
    expires_at: datetime
    must_change_password: bool
    second_factor_missing: bool


async def sign_in(
    visit: Visit, *, login_name: str, password: str, code: str | None = None, replaces: str = ""
) -> SignedIn:
    """Open a session with a new token; a token that the caller presented before (`replaces`) ends.

    Raises: SignInFailed; SecondFactorRequired when only the code is missing; TenantSuspended.
    """
    account = await _admit(visit, login_name)
    good = await passwords.verified(account.password_hash if account else None, password)
    new_hash = None
    if account is not None and good and passwords.is_outdated(account.password_hash):
        new_hash = await passwords.hashed(password)
    async with visit.context(_actor(account)) as ctx:
        outcome = await _decide(ctx, account if good else None, code, new_hash, replaces)
        if isinstance(outcome, LinliError):
            subject = account.id if account else None
            await record(ctx, Change("sign_in_refused", "identity_account", subject))
    if isinstance(outcome, LinliError):  # raised after the commit: the attempt stays counted
        raise outcome
    return outcome


async def _admit(visit: Visit, login_name: str) -> Account | None:
    """Count the attempt; None for an account that is unknown, disabled or locked."""
    try:
        name = checked_login_name(login_name)
    except InvalidLoginName:
        name = ""
    async with visit.context() as ctx:
        row = await ctx.db.fetchrow(
            _ADMIT,
            ctx.tenant_id,
            name,
            ctx.now(),
            settings.number(ctx, "lockout_attempts"),
            settings.number(ctx, "lockout_s"),
            settings.number(ctx, "lockout_s_max"),
            _DOUBLINGS_MAX,
        )
        account = rows.from_record(Account, row) if row is not None else None
        # Written for names that do not exist as well: otherwise only the attempt on a real account would wait
        # for the disk, and that can be timed.
        subject = account.id if account else None
        await record(ctx, Change("sign_in_attempt", "identity_account", subject))
    return account


async def _decide(
    ctx: Context, verified: Account | None, code: str | None, new_hash: str | None, replaces: str
) -> SignedIn | LinliError:
    """Open the session, or give the refusal. The account is read again under a lock: a code is good once."""
    if verified is None:
        return SignInFailed()
    account = await rows.get(ctx, Account, verified.id, lock=True)
    if account.state != "active" or account.password_hash != verified.password_hash:
        return SignInFailed()
    step = None
    if is_enrolled(account):
        if code is None or not code.strip():
            failed_before = max(account.failed_attempts - 1, 0)
            await ctx.db.execute(_ACQUIT, ctx.tenant_id, account.id, failed_before, None, None)
            return SecondFactorRequired()
        step = await accepted_step(ctx, account, code)
        if step is None:
            return SignInFailed()
    await ctx.db.execute(_ACQUIT, ctx.tenant_id, account.id, 0, new_hash, step)
    return await _opened(ctx, account, second_factor=step is not None, replaces=replaces)


async def _opened(ctx: Context, account: Account, *, second_factor: bool, replaces: str) -> SignedIn:
    if replaces:
        await ctx.db.execute(_REVOKE_REPLACED, ctx.tenant_id, account.id, hash_of(replaces), ctx.now())
    token, session = await sessions.open_session(ctx, account, second_factor=second_factor)
    needed = await ctx.db.fetchval(_NEEDS_SECOND_FACTOR, ctx.tenant_id, account.id, ctx.today())
    return SignedIn(
        token=token,
        account_id=account.id,
        expires_at=session.expires_at,
        must_change_password=account.must_change_password,
        second_factor_missing=bool(needed) and not second_factor,
    )


def _actor(account: Account | None) -> Actor:
    """The account that somebody tries to use, for the audit trail; it proves nothing and grants nothing."""
    if account is None:
        return NOBODY
    return Actor(kind=ActorKind.ACCOUNT, id=account.id, name=account.login_name, person_id=account.person_id)
