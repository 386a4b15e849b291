"""Redis may be away, go and come back: requests are served all the while."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import CapturingLogger

from linli.embedded import EmbeddedValkey
from linli.http.errors import RateLimited
from linli.http.throttle import Charge, Throttle


async def until(condition):
    """Wait until the application has noticed; bounded by the time-out."""
    async with asyncio.timeout(20):
        while not condition():  # noqa: ASYNC110 (what is waited for happens in another process)
            await asyncio.sleep(0.02)


async def test_an_application_without_redis_limits_per_process(web):
    throttle = Throttle(web.runtime)
    await throttle.charge([Charge("k", 1, 60_000)])
    with pytest.raises(RateLimited):
        await throttle.charge([Charge("k", 1, 60_000)])


async def test_redis_that_was_never_there_makes_nothing_unready(webs, tmp_path):
    web = await webs.start(redis_url=f"unix://{tmp_path}/nobody.sock")
    await until(lambda: not web.runtime.redis_health.available)
    ready = await web.client.get("/ready")
    assert (ready.status_code, ready.json()["redis"]) == (200, "degraded")


async def test_redis_goes_and_comes_back_without_a_restart(webs, tmp_path_factory, monkeypatch):
    # A logger keeps the settings of its first use, which may have been another test's.
    logged = CapturingLogger()
    monkeypatch.setattr("linli.runtime._log", logged)
    server = EmbeddedValkey(tmp_path_factory.mktemp("valkey") / "data")
    await asyncio.to_thread(server.start)
    try:
        web = await webs.start(redis_url=server.url())
        health = web.runtime.redis_health
        throttle, charge = Throttle(web.runtime), [Charge("test:gone", 2, 60_000)]
        await throttle.charge(charge)
        await asyncio.to_thread(server.stop)
        await throttle.charge(charge)
        assert not health.available
        assert (await web.client.get("/ready")).json()["redis"] == "degraded"
        body = {"tenant": "a", "login": "b", "password": "c"}
        assert (await web.post("/auth/sign-in", body)).status_code == 401
        await asyncio.to_thread(server.start)
        await until(lambda: health.available)
        assert (await web.client.get("/ready")).json()["redis"] == "ok"
        # The new server holds nothing, and is what counts again.
        await throttle.charge(charge)
        await throttle.charge(charge)
        with pytest.raises(RateLimited):
            await throttle.charge(charge)
    finally:
        await asyncio.to_thread(server.stop)
    said = [call.args[0] for call in logged.calls]
    assert said.count("redis.lost") == 1
    assert said.count("redis.back") == 1
