"""New keys for old, while people go on working."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from linli.clock import FixedClock
from linli.context import PermissionDenied
from linli.db import rows
from linli.db.encryption import decrypt, find_equal
from linli.db.encryption.fields import key_id_of
from linli.identity import people
from linli.identity.tables import Person
from linli.jobs.run import Jobs
from linli.privacy import rotate, rotation, shred
from linli.privacy.errors import UnknownPurpose
from linli.queues.work import WorkQueue
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench

PURPOSE = "identity.id_number"
NUMBERS = ("999999199003070012", "999999198511230022")  # made up: there is no such region
CLOCK = FixedClock(datetime(2026, 7, 24, 4, 0, tzinfo=UTC))


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "BATCH", 3)


async def seed(bench: Bench, tenant: Tenant, count: int = 7) -> list[UUID]:
    async with bench.context(tenant, clock=CLOCK) as ctx:
        made = [
            await people.register(
                ctx, area_id=None, full_name="测试人员", id_number=NUMBERS[number % 2], synthetic=True
            )
            for number in range(count)
        ]
        await people.register(ctx, area_id=None, full_name="测试人员", synthetic=True)
    return [one.id for one in made]


async def finish(bench: Bench, tenant: Tenant) -> rotation.Rotation:
    """Run batches as the worker does, each in its own transaction, until nothing is left to do."""
    for _ in range(50):
        async with bench.context(tenant, clock=CLOCK) as ctx:
            await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
            (found,) = await rotation.state(ctx)
        if found.state != "running":
            async with bench.context(tenant, clock=CLOCK) as ctx:
                await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
            return found
    raise AssertionError("the rotation does not end")


async def key_states(bench: Bench, tenant: Tenant) -> list[tuple[str, str, str]]:
    async with bench.context(tenant) as ctx:
        found = await ctx.db.fetch(
            "select kind, algorithm, state from privacy_data_key where tenant_id = $1 order by kind, id",
            ctx.tenant_id,
        )
    return [(row["kind"], row["algorithm"], row["state"]) for row in found]


async def key_ids(bench: Bench, tenant: Tenant, ids: list[UUID]) -> list[UUID | None]:
    async with bench.context(tenant) as ctx:
        return [key_id_of((await rows.get(ctx, Person, one)).id_number or b"") for one in ids]


async def test_all_values_move_to_the_new_key_and_no_version_changes(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    ids = await seed(bench, tenant)
    before = await key_ids(bench, tenant, ids)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        assert await rotate(ctx) == [PURPOSE]
    done = await finish(bench, tenant)

    assert (done.state, done.rows_done, done.rows_left) == ("done", 7, 0)
    after = await key_ids(bench, tenant, ids)
    assert len(set(before)) == len(set(after)) == 1
    assert before[0] != after[0]
    async with bench.context(tenant) as ctx:
        people_now = [await rows.get(ctx, Person, one) for one in ids]
        assert {one.version for one in people_now} == {1}
        assert [await decrypt(ctx, one, "id_number") for one in people_now] == [
            NUMBERS[number % 2] for number in range(7)
        ]
        assert len(await find_equal(ctx, Person, "id_number", NUMBERS[0])) == 4
    assert await key_states(bench, tenant) == [
        ("cipher", "aes-256-gcm", "retired"),
        ("cipher", "aes-256-gcm", "current"),
        ("index", "hmac-sha256", "current"),
    ]


async def test_a_rotation_takes_up_the_cipher_and_the_digest_that_the_setting_names(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    ids = await seed(bench, tenant)
    national = replace(tenant, settings={"privacy.cipher": "sm4-gcm"})
    async with bench.context(national, clock=CLOCK) as ctx:
        await rotate(ctx, PURPOSE, with_index=True)
        # Half-way, both the old and the new index are searched.
        await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
        assert len(await find_equal(ctx, Person, "id_number", NUMBERS[0])) == 4
    await finish(bench, national)
    async with bench.context(national) as ctx:
        assert len(await find_equal(ctx, Person, "id_number", NUMBERS[1])) == 3
        assert await decrypt(ctx, await rows.get(ctx, Person, ids[0]), "id_number") == NUMBERS[0]
    assert await key_states(bench, tenant) == [
        ("cipher", "aes-256-gcm", "retired"),
        ("cipher", "sm4-gcm", "current"),
        ("index", "hmac-sha256", "retired"),
        ("index", "hmac-sm3", "current"),
    ]


async def test_what_is_written_meanwhile_is_under_the_new_key_and_rows_held_by_others_are_done_later(
    bench: Bench,
) -> None:
    tenant = await bench.tenant(plugins=())
    ids = await seed(bench, tenant)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        await rotate(ctx, PURPOSE)
    async with bench.context(tenant, clock=CLOCK) as holder:
        await people.update(holder, ids[1], phone="19900000009")  # holds its row until the block ends
        for _ in range(3):
            async with bench.context(tenant, clock=CLOCK) as ctx:
                await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
        written = await people.update(holder, ids[5], id_number=NUMBERS[0])
        assert await decrypt(holder, written, "id_number") == NUMBERS[0]
    done = await finish(bench, tenant)
    assert (done.state, done.rows_left) == ("done", 0)
    assert len(set(await key_ids(bench, tenant, ids))) == 1


async def test_beginning_again_half_way_ends_well(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    ids = await seed(bench, tenant)
    for _ in range(2):
        async with bench.context(tenant, clock=CLOCK) as ctx:
            await rotate(ctx, PURPOSE)
            await rotation.continue_rotation(ctx, {"purpose": PURPOSE})
    assert (await finish(bench, tenant)).state == "done"
    assert len(set(await key_ids(bench, tenant, ids))) == 1
    states = [state for kind, _algorithm, state in await key_states(bench, tenant) if kind == "cipher"]
    assert states == ["retired", "retired", "current"]


async def test_what_can_no_longer_be_read_stays_as_it_is_and_is_counted(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    await seed(bench, tenant, 2)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        await shred(ctx, PURPOSE, reason="测试结束")
    await seed(bench, tenant, 2)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        await rotate(ctx, PURPOSE)
    done = await finish(bench, tenant)
    assert (done.state, done.rows_done, done.rows_left) == ("incomplete", 2, 2)


async def test_rotating_takes_its_permission_and_a_known_purpose(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await rotate(ctx)
    async with bench.context(tenant) as ctx:
        with pytest.raises(UnknownPurpose):
            await rotate(ctx, "identity.nothing")
        assert await rotate(ctx) == []


async def test_a_worker_goes_on_from_batch_to_batch_by_itself(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    ids = await seed(bench, tenant)
    async with bench.context(tenant) as ctx:
        await rotate(ctx, PURPOSE)
    settings = Settings(data_dir=Path(), secret_key="test")
    queue = WorkQueue(Jobs(), Runtime(settings, bench.database, bench.catalogue, bench.composition))
    for _ in range(20):
        if not await queue.serve(tenant.id):
            break
    async with bench.context(tenant) as ctx:
        (found,) = await rotation.state(ctx)
        jobs = await ctx.db.fetch("select status, args from jobs_job where tenant_id = $1", tenant.id)
    assert (found.state, found.rows_done) == ("done", 7)
    assert {row["status"] for row in jobs} == {"done"}
    assert len(set(await key_ids(bench, tenant, ids))) == 1
