"""Tokens for programs: `POST /oauth/token` with client credentials. Source: RFC 6749 §2.3.1, §4.4, §5."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import unquote_plus

import msgspec
from litestar import Request, Response, post
from litestar.handlers import HTTPRouteHandler

from linli.errors import Invalid, LinliError, NotFound, Unauthenticated
from linli.http.errors import MalformedBody, RateLimited, UnsupportedMedia
from linli.http.facts import facts_of, header_of
from linli.http.reading import read_form
from linli.http.throttle import Charge, Throttle, throttle_key
from linli.identity.clients import AccessToken, issue_token
from linli.identity.credentials import tenant_of_client
from linli.identity.errors import ScopeExceedsClient
from linli.identity.visit import Visit
from linli.runtime import Runtime

_HEADER_BYTES_MAX: Final = 1000
_NO_STORE: Final = {"cache-control": "no-store", "pragma": "no-cache"}
_NAMES: Final[tuple[tuple[type[LinliError], str], ...]] = (
    (Unauthenticated, "invalid_client"),
    (ScopeExceedsClient, "invalid_scope"),
    (MalformedBody, "invalid_request"),
    (UnsupportedMedia, "invalid_request"),
)


class UnsupportedGrant(Invalid):
    """Only `grant_type=client_credentials` is known here."""

    code = "http.unsupported_grant"


def oauth_handlers(runtime: Runtime, throttle: Throttle) -> Sequence[HTTPRouteHandler]:
    """Give the handler of `/oauth/token`."""
    composition = runtime.composition
    texts = composition.plugin_set(composition.names).texts

    def refused(request: Request[Any, Any, Any], error: LinliError, name: str) -> Response[bytes]:
        facts = facts_of(request.scope)
        key = f"problems.{error.code}"
        body = {
            "error": name,
            # The standard allows ASCII only here; the translated sentence stands beside it.
            "error_description": texts.translate(key, "en", **error.details)
            .encode("ascii", "replace")
            .decode(),
            "code": error.code,
            "message": texts.translate(key, facts.locale, **error.details),
            "requestId": facts.id,
        }
        headers = dict(_NO_STORE)
        if name == "invalid_client":
            headers["www-authenticate"] = 'Basic realm="linli"'
        status = 401 if name == "invalid_client" else 400
        content = msgspec.json.encode(body)
        return Response(content, status_code=status, headers=headers, media_type="application/json")

    @post("/oauth/token", status_code=200)
    async def oauth_token(request: Request[Any, Any, Any]) -> Response[Any]:
        """Give a token for a client that shows its secret."""
        try:
            issued = await _issue(runtime, throttle, request)
        except LinliError as error:
            name = _name_of(error)
            if name is None:
                raise
            return refused(request, error, name)
        body = {
            "access_token": issued.token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in_s,
            "scope": " ".join(issued.scopes),
        }
        return Response(body, headers=_NO_STORE)

    return [oauth_token]


async def _issue(runtime: Runtime, throttle: Throttle, request: Request[Any, Any, Any]) -> AccessToken:
    form = await read_form(request)
    facts = facts_of(request.scope)
    client_id, secret = _credentials(header_of(request.scope, b"authorization"), form)
    await throttle.charge(
        [
            Charge(throttle_key("client", client_id), burst=30, interval_ms=2_000),
            Charge(throttle_key("address", facts.origin), burst=60, interval_ms=2_000),
        ]
    )
    if not form.get("grant_type"):
        raise MalformedBody(path=("grant_type",), expected="grant_type=client_credentials")
    if form["grant_type"] != "client_credentials":
        raise UnsupportedGrant(path=("grant_type",))
    try:
        tenant = await runtime.catalogue.by_id(tenant_of_client(client_id))
    except NotFound:
        raise Unauthenticated() from None
    facts.tenant_slug = tenant.slug
    visit = Visit(
        database=runtime.database,
        tenant=tenant,
        plugins=runtime.composition.plugin_set(tenant.plugins),
        clock=runtime.clock,
        locale=facts.locale,
        request_id=facts.id,
        origin=facts.origin,
    )
    scopes = form["scope"].split() if form.get("scope") else None
    return await issue_token(visit, client_id=client_id, client_secret=secret, scopes=scopes)


def _credentials(header: bytes | None, form: Mapping[str, str]) -> tuple[str, str]:
    """The client's id and secret, from HTTP Basic or from the form, never from both."""
    in_form = "client_secret" in form
    if header is None:
        if not in_form or not form.get("client_id"):
            raise Unauthenticated()
        return form["client_id"], form["client_secret"]
    if in_form:
        raise MalformedBody(path=("client_secret",), expected="one way of authentication")
    scheme, _, value = header.partition(b" ")
    if scheme.lower() != b"basic" or len(header) > _HEADER_BYTES_MAX:
        raise Unauthenticated()
    try:
        text = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        raise Unauthenticated() from None
    client_id, colon, secret = text.partition(":")
    if not colon:
        raise Unauthenticated()
    client_id = unquote_plus(client_id)
    if form.get("client_id", client_id) != client_id:
        raise MalformedBody(path=("client_id",), expected="one client")
    return client_id, unquote_plus(secret)


def _name_of(error: LinliError) -> str | None:
    """The standard's name of a refusal; None where it has none (429, 503): that answers as everywhere."""
    if isinstance(error, RateLimited):
        return None
    if isinstance(error, UnsupportedGrant):
        return "unsupported_grant_type"
    return next((name for kind, name in _NAMES if isinstance(error, kind)), None)
