"""The audit chain: sealed after the commit, and every tampering by the owner of the database is found."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from linli.audit.chain import ENTRY_COLUMNS, GENESIS, UnknownAlgorithm, canonical, link
from linli.audit.record import Change, record
from linli.audit.seal import Sealer, id_before
from linli.audit.verify import Anchor, AuditReport, ChainProblem, ProblemKind, verify
from linli.clock import FixedClock, SystemClock
from linli.db.database import Database
from linli.ids import new_id
from linli.registry import Composition
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue, Tenant
from linli.testing.factories import Bench


@pytest.fixture
def sealer(database: Database, composition: Composition, tmp_path: Any) -> Sealer:
    settings = Settings(data_dir=tmp_path, database_url=database.owner_url)
    return Sealer(Runtime(settings, database, Catalogue(database), composition))


async def write(bench: Bench, tenant: Tenant, count: int) -> list[UUID]:
    async with bench.context(tenant) as ctx:
        changes = [
            Change("update", "probe_thing", new_id(), before={"n": n}, after={"n": n + 1, "x": 1.50})
            for n in range(count)
        ]
        return [await record(ctx, change) for change in changes]


@asynccontextmanager
async def tampering(database: Database) -> AsyncIterator[asyncpg.Connection[asyncpg.Record]]:
    """What the database's owner can do: neither row-level security nor foreign keys are in the way."""
    connection = await asyncpg.connect(database.owner_url)
    try:
        await connection.execute("set session_replication_role = replica")
        yield connection
    finally:
        await connection.close()


class Sealed:
    """A tenant with ten sealed entries."""

    def __init__(self, database: Database, tenant: Tenant, entries: list[UUID]) -> None:
        self.database, self.tenant, self.entries = database, tenant, entries

    async def tamper(self, *statements: str, entry: UUID | None = None) -> AuditReport:
        async with tampering(self.database) as owner:
            for sql in statements:
                arguments = [self.tenant.id, entry] if "$2" in sql else [self.tenant.id]
                tag = await owner.execute(sql, *arguments)
                assert not tag.endswith(" 0"), "the statement must have changed something"
        return await verify(self.database, self.tenant)


@pytest.fixture
async def sealed(database: Database, bench: Bench, sealer: Sealer) -> Sealed:
    tenant = await bench.tenant()
    entries = await write(bench, tenant, 10)
    await sealer.run_once()
    return Sealed(database, tenant, entries)


def kinds(report: AuditReport) -> set[tuple[int, str]]:
    return {(problem.position, problem.kind.value) for problem in report.problems}


async def test_entries_are_sealed_in_order_and_the_chain_is_intact(sealed: Sealed) -> None:
    report = await verify(sealed.database, sealed.tenant)
    assert (report.sealed, report.unsealed, report.oldest_unsealed_age, report.intact) == (10, 0, None, True)
    assert report.head.position == 10
    async with sealed.database.unit_of_work(sealed.tenant.id) as db:
        sql = "select * from audit_seal where tenant_id = $1 order by position"
        rows = await db.fetch(sql, sealed.tenant.id)
    assert [row["entry_id"] for row in rows] == sealed.entries
    assert [row["previous_hash"] for row in rows] == [GENESIS, *(row["hash"] for row in rows[:-1])]
    assert rows[-1]["hash"] == report.head.hash


async def test_what_is_not_sealed_yet_is_counted_with_its_age(sealed: Sealed, bench: Bench) -> None:
    await write(bench, sealed.tenant, 3)
    late = FixedClock(SystemClock().now() + timedelta(minutes=5))
    report = await verify(sealed.database, sealed.tenant, clock=late)
    assert (report.sealed, report.unsealed, report.intact) == (10, 3, True)
    assert report.oldest_unsealed_age is not None
    assert timedelta(minutes=4) < report.oldest_unsealed_age < timedelta(minutes=6)


async def test_a_tenant_without_entries_is_intact(database: Database, bench: Bench, sealer: Sealer) -> None:
    tenant = await bench.tenant()
    assert (await verify(database, tenant)).head == Anchor(0, GENESIS)
    await sealer.run_once()
    report = await verify(database, tenant)
    assert (report.sealed, report.intact, report.head) == (0, True, Anchor(0, GENESIS))


async def test_each_tenant_has_a_chain_of_its_own(sealed: Sealed, bench: Bench, sealer: Sealer) -> None:
    other = await bench.tenant()
    await write(bench, other, 2)
    await sealer.run_once()
    assert (await verify(sealed.database, other)).sealed == 2
    assert (await verify(sealed.database, sealed.tenant)).sealed == 10


@pytest.mark.parametrize(
    "change",
    [
        "reason = 'nothing to see'",
        "actor_name = 'somebody else'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        'after = \'{"n": 5, "x": 1.5}\'',
        "before = null",
        "subject_id = null",
        "version = version + 1",
        "created_at = created_at - interval '1 second'",
    ],
)
async def test_a_changed_entry_is_found(sealed: Sealed, change: str) -> None:
    entry = sealed.entries[3]
    sql = f"update audit_entry set {change} where tenant_id = $1 and id = $2"
    report = await sealed.tamper(sql, entry=entry)
    assert report.problems == (ChainProblem(4, ProblemKind.CHANGED, entry),)


async def test_a_removed_entry_is_found(sealed: Sealed) -> None:
    entry = sealed.entries[4]
    report = await sealed.tamper("delete from audit_entry where tenant_id = $1 and id = $2", entry=entry)
    assert report.problems == (ChainProblem(5, ProblemKind.REMOVED, entry),)


async def test_an_entry_removed_with_its_seal_is_found(sealed: Sealed) -> None:
    report = await sealed.tamper(
        "delete from audit_seal where tenant_id = $1 and entry_id = $2",
        "delete from audit_entry where tenant_id = $1 and id = $2",
        entry=sealed.entries[4],
    )
    assert report.problems == (ChainProblem(5, ProblemKind.REMOVED, None),)


async def test_a_gap_that_was_closed_again_is_found(sealed: Sealed) -> None:
    report = await sealed.tamper(
        "delete from audit_seal where tenant_id = $1 and entry_id = $2",
        "delete from audit_entry where tenant_id = $1 and id = $2",
        "update audit_seal set position = -position where tenant_id = $1 and position > 5",
        "update audit_seal set position = -position - 1 where tenant_id = $1 and position < 0",
        "update audit_head set position = 9 where tenant_id = $1",
        entry=sealed.entries[4],
    )
    assert kinds(report) == {(5, "reordered")}


async def test_seals_that_changed_places_are_found(sealed: Sealed) -> None:
    report = await sealed.tamper(
        "update audit_seal set position = -3 where tenant_id = $1 and position = 3",
        "update audit_seal set position = 3 where tenant_id = $1 and position = 4",
        "update audit_seal set position = 4 where tenant_id = $1 and position = -3",
    )
    assert {(3, "reordered"), (4, "reordered")} <= kinds(report)
    assert {kind for _position, kind in kinds(report)} == {"reordered"}


async def test_entries_that_changed_places_under_their_seals_are_found(sealed: Sealed) -> None:
    third, fourth, nobody = sealed.entries[2], sealed.entries[3], new_id()
    move = "update audit_seal set entry_id = '{}' where tenant_id = $1 and entry_id = '{}'"
    report = await sealed.tamper(
        move.format(nobody, third), move.format(third, fourth), move.format(fourth, nobody)
    )
    assert kinds(report) == {(3, "reordered"), (4, "reordered")}


async def test_a_changed_seal_is_found(sealed: Sealed) -> None:
    forged = "f" * 64
    report = await sealed.tamper(
        f"update audit_seal set hash = '{forged}' where tenant_id = $1 and position = 6"
    )
    assert kinds(report) == {(6, "changed")}


async def test_a_forged_entry_in_the_middle_is_found(sealed: Sealed) -> None:
    """With a seal that fits it, and all later seals moved on: they no longer hang together."""
    forged = new_id()
    async with tampering(sealed.database) as owner:
        entry = await owner.fetchrow(
            "insert into audit_entry (tenant_id, id, occurred_at, actor_kind, action)"
            " values ($1, $2, now(), 'system', 'forged') returning *",
            sealed.tenant.id,
            forged,
        )
        assert entry is not None
        fifth = "select hash from audit_seal where tenant_id = $1 and position = 5"
        previous = await owner.fetchval(fifth, sealed.tenant.id)
    made = link("sha256", previous, canonical(entry))
    report = await sealed.tamper(
        "update audit_seal set position = -position where tenant_id = $1 and position >= 6",
        "update audit_seal set position = -position + 1 where tenant_id = $1 and position < 0",
        "insert into audit_seal (tenant_id, id, position, entry_id, algorithm, previous_hash, hash)"
        f" values ($1, $2, 6, $2, 'sha256', '{previous}', '{made}')",
        "update audit_head set position = 11 where tenant_id = $1",
        entry=forged,
    )
    assert kinds(report) == {(7, "reordered")}


async def test_a_tail_that_was_cut_off_is_found(sealed: Sealed) -> None:
    entry = sealed.entries[9]
    report = await sealed.tamper(
        "delete from audit_seal where tenant_id = $1 and entry_id = $2",
        "delete from audit_entry where tenant_id = $1 and id = $2",
        entry=entry,
    )
    assert kinds(report) == {(10, "truncated")}


async def test_a_tail_cut_off_with_its_head_is_found_by_an_anchor(sealed: Sealed) -> None:
    anchor = (await verify(sealed.database, sealed.tenant)).head
    report = await sealed.tamper(
        "delete from audit_seal where tenant_id = $1 and position = 10",
        "delete from audit_entry where tenant_id = $1 and id = $2",
        "update audit_head h set position = 9, hash = s.hash from audit_seal s"
        " where h.tenant_id = $1 and s.tenant_id = $1 and s.position = 9",
        entry=sealed.entries[9],
    )
    assert report.intact, "nothing inside the database tells of it: that is what anchors are for"
    report = await verify(sealed.database, sealed.tenant, anchor=anchor)
    assert kinds(report) == {(10, "truncated")}


async def test_a_chain_that_was_made_anew_is_found_by_an_anchor(sealed: Sealed, sealer: Sealer) -> None:
    anchor = (await verify(sealed.database, sealed.tenant)).head
    await sealed.tamper(
        "update audit_entry set reason = 'forged' where tenant_id = $1 and id = $2",
        "delete from audit_seal where tenant_id = $1",
        f"update audit_head set position = 0, hash = '{GENESIS}', last_entry_id = '{UUID(int=0)}'"
        " where tenant_id = $1",
        entry=sealed.entries[2],
    )
    await sealer.run_once()
    assert (await verify(sealed.database, sealed.tenant)).intact
    report = await verify(sealed.database, sealed.tenant, anchor=anchor)
    assert kinds(report) == {(10, "anchor")}


async def test_a_seal_beyond_the_head_is_found(sealed: Sealed) -> None:
    report = await sealed.tamper("update audit_head set position = 9 where tenant_id = $1")
    assert (10, "appended") in kinds(report)


async def test_a_backdated_entry_is_found_before_and_after_it_is_sealed(
    sealed: Sealed, sealer: Sealer
) -> None:
    old = id_before(sealed.entries[0], timedelta(days=3))
    report = await sealed.tamper(
        "insert into audit_entry (tenant_id, id, occurred_at, actor_kind, action)"
        " values ($1, $2, now(), 'system', 'forged')",
        entry=old,
    )
    assert report.problems == (ChainProblem(0, ProblemKind.INSERTED, old),)
    assert await sealer.seal(sealed.tenant.id, look_back=None) == 1
    report = await verify(sealed.database, sealed.tenant)
    assert report.problems == (ChainProblem(11, ProblemKind.BACKDATED, old),)


async def test_an_entry_of_a_slow_transaction_is_sealed_by_the_sweep(
    sealed: Sealed, bench: Bench, sealer: Sealer
) -> None:
    slow = id_before(sealed.entries[0], timedelta(minutes=5))
    async with bench.context(sealed.tenant) as ctx:
        sql = (
            "insert into audit_entry (tenant_id, id, occurred_at, actor_kind, action)"
            " values ($1, $2, now(), 'system', 'slow')"
        )
        await ctx.db.execute(sql, sealed.tenant.id, slow)
    await sealer.run_once()
    assert (await verify(sealed.database, sealed.tenant)).unsealed == 1
    await sealer.sweep()
    report = await verify(sealed.database, sealed.tenant)
    assert (report.sealed, report.unsealed, report.intact) == (11, 0, True)


async def test_only_one_sealer_works_on_a_tenant(sealed: Sealed, bench: Bench, sealer: Sealer) -> None:
    await write(bench, sealed.tenant, 2)
    async with sealed.database.kernel() as db:
        await db.fetch("select 1 from audit_head where tenant_id = $1 for update", sealed.tenant.id)
        assert await sealer.seal(sealed.tenant.id) == 0
    assert await sealer.seal(sealed.tenant.id) == 2


async def test_a_tenant_may_choose_sm3_and_change_its_mind(
    sealed: Sealed, bench: Bench, sealer: Sealer
) -> None:
    for chosen in ("sm3", "sha256"):
        async with sealed.database.kernel() as db:
            settings = f'{{"audit.hash": {{"value": "{chosen}", "mode": "free"}}}}'
            sql = "update tenancy_tenant set settings = $2 where tenant_id = $1"
            await db.execute(sql, sealed.tenant.id, settings)
        sealer._runtime.catalogue.forget()
        await write(bench, sealed.tenant, 2)
        assert await sealer.seal(sealed.tenant.id) == 2
    async with sealed.database.unit_of_work(sealed.tenant.id) as db:
        sql = "select algorithm from audit_seal where tenant_id = $1 order by position offset 10"
        rows = await db.fetch(sql, sealed.tenant.id)
    assert [row["algorithm"] for row in rows] == ["sm3", "sm3", "sha256", "sha256"]
    assert (await verify(sealed.database, sealed.tenant)).intact
    report = await sealed.tamper(
        "update audit_seal set algorithm = 'sha256' where tenant_id = $1 and position = 11"
    )
    assert kinds(report) == {(11, "changed")}


@pytest.mark.parametrize("table", ["audit_entry", "audit_seal", "audit_head"])
@pytest.mark.parametrize("verb", ["update {} set version = 2", "delete from {}"])
async def test_the_api_role_can_neither_change_nor_remove_what_was_written(
    sealed: Sealed, table: str, verb: str
) -> None:
    async with sealed.database.unit_of_work(sealed.tenant.id) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(f"{verb.format(table)} where tenant_id = $1", sealed.tenant.id)


async def test_more_problems_than_fit_are_cut_off(bench: Bench, database: Database, sealer: Sealer) -> None:
    tenant = await bench.tenant()
    entries = await write(bench, tenant, 150)
    await sealer.run_once()
    report = await Sealed(database, tenant, entries).tamper(
        "update audit_entry set reason = 'forged' where tenant_id = $1"
    )
    assert len(report.problems) == 100
    assert report.sealed == 150


ENTRY: dict[str, object] = dict.fromkeys(ENTRY_COLUMNS)


@given(one=st.text(), two=st.text(), column=st.sampled_from(("reason", "origin", "before")))
def test_different_content_has_a_different_hash(one: str, two: str, column: str) -> None:
    first, second = ({**ENTRY, column: text} for text in (one, two))
    for algorithm in ("sha256", "sm3"):
        same = link(algorithm, GENESIS, canonical(first)) == link(algorithm, GENESIS, canonical(second))
        assert same == (one == two)


def test_sm3_gives_the_digest_of_the_standards_example() -> None:
    """Source: GB/T 32905-2016, appendix A.2 (64 bytes `abcd` repeated 16 times)."""
    previous = b"abcd".hex() * 8
    content = b"abcd" * 8
    assert (
        link("sm3", previous, content) == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    )


def test_an_unknown_digest_is_refused() -> None:
    with pytest.raises(UnknownAlgorithm):
        link("md5", GENESIS, b"")
