"""What Schemathesis has to know of us: our scalars, and what an answer must look like whatever was asked.

Its own check of GraphQL takes every error below `data` for a fault of the server. With us a refused id or page size
is such an error, with a stable code; a fault is `internal`, a status from 500 on, or anything that is not our JSON.
It is loaded in Schemathesis's own environment and imports nothing of ours.
"""

from __future__ import annotations

import re

import schemathesis
from hypothesis import strategies
from schemathesis.graphql import nodes

_MEDIA_TYPES = ("application/graphql-response+json; charset=utf-8", "application/json; charset=utf-8")
_CODE = re.compile(r"[a-z_]+(\.[a-z_]+)*")
_STATUSES = frozenset({200, 400})

_VALUES = strategies.one_of(
    strategies.text(max_size=20).map(nodes.String),
    strategies.integers(-(2**31), 2**31 - 1).map(nodes.Int),
    strategies.booleans().map(nodes.Boolean),
    strategies.floats(allow_nan=False, allow_infinity=False).map(nodes.Float),
)
_AMOUNTS = strategies.decimals(allow_nan=False, allow_infinity=False, places=2).map(
    lambda one: nodes.String(str(one))
)
schemathesis.graphql.scalar("JSON", _VALUES)
schemathesis.graphql.scalar("Amount", strategies.one_of(_AMOUNTS, _VALUES))


@schemathesis.check
def answered_in_our_json(ctx, response, case):  # type: ignore[no-untyped-def]
    """The status, the media type, the codes and the request ids of an answer."""
    assert response.status_code in _STATUSES, f"status {response.status_code}"
    media = response.headers["content-type"][0]
    assert media in _MEDIA_TYPES, f"media type {media}"
    body = response.json()
    assert body.keys() <= {"data", "errors", "extensions"}
    assert "data" in body or body["errors"]
    assert response.status_code == 200 or "data" not in body
    for error in body.get("errors", []):
        code = error["extensions"]["code"]
        assert _CODE.fullmatch(code), f"code {code}"
        assert code not in ("internal", "unavailable", "database_busy", "graphql.timeout"), (
            f"our fault: {code}"
        )
        assert error["extensions"]["requestId"] == response.headers["x-request-id"][0]
        assert error["message"]
