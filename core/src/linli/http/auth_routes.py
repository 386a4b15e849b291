"""Signing in and out, and one's own password and second factor, as JSON over HTTP."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from litestar import Request, post
from litestar.handlers import HTTPRouteHandler
from msgspec import Meta

from linli.errors import Unauthenticated
from linli.http.authentication import acting, bearer_of, visit_by_slug
from linli.http.facts import facts_of
from linli.http.reading import read_json
from linli.http.throttle import Charge, Throttle, sign_in_charges, throttle_key
from linli.identity import accounts, second_factor, sessions
from linli.identity.errors import SignInFailed
from linli.identity.sign_in import sign_in
from linli.runtime import Runtime

Name = Annotated[str, Meta(min_length=1, max_length=200)]
Secret = Annotated[str, Meta(min_length=1, max_length=1000)]
Code = Annotated[str, Meta(max_length=16)]
_Request = Request[Any, Any, Any]


class SignIn(msgspec.Struct, forbid_unknown_fields=True):
    """What somebody signs in with; `totp` is the code of the authenticator, where one is set up."""

    tenant: Name
    login: Name
    password: Secret
    totp: Code | None = None


class SignedInBody(msgspec.Struct, rename="camel"):
    """A session that was opened; `token` goes into the header `Authorization: Bearer`."""

    token: str
    token_type: str
    expires_at: datetime
    must_change_password: bool
    second_factor_missing: bool


class NewPassword(msgspec.Struct, forbid_unknown_fields=True):
    """One's own present password and the one to come."""

    present: Secret
    new: Secret


class TotpCode(msgspec.Struct, forbid_unknown_fields=True):
    """The first code of an authenticator."""

    code: Code


class TokenBody(msgspec.Struct, rename="camel"):
    """The session's new token; the old one is no longer good."""

    token: str
    token_type: str = "Bearer"  # noqa: S105 - the name of a scheme


class EnrolmentBody(msgspec.Struct):
    """What the authenticator needs, shown once: `uri` as a QR code, `secret` for typing."""

    secret: str
    uri: str


def auth_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handlers below `/auth`."""

    @post("/auth/sign-in", status_code=200)
    async def auth_sign_in(request: _Request) -> SignedInBody:
        """Open a session. A session whose token is sent along ends."""
        given = await read_json(request, SignIn)
        facts = facts_of(request.scope)
        await throttle.charge(sign_in_charges(facts.origin, given.tenant, given.login))
        try:
            visit = await visit_by_slug(runtime, facts, given.tenant)
        except Unauthenticated:
            raise SignInFailed() from None
        signed_in = await sign_in(
            visit,
            login_name=given.login,
            password=given.password,
            code=given.totp,
            replaces=_present_token(request),
        )
        return SignedInBody(
            token=signed_in.token,
            token_type="Bearer",  # noqa: S106 - the name of a scheme
            expires_at=signed_in.expires_at,
            must_change_password=signed_in.must_change_password,
            second_factor_missing=signed_in.second_factor_missing,
        )

    @post("/auth/sign-out", status_code=204)
    async def auth_sign_out(request: _Request) -> None:
        """End the session whose token is sent."""
        async with acting(runtime, request.scope) as ctx:
            await sessions.sign_out(ctx)

    @post("/auth/password", status_code=200)
    async def auth_password(request: _Request) -> TokenBody:
        """Change one's own password; all other sessions end."""
        given = await read_json(request, NewPassword)
        async with acting(runtime, request.scope) as ctx:
            await throttle.charge([_own_charge("password", ctx.actor.id)])
            return TokenBody(await accounts.change_password(ctx, present=given.present, new=given.new))

    @post("/auth/totp", status_code=200)
    async def auth_totp(request: _Request) -> EnrolmentBody:
        """Begin to set up an authenticator for one's own account."""
        async with acting(runtime, request.scope) as ctx:
            enrolment = await second_factor.begin(ctx)
        return EnrolmentBody(enrolment.secret, enrolment.uri)

    @post("/auth/totp/confirm", status_code=200)
    async def auth_totp_confirm(request: _Request) -> TokenBody:
        """Complete it with the authenticator's first code."""
        given = await read_json(request, TotpCode)
        async with acting(runtime, request.scope) as ctx:
            await throttle.charge([_own_charge("totp", ctx.actor.id)])
            return TokenBody(await second_factor.confirm(ctx, code=given.code))

    return [auth_sign_in, auth_sign_out, auth_password, auth_totp, auth_totp_confirm]


def _present_token(request: _Request) -> str:
    try:
        return bearer_of(request.scope)
    except Unauthenticated:
        return ""


def _own_charge(kind: str, account_id: object) -> Charge:
    """Ten tries, then one every 30 s: whoever took over a session may not guess on."""
    return Charge(throttle_key(kind, str(account_id)), burst=10, interval_ms=30_000)
