"""Encrypted columns: what is stored, who can read it, and how it is found."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from linli.clock import FixedClock
from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.db.encryption import LocalMasterKeys, Vault, decrypt, find_equal
from linli.db.encryption.algorithms import CIPHERS
from linli.db.encryption.errors import (
    BadMasterKeys,
    KeyDestroyed,
    MasterKeyMissing,
    MasterKeyWrong,
    UnknownCipher,
    ValueDamaged,
)
from linli.db.encryption.master_keys import (
    create_master_keys_file,
    load_master_keys,
    new_master_key,
    parse_master_keys,
)
from linli.errors import Required
from linli.identity import people
from linli.identity.numbers import InvalidResidentId
from linli.identity.searching import SEARCH, search
from linli.identity.tables import Person
from linli.privacy import shred
from linli.privacy.starting import prepare_master_keys, verify_master_keys
from linli.registry import Composition
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.pytest_plugin import MASTER_KEYS, scratch_database

# Made up: region 999999 does not exist.
NUMBER, OTHER_NUMBER = "999999199003070012", "999999198511230022"
CLOCK = FixedClock(datetime(2026, 7, 24, 4, 0, tzinfo=UTC))


async def with_number(ctx: Context, number: str | None = NUMBER) -> Person:
    return await people.register(ctx, area_id=None, full_name="测试人员", id_number=number, synthetic=True)


async def key_rows(bench: Bench, tenant: Tenant) -> list[tuple[str, str, str]]:
    async with bench.context(tenant) as ctx:
        found = await ctx.db.fetch(
            "select kind, algorithm, state from privacy_data_key where tenant_id = $1 order by kind, id",
            ctx.tenant_id,
        )
    return [(row["kind"], row["algorithm"], row["state"]) for row in found]


@pytest.mark.parametrize("cipher", CIPHERS)
async def test_a_value_is_stored_encrypted_found_by_its_index_and_given_back(
    bench: Bench, cipher: str
) -> None:
    tenant = replace(await bench.tenant(plugins=()), settings={"privacy.cipher": cipher})
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await with_number(ctx, "９９９９９９ 19900307-0012")
        stored = await ctx.db.fetchrow(
            "select id_number, id_number_index from identity_person where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            person.id,
        )
        assert stored is not None
        assert NUMBER.encode() not in stored["id_number"]
        assert (len(stored["id_number"]), len(stored["id_number_index"])) == (46 + 18, 32)
        assert await decrypt(ctx, person, "id_number") == NUMBER
        assert [one.id for one in await find_equal(ctx, Person, "id_number", NUMBER)] == [person.id]
        assert await find_equal(ctx, Person, "id_number", OTHER_NUMBER) == []
        after = await ctx.db.fetchval(
            "select after from audit_entry where tenant_id = $1 and subject_id = $2", ctx.tenant_id, person.id
        )
        assert json.loads(after)["id_number"] == "***"
        assert "id_number_index" not in json.loads(after)
    digest = {"aes-256-gcm": "hmac-sha256", "sm4-gcm": "hmac-sm3"}[cipher]
    assert await key_rows(bench, tenant) == [("cipher", cipher, "current"), ("index", digest, "current")]


async def test_an_update_encrypts_and_an_emptied_value_leaves_no_index(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await with_number(ctx)
        person = await people.update(ctx, person.id, id_number=OTHER_NUMBER)
        assert await decrypt(ctx, person, "id_number") == OTHER_NUMBER
        assert await find_equal(ctx, Person, "id_number", NUMBER) == []
        person = await people.update(ctx, person.id, id_number=None)
        assert (person.id_number, person.id_number_index) == (None, None)
        assert await decrypt(ctx, person, "id_number") is None


@pytest.mark.parametrize("typed", ["999999199003070017", "99999919900307001", "999999209003070019", "x" * 99])
async def test_a_number_that_is_none_is_refused_without_repeating_it(bench: Bench, typed: str) -> None:
    async with bench.context(await bench.tenant(plugins=()), clock=CLOCK) as ctx:
        with pytest.raises(InvalidResidentId) as refused:
            await with_number(ctx, typed)
    assert refused.value.path == ("id_number",)
    assert typed not in str(refused.value)


async def test_a_value_moved_to_another_row_column_or_tenant_cannot_be_read(bench: Bench) -> None:
    tenant, elsewhere = await bench.tenant(plugins=()), await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person, other = await with_number(ctx), await with_number(ctx, OTHER_NUMBER)
        sealed = person.id_number
        assert sealed is not None
        moved = replaced(other, sealed)
        with pytest.raises(ValueDamaged):
            await decrypt(ctx, moved, "id_number")
        for place in (0, 1, 5, 20, 40, len(sealed) - 1):
            changed = bytearray(sealed)
            changed[place] ^= 1
            with pytest.raises(ValueDamaged):
                await decrypt(ctx, replaced(person, bytes(changed)), "id_number")
        with pytest.raises(ValueDamaged):
            await decrypt(ctx, replaced(person, b"short"), "id_number")
    async with bench.context(elsewhere, clock=CLOCK) as ctx:
        with pytest.raises(ValueDamaged):
            await decrypt(ctx, replaced(person, sealed), "id_number")


def replaced(row: Person, sealed: bytes) -> Person:
    copy = Person(_ignore_missing=True)
    for column in Person._meta.columns:
        setattr(copy, column._meta.name, getattr(row, column._meta.name))
    copy.id_number = sealed
    return copy


async def test_equal_values_of_two_tenants_have_neither_ciphertext_nor_index_in_common(bench: Bench) -> None:
    found = []
    for tenant in (await bench.tenant(plugins=()), await bench.tenant(plugins=())):
        async with bench.context(tenant, clock=CLOCK) as ctx:
            found.append(await with_number(ctx))
    assert found[0].id_number_index != found[1].id_number_index
    assert found[0].id_number != found[1].id_number


async def test_many_who_need_the_first_key_at_once_get_the_same_one(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())

    async def one(number: int) -> None:
        async with bench.context(tenant, clock=CLOCK) as ctx:
            await with_number(ctx)
            if number % 3 == 0:  # some of them fail after all
                await ctx.db.execute("select 1 / 0")

    results = await asyncio.gather(*(one(number) for number in range(12)), return_exceptions=True)
    assert sum(isinstance(result, BaseException) for result in results) == 4
    assert await key_rows(bench, tenant) == [
        ("cipher", "aes-256-gcm", "current"),
        ("index", "hmac-sha256", "current"),
    ]
    async with bench.context(tenant) as ctx:
        found = await find_equal(ctx, Person, "id_number", NUMBER)
        assert [await decrypt(ctx, one, "id_number") for one in found] == [NUMBER] * 8


async def test_a_key_that_was_rolled_back_to_a_savepoint_is_not_used_afterwards(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        with suppress(ZeroDivisionError):
            async with ctx.db.savepoint():
                await with_number(ctx)
                raise ZeroDivisionError
        person = await with_number(ctx)
    async with bench.context(tenant) as ctx:
        assert await decrypt(ctx, await rows.get(ctx, Person, person.id), "id_number") == NUMBER


async def test_an_unknown_cipher_is_refused(bench: Bench) -> None:
    tenant = replace(await bench.tenant(plugins=()), settings={"privacy.cipher": "rot13"})
    async with bench.context(tenant, clock=CLOCK) as ctx:
        with pytest.raises(UnknownCipher):
            await with_number(ctx)


async def test_after_its_key_was_destroyed_a_value_is_gone_and_says_so(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await with_number(ctx)
    async with bench.context(tenant, clock=CLOCK) as ctx:
        assert await shred(ctx, "identity.id_number", reason="测试结束") == 2
    async with bench.context(tenant, clock=CLOCK) as ctx:
        with pytest.raises(KeyDestroyed) as refused:
            await decrypt(ctx, person, "id_number")
        assert refused.value.details == {"purpose": "identity.id_number"}
        assert await find_equal(ctx, Person, "id_number", NUMBER) == []
        fresh = await with_number(ctx)
        assert await decrypt(ctx, fresh, "id_number") == NUMBER
        wrapped = await ctx.db.fetchval(
            "select count(wrapped) from privacy_data_key where tenant_id = $1 and state = 'destroyed'",
            ctx.tenant_id,
        )
    assert wrapped == 0


async def test_shredding_takes_its_permission_and_a_reason(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await shred(ctx, None, reason="测试")
    async with bench.context(tenant) as ctx:
        with pytest.raises(Required):
            await shred(ctx, None, reason="  ")


async def test_people_are_found_by_number_or_phone_where_the_actor_serves_and_it_is_audited(
    bench: Bench,
) -> None:
    tenant = await bench.tenant(plugins=())
    here, there = await bench.area(tenant, "和平社区"), await bench.area(tenant, "解放社区")
    async with bench.context(tenant, clock=CLOCK) as ctx:
        for area, phone in ((here, "19900000001"), (there, "19900000002")):
            await people.register(
                ctx, area_id=area.id, full_name="测试人员", id_number=NUMBER, phone=phone, synthetic=True
            )
    async with bench.context(tenant, permissions=(SEARCH,), area_path=here.path, clock=CLOCK) as ctx:
        by_number = await search(ctx, id_number=NUMBER, reason="核实入户信息")
        assert [one.area_id for one in by_number] == [here.id]
        assert len(await search(ctx, phone="199 0000 0001", reason="核实入户信息")) == 1
        assert await search(ctx, phone="19900000002", reason="核实入户信息") == []
        with pytest.raises(Required):
            await search(ctx, id_number=NUMBER, reason="")
        with pytest.raises(Required):
            await search(ctx, reason="核实入户信息")
        entries = await ctx.db.fetch(
            "select reason, after from audit_entry where tenant_id = $1 and action = 'search' order by id",
            ctx.tenant_id,
        )
    assert [(row["reason"], json.loads(row["after"])) for row in entries] == [
        ("核实入户信息", {"by": "id_number", "found": 1}),
        ("核实入户信息", {"by": "phone", "found": 1}),
        ("核实入户信息", {"by": "phone", "found": 0}),
    ]
    async with bench.context(tenant, permissions=("identity.person.read",)) as ctx:
        with pytest.raises(PermissionDenied):
            await search(ctx, id_number=NUMBER, reason="好奇")


# --- master keys -----------------------------------------------------------------------------------------


async def test_without_the_right_master_key_nothing_starts_and_no_new_key_is_made(
    bench: Bench, tmp_path: Path
) -> None:
    async with bench.context(await bench.tenant(plugins=()), clock=CLOCK) as ctx:
        await with_number(ctx)
    database, present = bench.database, bench.database.vault
    wrong = LocalMasterKeys({"test": b"quite another key than the right"}, current_id="test")
    foreign = LocalMasterKeys({"other": MASTER_KEYS.keys["test"]}, current_id="other")
    try:
        for keys, expected in (
            (None, MasterKeyMissing),
            (foreign, MasterKeyMissing),
            (wrong, MasterKeyWrong),
        ):
            database.vault = Vault(keys)
            with pytest.raises(expected) as refused:
                await verify_master_keys(database)
            assert refused.value.details == {"key_id": "test"}
    finally:
        database.vault = present
    await verify_master_keys(database)
    with pytest.raises(MasterKeyMissing):
        await prepare_master_keys(settings(tmp_path), database.owner_url)
    assert load_master_keys(settings(tmp_path)) is None


async def test_rewrapping_moves_the_keys_to_a_new_master_key_and_no_value(bench: Bench) -> None:
    tenant = await bench.tenant(plugins=())
    async with bench.context(tenant, clock=CLOCK) as ctx:
        person = await with_number(ctx)
        both = LocalMasterKeys(
            {**parse_master_keys(new_master_key("2027"), "test").keys, **MASTER_KEYS.keys}, current_id="2027"
        )
        newest = LocalMasterKeys({"2027": both.keys["2027"]}, current_id="2027")
        present, ctx.db.vault = ctx.db.vault, Vault(both)
        assert await ctx.db.vault.rewrap(ctx.db, ctx.tenant_id) == 2
        assert await ctx.db.vault.rewrap(ctx.db, ctx.tenant_id) == 0
        ctx.db.vault = Vault(newest)
        assert await decrypt(ctx, person, "id_number") == NUMBER
        ctx.db.vault = Vault(both)  # and back, for the tests that share the database
        ctx.db.vault._master_keys = replace(both, current_id="test")
        assert await ctx.db.vault.rewrap(ctx.db, ctx.tenant_id) == 2
        ctx.db.vault = present


def settings(folder: object, **given: object) -> Settings:
    return Settings(data_dir=folder, **given)  # type: ignore[arg-type]


def test_master_keys_are_read_from_variable_or_file_and_the_first_is_current(tmp_path: Path) -> None:
    lines = f"# newest first\n{new_master_key('2027')}\n{new_master_key('2026')}  # until 2028\n"
    (tmp_path / "master.keys").write_text(lines)
    for keys in (
        load_master_keys(settings(tmp_path)),
        parse_master_keys(",".join(lines.splitlines()[1:]), "variable"),
    ):
        assert isinstance(keys, LocalMasterKeys)
        assert (keys.current_id, sorted(keys.keys)) == ("2027", ["2026", "2027"])
        assert "b'" not in repr(keys)


async def test_the_first_start_makes_a_master_key_of_its_own_and_a_second_never_writes_over_it(
    postgres_url: str, composition: Composition, tmp_path: Path
) -> None:
    told: list[str] = []
    async with scratch_database(postgres_url, composition) as database:
        await prepare_master_keys(settings(tmp_path), database.owner_url, told.append)
        made = load_master_keys(settings(tmp_path))
        assert isinstance(made, LocalMasterKeys)
        assert len(made.keys) == 1
        await prepare_master_keys(settings(tmp_path), database.owner_url, told.append)
    assert told == [str(tmp_path / "master.keys")]
    assert (tmp_path / "master.keys").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        create_master_keys_file(tmp_path / "master.keys", "2027")


@pytest.mark.parametrize(
    "text", ["", "no colon", "a b:AAAA", "k:not base64!", "k:c2hvcnQ=", f"k:{'A' * 43}=,k:AAAA"]
)
def test_unusable_master_keys_are_refused_without_showing_them(text: str) -> None:
    with pytest.raises(BadMasterKeys) as refused:
        parse_master_keys(text, "variable")
    secret = text.partition(":")[2].partition(",")[0]
    assert not secret or secret not in str(refused.value)


def test_an_adapter_brings_the_keys_of_a_key_management_service(tmp_path: Path) -> None:
    name = f"{__name__}:none"
    with pytest.raises(BadMasterKeys):
        load_master_keys(settings(tmp_path, master_keys_adapter=name))
    with pytest.raises(BadMasterKeys):
        load_master_keys(settings(tmp_path, master_keys_adapter="linli.masks:mask_name"))
    found = load_master_keys(settings(tmp_path, master_keys_adapter="linli.testing.key_service:connect"))
    assert found is not None
    assert found.current_id == "service"
