"""Signing in and out, one's own password and second factor, and the throttle before all of it."""

from __future__ import annotations

import pyotp
import pytest
import pytest_asyncio

from linli.http.errors import RateLimited
from linli.http.throttle import Charge, Throttle
from linli.identity import accounts

PASSWORD = "Correct-Horse-7"


@pytest_asyncio.fixture
async def tenant(bench):
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant) as ctx:
        await accounts.create(ctx, login_name="wang.fang", password=PASSWORD, must_change_password=False)
    return tenant


def credentials(place, **changes):
    return {"tenant": place.slug, "login": "wang.fang", "password": PASSWORD, **changes}


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


async def signed_in(web, tenant):
    response = await web.post("/auth/sign-in", credentials(tenant))
    assert response.status_code == 200, response.text
    return response.json()["token"]


async def test_a_right_password_gives_a_token_that_works_until_sign_out(web, tenant):
    response = await web.post("/auth/sign-in", credentials(tenant))
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    body = response.json()
    assert body["tokenType"] == "Bearer"
    assert body["expiresAt"].endswith("Z")
    assert (body["mustChangePassword"], body["secondFactorMissing"]) == (False, False)
    assert (await web.post("/auth/sign-out", headers=bearer(body["token"]))).status_code == 204
    again = await web.post("/auth/sign-out", headers=bearer(body["token"]))
    assert again.status_code == 401
    assert again.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"login": "nobody"}, {"tenant": "no-such-place"}, {"login": "\x00王"}]
)
async def test_every_wrong_credential_gets_the_same_answer(web, tenant, wrong):
    response = await web.post(
        "/auth/sign-in", credentials(tenant, **wrong), headers={"Accept-Language": "en"}
    )
    assert response.status_code == 401
    assert response.json()["code"] == "identity.sign_in_failed"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer x", "Basic eDp5", "Bearer " + "a" * 5000, "bearer \xff\xfe"]
)
async def test_a_header_that_is_no_credential_is_unauthenticated(web, header):
    response = await web.post("/auth/sign-out", headers={"Authorization": header.encode("latin-1")})
    assert response.status_code == 401
    assert response.json()["code"] == "unauthenticated"


async def test_a_token_counts_in_the_header_only(web, tenant):
    token = await signed_in(web, tenant)
    for options in ({"params": {"access_token": token}}, {"headers": {"Cookie": f"token={token}"}}):
        assert (await web.post("/auth/sign-out", **options)).status_code == 401
    twice = [("Authorization", f"Bearer {token}"), ("Authorization", f"Bearer {token}")]
    assert (await web.post("/auth/sign-out", headers=twice)).status_code == 401
    assert (await web.post("/auth/sign-out", headers=bearer(token))).status_code == 204


async def test_a_new_password_replaces_the_old_one_and_its_sessions(web, tenant):
    token = await signed_in(web, tenant)
    wrong = await web.post(
        "/auth/password", {"present": "wrong", "new": "Battery-Staple-9"}, headers=bearer(token)
    )
    assert (wrong.status_code, wrong.json()["code"]) == (403, "identity.wrong_password")
    weak = await web.post("/auth/password", {"present": PASSWORD, "new": "short"}, headers=bearer(token))
    assert (weak.status_code, weak.json()["code"]) == (400, "identity.weak_password")
    assert weak.json()["path"] == "new"
    good = await web.post(
        "/auth/password", {"present": PASSWORD, "new": "Battery-Staple-9"}, headers=bearer(token)
    )
    assert good.status_code == 200
    assert (await web.post("/auth/sign-out", headers=bearer(token))).status_code == 401
    assert (await web.post("/auth/sign-in", credentials(tenant))).status_code == 401
    renewed = await web.post("/auth/sign-in", credentials(tenant, password="Battery-Staple-9"))
    assert renewed.status_code == 200


async def test_a_second_factor_is_set_up_and_then_wanted(web, tenant):
    token = await signed_in(web, tenant)
    enrolment = (await web.post("/auth/totp", headers=bearer(token))).json()
    assert enrolment["uri"].startswith("otpauth://totp/")
    totp = pyotp.TOTP(enrolment["secret"])
    wrong = await web.post("/auth/totp/confirm", {"code": "12345x"}, headers=bearer(token))
    assert (wrong.status_code, wrong.json()["code"]) == (400, "identity.wrong_code")
    now = web.runtime.clock.now()
    confirmed = await web.post("/auth/totp/confirm", {"code": totp.at(now)}, headers=bearer(token))
    assert confirmed.status_code == 200
    without = await web.post("/auth/sign-in", credentials(tenant))
    assert (without.status_code, without.json()["code"]) == (401, "identity.second_factor_required")
    code = totp.at(now, counter_offset=1)
    assert (await web.post("/auth/sign-in", credentials(tenant, totp=code))).status_code == 200
    reused = await web.post("/auth/sign-in", credentials(tenant, totp=code))
    assert (reused.status_code, reused.json()["code"]) == (401, "identity.sign_in_failed")


@pytest.mark.parametrize("shared", [False, True], ids=["per process", "through Valkey"])
async def test_attempts_for_one_name_are_throttled_whatever_the_name_s_case(webs, valkey, tenant, shared):
    web = await webs.start(redis_url=valkey.url() if shared else None)
    logins = ["nobody", "NOBODY"] * 6
    statuses = [
        (await web.post("/auth/sign-in", credentials(tenant, login=login))).status_code for login in logins
    ]
    assert statuses == [401] * 10 + [429] * 2
    refused = await web.post("/auth/sign-in", credentials(tenant, login="nobody"))
    assert refused.json()["code"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 30
    other = await web.post("/auth/sign-in", credentials(tenant))
    assert other.status_code == 200


async def test_two_processes_share_a_throttle_through_valkey(webs, valkey):
    first, second = [await webs.start(redis_url=valkey.url()) for _ in range(2)]
    charge = [Charge(f"test:shared:{id(first)}", burst=3, interval_ms=60_000)]
    one, other = Throttle(first.runtime), Throttle(second.runtime)
    for throttle in (one, other, one):
        await throttle.charge(charge)
    for throttle in (one, other):
        with pytest.raises(RateLimited) as refused:
            await throttle.charge(charge)
        assert 50 < refused.value.details["retry_after_s"] <= 60


@pytest.mark.parametrize("shared", [False, True], ids=["per process", "through Valkey"])
async def test_a_refused_charge_takes_nothing_from_the_other_bucket(webs, valkey, shared):
    web = await webs.start(redis_url=valkey.url() if shared else None)
    throttle = Throttle(web.runtime)
    name = f"test:both:{id(web)}"
    tight, wide = Charge(f"{name}:tight", 1, 60_000), Charge(f"{name}:wide", 2, 60_000)
    await throttle.charge([tight, wide])
    for _ in range(5):
        with pytest.raises(RateLimited):
            await throttle.charge([tight, wide])
    await throttle.charge([wide])
    with pytest.raises(RateLimited):
        await throttle.charge([wide])


async def test_the_memory_of_a_throttle_is_bounded(web):
    throttle = Throttle(web.runtime)
    for number in range(20_100):
        await throttle.charge([Charge(f"key-{number}", 1, 1000)])
    assert len(throttle._full_at) == 20_000
