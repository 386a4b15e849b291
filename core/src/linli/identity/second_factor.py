"""The second factor: time-based codes of an authenticator. Source: RFC 6238 (TOTP), 30 s, 6 digits, SHA-1.

Secrets are encrypted. Those from before are, at the next log-in or by the nightly job.
"""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from typing import Final

import pyotp

from linli.context import Context
from linli.db import rows
from linli.db.encryption import decrypt
from linli.identity import sessions
from linli.identity.accounts import own
from linli.identity.errors import SecondFactorEnrolled, SecondFactorNotBegun, WrongCode
from linli.identity.tables import Account

STEP_S: Final = 30
WINDOW_STEPS: Final = 1
ISSUER: Final = "Linli"
_OLD_MAX: Final = 500
_OLD: Final = """
select * from identity_account where tenant_id = $1 and totp_secret is not null
order by id limit $2 for update skip locked"""
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the authenticator needs: shown once. `uri` is for a QR code, `secret` for typing."""

    secret: str
    uri: str


async def begin(ctx: Context) -> Enrolment:
    """Begin to set up an authenticator for one's own account; `confirm` with its first code completes it.

    Raises: NotOwnAccount, SecondFactorEnrolled, MasterKeyMissing.
    """
    account = await own(ctx)
    if is_enrolled(account):
        raise SecondFactorEnrolled()
    secret = pyotp.random_base32()
    await rows.update(
        ctx, account, action="begin_second_factor", totp_sealed=secret, totp_secret=None, totp_last_step=None
    )
    issuer = f"{ISSUER} {ctx.tenant.name}"
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=account.login_name, issuer_name=issuer))


async def confirm(ctx: Context, *, code: str) -> str:
    """Complete the set-up with a code; gives the session's new token, which now counts as second-factored.

    Raises: NotOwnAccount, SecondFactorNotBegun, SecondFactorEnrolled, WrongCode.
    """
    account = await own(ctx)
    if is_enrolled(account):
        raise SecondFactorEnrolled()
    if account.totp_sealed is None and account.totp_secret is None:
        raise SecondFactorNotBegun()
    step = await accepted_step(ctx, account, code)
    if step is None:
        raise WrongCode(path=("code",))
    await rows.update(
        ctx, account, action="confirm_second_factor", totp_confirmed_at=ctx.now(), totp_last_step=step
    )
    return await sessions.rotate(ctx, second_factor=True)


def is_enrolled(account: Account) -> bool:
    """Whether a code is wanted at every log-in."""
    return account.totp_confirmed_at is not None


async def accepted_step(ctx: Context, account: Account, code: str) -> int | None:
    """The time step of a right code, one step early or late at most; None for a wrong or used one.

    Store it as `totp_last_step` in the same transaction, on a row read with a lock: a step is good once.
    """
    typed = code.replace(" ", "") if len(code) <= 16 else ""
    if not _CODE.fullmatch(typed):
        return None
    secret = await decrypt(ctx, account, "totp_sealed") or account.totp_secret
    if not secret:
        return None
    totp = pyotp.TOTP(secret, interval=STEP_S)
    present = int(ctx.now().timestamp()) // STEP_S
    for step in range(present - WINDOW_STEPS, present + WINDOW_STEPS + 1):
        used = account.totp_last_step is not None and step <= account.totp_last_step
        if hmac.compare_digest(totp.generate_otp(step), typed) and not used:
            return step
    return None


async def encrypt_old_secrets(ctx: Context) -> int:
    """Encrypt secrets that were stored in clear by an earlier version, up to 500; gives how many there were."""
    if ctx.db.vault is None or not ctx.db.vault.configured:
        return 0
    found = await ctx.db.fetch(_OLD, ctx.tenant_id, _OLD_MAX)
    for row in found:
        account = rows.from_record(Account, row)
        await rows.update(
            ctx, account, action="encrypt_second_factor", totp_sealed=account.totp_secret, totp_secret=None
        )
    return len(found)
