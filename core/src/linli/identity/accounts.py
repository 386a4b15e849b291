"""Accounts: create, disable and enable, set and change passwords, reset second factors."""

from __future__ import annotations

import re
from typing import Final
from uuid import UUID

from linli.context import WHOLE_TENANT, ActorKind, Context
from linli.db import rows
from linli.db.failures import Duplicate
from linli.events import publish
from linli.identity import passwords, sessions
from linli.identity.authority import require_above
from linli.identity.errors import (
    InvalidLoginName,
    LoginNameTaken,
    NotOwnAccount,
    PersonNotActive,
    WrongPassword,
)
from linli.identity.events import AccountCreated
from linli.identity.places import visible
from linli.identity.tables import Account, Person
from linli.workflow import Facts, StateMachine, Transition

MANAGE: Final = "identity.account.manage"
ACCOUNT_STATES: Final = StateMachine(
    "identity.account",
    "active",
    transitions=[Transition("disable", "active", "disabled"), Transition("enable", "disabled", "active")],
)

_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}", re.ASCII)


async def create(
    ctx: Context,
    *,
    login_name: str,
    password: str | None = None,
    person_id: UUID | None = None,
    must_change_password: bool = True,
) -> Account:
    """Create an account without any rights. Without a password nobody can log in with it until one is set.

    Raises: PermissionDenied, InvalidLoginName, WeakPassword, NotFound, PersonNotActive, LoginNameTaken.
    """
    ctx.require(MANAGE, WHOLE_TENANT)
    name = checked_login_name(login_name)
    if person_id is not None:
        person = await visible(ctx, Person, person_id, "identity.person.read")
        if person.state != "active":
            raise PersonNotActive(path=("person_id",), state=person.state)
    password_hash = passwords.UNUSABLE
    if password is not None:
        passwords.check_policy(ctx, password, login_name=name)
        password_hash = await passwords.hashed(password)
    try:
        account = await rows.insert(
            ctx,
            Account,
            login_name=name,
            person_id=person_id,
            password_hash=password_hash,
            must_change_password=must_change_password and password is not None,
        )
    except Duplicate as error:
        raise LoginNameTaken(path=("login_name",)) from error
    await publish(ctx, AccountCreated(account_id=account.id, person_id=person_id))
    return account


async def disable(ctx: Context, account_id: UUID, *, expected_version: int | None = None) -> Account:
    """Nobody can log in with the account any more, and its sessions end at once.

    Raises: PermissionDenied, NotFound, GrantExceedsOwn, UndefinedTransition, StaleVersion.
    """
    account = await _turn(ctx, account_id, "disable", expected_version)
    await sessions.revoke_of_account(ctx, account.id)
    return account


async def enable(ctx: Context, account_id: UUID, *, expected_version: int | None = None) -> Account:
    """Let a disabled account log in again, and forget its failed attempts. Raises: as `disable`."""
    return await _turn(ctx, account_id, "enable", expected_version)


async def set_password(
    ctx: Context, account_id: UUID, *, password: str, must_change_password: bool = True
) -> Account:
    """Give somebody a new password; their sessions end, and a lock is lifted.

    Raises: PermissionDenied, NotFound, GrantExceedsOwn, WeakPassword.
    """
    account = await _managed(ctx, account_id)
    passwords.check_policy(ctx, password, login_name=account.login_name)
    account = await rows.update(
        ctx,
        account,
        action="set_password",
        password_hash=await passwords.hashed(password),
        must_change_password=must_change_password,
        failed_attempts=0,
        locked_until=None,
    )
    await sessions.revoke_of_account(ctx, account.id)
    return account


async def change_password(ctx: Context, *, present: str, new: str) -> str:
    """Change one's own password; all sessions end. Gives the token of a new one in place of the caller's.

    Raises: NotOwnAccount, WrongPassword, WeakPassword.
    """
    account = await own(ctx)
    if not await passwords.verified(account.password_hash, present):
        raise WrongPassword(path=("present",))
    passwords.check_policy(ctx, new, login_name=account.login_name, path="new")
    await rows.update(
        ctx,
        account,
        action="change_password",
        password_hash=await passwords.hashed(new),
        must_change_password=False,
    )
    token = await sessions.rotate(ctx)
    await sessions.revoke_of_account(ctx, account.id, except_token=token)
    return token


async def reset_second_factor(ctx: Context, account_id: UUID) -> Account:
    """Take away an account's authenticator, because it was lost; its sessions end.

    Raises: PermissionDenied, NotFound, GrantExceedsOwn.
    """
    account = await _managed(ctx, account_id)
    account = await rows.update(
        ctx,
        account,
        action="reset_second_factor",
        totp_secret=None,
        totp_sealed=None,
        totp_confirmed_at=None,
        totp_last_step=None,
    )
    await sessions.revoke_of_account(ctx, account.id)
    return account


async def own(ctx: Context) -> Account:
    """The actor's own account, held against other writers. Raises: NotOwnAccount."""
    if ctx.actor.kind is not ActorKind.ACCOUNT or ctx.actor.id is None:
        raise NotOwnAccount()
    return await rows.get(ctx, Account, ctx.actor.id, lock=True)


def checked_login_name(typed: str) -> str:
    """The login name in its normal form, lower case. Raises: InvalidLoginName."""
    name = typed[:200].strip().lower()
    if not _LOGIN_NAME.fullmatch(name):
        raise InvalidLoginName(path=("login_name",))
    return name


async def _managed(ctx: Context, account_id: UUID) -> Account:
    ctx.require(MANAGE, WHOLE_TENANT)
    account = await rows.get(ctx, Account, account_id, lock=True)
    await require_above(ctx, account.id)
    return account


async def _turn(ctx: Context, account_id: UUID, action: str, expected_version: int | None) -> Account:
    account = await _managed(ctx, account_id)
    state = ACCOUNT_STATES.apply(account.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(
        ctx,
        account,
        action=action,
        expected_version=expected_version,
        state=state,
        failed_attempts=0,
        locked_until=None,
    )
