"""Whom a token stands for is remembered: until a change is told, or for a second where nothing is heard."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from linli.db.unit_of_work import Touched
from linli.freshness import TOLD_S, UNTOLD_S, Freshness
from linli.http import authentication
from linli.identity.authenticate import Principal, authenticate
from linli.identity.principals import PrincipalCache, decide_rights

TRIES = 500
PAUSE_S = 0.01
ASKED = "{ areas(first: 1) { nodes { id } } }"


async def heard(web: Any) -> None:
    """Wait until the application hears of changes."""
    for _ in range(TRIES):
        if web.runtime.principals._freshness.seconds == TOLD_S:
            return
        await asyncio.sleep(PAUSE_S)
    pytest.fail("the channel of changes was not heard")


async def test_a_look_up_serves_many_requests(place, webs, valkey, monkeypatch) -> None:
    place.web = await webs.start(redis_url=valkey.url())
    await heard(place.web)
    caller = await place.caller()
    looked_up = []

    async def counted(*args: Any, **options: Any) -> Principal:
        looked_up.append(args)
        return await authenticate(*args, **options)

    monkeypatch.setattr(authentication, "authenticate", counted)
    for _ in range(10):
        assert (await caller.post(ASKED)).status_code == 200
    assert len(looked_up) == 1


async def test_a_right_that_one_process_takes_away_is_gone_in_another(place, webs, valkey) -> None:
    here = place.web = await webs.start(redis_url=valkey.url())
    there = await webs.start(redis_url=valkey.url())
    await heard(here)
    await heard(there)
    caller = await place.caller()
    assert (await caller.post(ASKED)).status_code == 200

    async with there.runtime.database.unit_of_work(place.tenant.id) as unit:
        await unit.execute(
            "update identity_client set state = 'revoked' where tenant_id = $1", place.tenant.id
        )
        unit.touched.add(Touched("identity_client", "revoke", created=False))
    statuses = []
    for _ in range(int(UNTOLD_S / PAUSE_S / 2)):  # it is told, and does not merely grow old
        statuses.append((await caller.post(ASKED)).status_code)
        if statuses[-1] == 401:
            break
        await asyncio.sleep(PAUSE_S)
    assert statuses[-1] == 401


def test_without_news_what_is_remembered_is_good_for_a_second() -> None:
    assert Freshness(subscribed=True, answering=True).seconds == TOLD_S
    assert Freshness(subscribed=True, answering=False).seconds == UNTOLD_S
    assert Freshness(subscribed=False, answering=True).seconds == UNTOLD_S


async def test_what_was_looked_up_before_a_change_is_not_kept(place) -> None:
    caller = await place.caller()
    token = caller.headers["Authorization"].removeprefix("Bearer ")
    runtime = place.web.runtime
    await caller.post(ASKED)
    principal = await runtime.principals.get(token, runtime.catalogue)
    assert principal is not None
    cache = PrincipalCache()
    looked_up_at = cache.forgettings
    cache.forget(place.tenant.id)
    cache.keep(token, principal, looked_up_at=looked_up_at)
    assert await cache.get(token, runtime.catalogue) is None
    cache.keep(token, principal, looked_up_at=cache.forgettings)
    assert await cache.get(token, runtime.catalogue) is not None


@pytest.mark.parametrize(
    ("table", "action", "created", "decides"),
    [
        ("identity_grant", "create", True, True),
        ("identity_role", "update", False, True),
        ("identity_session", "create", True, False),
        ("identity_session", "revoke", False, True),
        ("identity_client_token", "create", True, False),
        ("identity_account", "sign_in_attempt", False, False),
        ("identity_account", "revoke_sessions", True, True),
        ("identity_person", "create", True, False),
        ("identity_person", "search", True, False),
        ("identity_person", "export", False, False),
        ("identity_person", "merge", False, True),
        ("areas_change_set", "apply", False, True),
        ("identity_household", "update", False, False),
        ("volunteers_activity", "update", False, False),
    ],
)
def test_which_writes_decide_rights(table: str, action: str, created: bool, decides: bool) -> None:
    assert decide_rights([Touched(table, action, created)]) is decides
