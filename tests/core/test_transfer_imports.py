"""Imports from the file to the result: preview, confirmation, batches, repeats, cancelling, rights."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import os
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio

from linli.areas import counters
from linli.clock import FixedClock
from linli.context import Actor, Context, PermissionDenied
from linli.db import rows
from linli.db.database import Database
from linli.db.failures import DatabaseBusy
from linli.errors import LinliError, NotFound
from linli.identity import accounts, grants
from linli.privacy import rotate, rotation
from linli.registry import Composition, compose
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.testing.fake_plugins import FakePlugins
from linli.testing.imports import ImportBench
from linli.transfer import checking, files, imports, running
from linli.transfer.blocks import all_blocks
from linli.transfer.errors import (
    FileGone,
    FileTooLarge,
    RowsRefused,
    StorageFull,
    UnknownFormat,
    UnknownKind,
)
from linli.transfer.imports import IMPORT_STATES, ImportMode
from linli.transfer.kinds import ImportedRow, RowOutcome, RowResult, row_by_row
from linli.transfer.leftovers import sweep
from linli.transfer.tables import DataImport
from linli.workflow import UndefinedTransition

KIND = "identity.people"
WRITE = ("identity.person.write", "identity.person.read")
NOON = datetime(2026, 5, 6, 4, 0, tzinfo=UTC)
HEADER = "姓名,所在区域,联系电话,身份证号,出生日期,性别"


def listed(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines]).encode("utf-8-sig")


def many(count: int, area: str = "和平社区") -> bytes:
    return listed(*(f"示例{i},{area},{19900000000 + i},,1980-01-01," for i in range(count)))


@dataclass
class Town:
    """Two streets, one with a community, and a clerk of the first."""

    transfers: ImportBench
    tenant: Tenant
    street: BenchArea
    community: BenchArea
    elsewhere: BenchArea
    clerk: Actor
    clock: FixedClock

    async def people(self) -> list[str]:
        async with self.transfers.context(self.tenant) as ctx:
            found = await ctx.db.fetch(
                "select full_name from identity_person where tenant_id = $1 order by full_name",
                self.tenant.id,
            )
        return [row["full_name"] for row in found]

    async def count(self, area: BenchArea) -> int:
        async with self.transfers.context(self.tenant) as ctx:
            return (await counters.counts(ctx, area.id)).total

    async def preview(self, content: bytes, **options: Any) -> Any:
        return await self.transfers.preview(self.tenant, KIND, content, actor=self.clerk, **options)

    async def confirm(self, import_id: UUID, mode: ImportMode = ImportMode.GOOD_ROWS) -> Any:
        return await self.transfers.confirm(self.tenant, import_id, actor=self.clerk, mode=mode)

    async def content(self, file_id: UUID) -> bytes:
        async with self.as_clerk() as ctx:
            return b"".join([piece async for piece in files.pieces(ctx, file_id)])

    def as_clerk(self) -> Any:
        return self.transfers.context(self.tenant, self.clerk)


@pytest_asyncio.fixture(autouse=True)
async def no_leftovers(database: Database) -> AsyncIterator[None]:
    yield
    async with database.kernel() as db:
        await db.execute("update jobs_job set status = 'dead' where status = 'pending'")


async def make_town(bench: Bench) -> Town:
    clock = FixedClock(NOON)
    transfers = ImportBench(bench, clock=clock)
    tenant = await bench.tenant(plugins=bench.composition.names & {"probe"})
    street = await bench.area(tenant, "中山街道")
    community = await bench.area(tenant, "和平社区", parent=street)
    elsewhere = await bench.area(tenant, "解放街道")
    clerk = await transfers.account(tenant, WRITE, area=street)
    return Town(transfers, tenant, street, community, elsewhere, clerk, clock)


@pytest_asyncio.fixture
async def town(bench: Bench) -> Town:
    return await make_town(bench)


BAD = (
    "示例丙,解放街道,19900000003,,,",  # not the clerk's
    "示例丁,没有,19900000004,,,",
    "示例戊,和平社区,123,,,",
    "示例己,和平社区,,110105194912310021,,",
    "示例庚,和平社区,19900000007,11010519491231002X,1950-01-01,",
)
GOOD = ("示例甲,中山街道/和平社区,19900000001,,1980-01-01,男", "示例乙,和平社区,,11010519491231002x,,")


async def test_a_preview_tells_of_each_row_and_writes_nothing(town: Town) -> None:
    found = await town.preview(listed(*GOOD, *BAD))
    assert found.state == "checked"
    assert found.counts == (2, 0, 0, 5)
    assert found.problems == {
        4: [("area", "permission_denied")],
        5: [("area", "transfer.unknown_area")],
        6: [("mobile", "identity.phone")],
        7: [("resident_id", "numbers.resident_id")],
        8: [("birth_date", "transfer.birth_date_differs")],
    }
    assert await town.people() == []
    async with town.as_clerk() as ctx:
        stored = await ctx.db.fetch(
            "select row_number, column_key, value, area_path from transfer_problem"
            " where tenant_id = $1 and import_id = $2 order by row_number",
            ctx.tenant_id,
            found.row.id,
        )
        assert (
            await ctx.db.fetchval(
                "select count(*) from audit_entry where tenant_id = $1 and subject_table = 'identity_person'",
                ctx.tenant_id,
            )
        ) == 0
    assert [(row["column_key"], row["value"]) for row in stored] == [
        ("area", "解放街道"),
        ("area", "没有"),
        ("mobile", "****"),
        ("resident_id", "110***********0021"),
        ("birth_date", "***"),
    ]
    assert {row["area_path"] for row in stored} == {town.street.path}


async def test_good_rows_are_imported_and_the_result_file_says_what_became_of_each(town: Town) -> None:
    found = await town.preview(listed(*GOOD, *BAD))
    done = await town.confirm(found.row.id)
    assert (done.state, done.counts) == ("done", (2, 0, 0, 5))
    assert await town.people() == ["示例乙", "示例甲"]
    assert await town.count(town.street) == 2
    content = await town.transfers.result_file(town.tenant, done.row.id)
    table = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert table[0] == [*HEADER.split(","), "导入结果", "问题"]
    assert [row[6] for row in table[1:]] == ["新增", "新增", *["未通过"] * 5]
    assert table[1][:6] == ["示例甲", "中山街道/和平社区", "19900000001", "", "1980-01-01", "男"]
    assert table[4][7].startswith("所在区域: 没有这个区域")


async def test_whatever_is_done_is_put_down_to_whoever_confirmed_and_to_the_import(town: Town) -> None:
    found = await town.preview(listed(GOOD[0]))
    await town.confirm(found.row.id)
    async with town.as_clerk() as ctx:
        entries = await ctx.db.fetch(
            "select actor_kind, actor_id, reason from audit_entry"
            " where tenant_id = $1 and subject_table = 'identity_person'",
            ctx.tenant_id,
        )
        events = await ctx.db.fetch(
            "select actor_id from events_event where tenant_id = $1 and name = 'identity.person_registered'",
            ctx.tenant_id,
        )
    assert [(row["actor_kind"], row["actor_id"], row["reason"]) for row in entries] == [
        ("account", town.clerk.id, f"import {found.row.id}")
    ]
    assert [row["actor_id"] for row in events] == [town.clerk.id]


@pytest.mark.parametrize("mode", list(ImportMode))
async def test_a_repeated_import_changes_nothing_and_says_so_for_each_row(
    town: Town, mode: ImportMode
) -> None:
    content = listed(*GOOD)
    first = await town.preview(content)
    assert (await town.confirm(first.row.id, mode)).counts == (2, 0, 0, 0)
    again = await town.preview(content)
    assert again.counts == (0, 0, 2, 0)
    done = await town.confirm(again.row.id, mode)
    assert set(done.results.values()) == {"unchanged"}
    assert await town.count(town.community) == 2
    async with town.as_clerk() as ctx:
        assert (
            await ctx.db.fetchval(
                "select count(*) from audit_entry where tenant_id = $1 and subject_table = 'identity_person'",
                ctx.tenant_id,
            )
            == 2
        )


async def test_known_people_get_new_telephones_and_move_and_others_of_the_name_stay(town: Town) -> None:
    before = listed(
        "示例甲,和平社区,19900000001,,1980-01-01,",
        "示例甲,中山街道,19900000002,,1980-01-01,",
        "示例乙,和平社区,19900000003,,,",
    )
    await town.confirm((await town.preview(before)).row.id)
    after = listed(
        "示例甲,和平社区,19900000009,,1980-01-01,女",  # same place: a new telephone
        "示例甲,和平社区,19900000002,,1980-01-01,",  # repeated in this file
        "示例乙,中山街道,19900000003,,1970-01-01,",  # same telephone: moved, and now the birth date is known
        "示例丙,和平社区,19900000005,,,",
        "示例乙,和平社区,19900000003,,1971-01-01,",  # another birth date: another person, once the other's is known
    )
    done = await town.confirm((await town.preview(after)).row.id)
    assert done.results == {2: "updated", 3: "refused", 4: "updated", 5: "created", 6: "refused"}
    assert done.problems[6] == [("full_name", "transfer.repeated_row")]
    moved = listed("示例甲,和平社区,19900000002,,1980-01-01,")
    done = await town.confirm((await town.preview(moved)).row.id)
    assert done.counts == (0, 1, 0, 0)
    assert (await town.count(town.community), await town.count(town.street)) == (3, 4)
    done = await town.confirm((await town.preview(moved)).row.id)
    assert done.counts == (0, 0, 1, 0)


async def test_all_or_nothing_refuses_a_file_with_a_bad_row(town: Town) -> None:
    found = await town.preview(listed(*GOOD, BAD[1]))
    with pytest.raises(RowsRefused) as refusal:
        await town.confirm(found.row.id, ImportMode.ALL_OR_NOTHING)
    assert refusal.value.details == {"refused": 1}
    assert (await town.transfers.look(town.tenant, found.row.id)).state == "checked"


async def test_all_or_nothing_goes_back_when_a_row_turns_bad_after_the_check(town: Town) -> None:
    found = await town.preview(listed(*GOOD, "示例丙,中山街道,19900000003,,,"))
    assert found.counts == (3, 0, 0, 0)
    async with town.transfers.context(town.tenant) as ctx:
        await ctx.db.execute(
            "update areas_area set state = 'retired', valid_to = '2026-01-01' where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            town.community.id,
        )
    done = await town.confirm(found.row.id, ImportMode.ALL_OR_NOTHING)
    assert (done.state, done.row.error_code, done.counts) == ("failed", "transfer.rows_refused", (0, 0, 0, 2))
    assert done.results == {2: "refused", 3: "refused", 4: ""}
    assert await town.people() == []
    content = await town.transfers.result_file(town.tenant, done.row.id)
    assert [line.split(",")[6] for line in content.decode("utf-8-sig").splitlines()[1:]] == [
        "未通过",
        "未通过",
        "未导入",
    ]


async def test_a_worker_killed_between_batches_goes_on_behind_the_last_one(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await town.preview(many(1_200))
    assert (found.row.rows_total, found.row.blocks_total) == (1_200, 3)
    async with town.as_clerk() as ctx:
        await imports.confirm(ctx, found.row.id, mode=ImportMode.GOOD_ROWS)
    await town.transfers.work(1)
    half = await town.transfers.look(town.tenant, found.row.id)
    assert (half.state, half.row.rows_done, half.counts) == ("running", 499, (499, 0, 0, 0))
    assert len(await town.people()) == 499

    async def killed(*_arguments: Any) -> None:
        raise asyncio.CancelledError

    with (
        monkeypatch.context() as patched
    ):  # the worker dies when the batch's rows are written, before the commit
        patched.setattr(running, "keep_told", killed)
        with pytest.raises(asyncio.CancelledError):
            await town.transfers.work(1)
    assert len(await town.people()) == 499
    await town.transfers.work()
    done = await town.transfers.look(town.tenant, found.row.id)
    assert (done.state, done.counts, done.row.rows_done) == ("done", (1_200, 0, 0, 0), 1_200)
    assert len(set(await town.people())) == len(await town.people()) == 1_200


async def test_a_failing_batch_is_tried_again_and_then_the_import_has_failed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await town.preview(many(600))

    async def broken(*_arguments: Any, **_options: Any) -> None:
        raise RuntimeError("张三 13800000000")

    async with town.as_clerk() as ctx:
        await imports.confirm(ctx, found.row.id, mode=ImportMode.GOOD_ROWS)
    await town.transfers.work(1)
    monkeypatch.setattr(running, "tell", broken)
    for _ in range(5):
        await town.transfers.work(1)
        town.clock.advance(timedelta(minutes=10))
    await town.transfers.work()
    done = await town.transfers.look(town.tenant, found.row.id)
    assert (done.state, done.row.error_code) == ("failed", "transfer.given_up")
    assert json.loads(done.row.error_details) == {"error": "RuntimeError"}
    content = await town.transfers.result_file(town.tenant, done.row.id)
    results = [line.split(",")[6] for line in content.decode("utf-8-sig").splitlines()[1:]]
    assert (results.count("新增"), results.count("未导入")) == (499, 101)


@pytest.mark.parametrize("mode", list(ImportMode))
async def test_an_import_is_cancelled_between_batches(
    town: Town, mode: ImportMode, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await town.preview(many(1_200))
    seen: list[tuple[str, int]] = []
    tell = running.tell

    async def asked_meanwhile(*arguments: Any, **options: Any) -> Any:
        told = await tell(*arguments, **options)
        if not seen:
            await asyncio.wait_for(cancelled(), timeout=5)
        return told

    async def cancelled() -> None:
        async with town.as_clerk() as ctx:
            row = await imports.cancel(ctx, found.row.id)
            seen.append((row.state, row.rows_done))

    if mode is ImportMode.ALL_OR_NOTHING:
        monkeypatch.setattr(running, "tell", asked_meanwhile)
        done = await town.confirm(found.row.id, mode)
        assert seen == [("running", 0)]
    else:
        async with town.as_clerk() as ctx:
            await imports.confirm(ctx, found.row.id, mode=mode)
        await town.transfers.work(1)
        await cancelled()
        await town.transfers.work()
        done = await town.transfers.look(town.tenant, found.row.id)
    kept = 0 if mode is ImportMode.ALL_OR_NOTHING else 499
    assert (done.state, done.counts) == ("cancelled", (kept, 0, 0, 0))
    assert len(await town.people()) == kept


async def test_others_see_how_far_a_whole_file_is_before_it_is_committed(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await town.preview(many(1_200))
    seen: list[tuple[str, int, int]] = []
    tell = running.tell

    async def watched(*arguments: Any, **options: Any) -> Any:
        row = (await town.transfers.look(town.tenant, found.row.id)).row
        seen.append((row.state, row.rows_done, len(await town.people())))
        return await tell(*arguments, **options)

    monkeypatch.setattr(running, "tell", watched)
    monkeypatch.setattr("linli.transfer.telling._TELL_EVERY_S", 0.0)
    done = await town.confirm(found.row.id, ImportMode.ALL_OR_NOTHING)
    assert done.counts == (1_200, 0, 0, 0)
    assert seen == [("running", 0, 0), ("running", 499, 0), ("running", 999, 0)]


async def test_rights_count_as_they_are_when_the_work_is_done(town: Town) -> None:
    found = await town.preview(listed(*GOOD))
    async with town.as_clerk() as ctx:
        await imports.confirm(ctx, found.row.id, mode=ImportMode.GOOD_ROWS)
    async with town.transfers.context(town.tenant) as ctx:
        [grant] = await ctx.db.fetch(
            "select id from identity_grant where tenant_id = $1 and account_id = $2",
            ctx.tenant_id,
            town.clerk.id,
        )
        await grants.revoke(ctx, grant["id"])
    await town.transfers.work()
    done = await town.transfers.look(town.tenant, found.row.id)
    assert (done.state, done.row.error_code) == ("failed", "permission_denied")
    assert await town.people() == []


async def test_a_disabled_account_imports_nothing_more(town: Town) -> None:
    found = await town.preview(listed(*GOOD))
    async with town.as_clerk() as ctx:
        await imports.confirm(ctx, found.row.id, mode=ImportMode.GOOD_ROWS)
    async with town.transfers.context(town.tenant) as ctx:
        await accounts.disable(ctx, town.clerk.id)
    await town.transfers.work()
    done = await town.transfers.look(town.tenant, found.row.id)
    assert (done.state, done.row.error_code) == ("failed", "transfer.requester_without_rights")


async def test_a_credential_of_few_permissions_does_not_grow_by_waiting(town: Town) -> None:
    few = town.transfers.bench.actor(
        ("transfer.import.run", "transfer.import.read"), account_id=town.clerk.id, area_path=town.street.path
    )
    import_id = await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    async with town.transfers.context(town.tenant, few) as ctx:
        with pytest.raises(PermissionDenied):
            await imports.preview(ctx, import_id)
    async with town.transfers.context(town.tenant) as ctx:  # as if such a credential had asked
        await imports.preview(ctx, import_id)
        await ctx.db.execute(
            "update transfer_import set acting_kind = 'account', acting_id = $3, acting_permissions = $4"
            " where tenant_id = $1 and id = $2",
            ctx.tenant_id,
            import_id,
            town.clerk.id,
            sorted(few.permissions),
        )
    await town.transfers.work()
    found = await town.transfers.look(town.tenant, import_id)
    assert (found.state, found.row.error_code) == ("failed", "permission_denied")


async def test_who_may_not_import_there_neither_sees_nor_moves_an_import(town: Town) -> None:
    import_id = await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    other = await town.transfers.account(town.tenant, WRITE, area=town.elsewhere)
    reader = town.transfers.bench.actor(("transfer.import.read",), area_path=town.street.path)
    for actor, error in ((other, NotFound), (reader, PermissionDenied)):
        for step in (imports.preview, imports.cancel):
            async with town.transfers.context(town.tenant, actor) as ctx:
                with pytest.raises(error):
                    await step(ctx, import_id)
    stranger = await town.transfers.bench.tenant(plugins=())
    async with town.transfers.context(stranger) as ctx:
        with pytest.raises(NotFound):
            await imports.preview(ctx, import_id)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"kind": "identity.nothing"}, UnknownKind),
        ({"name": "a.exe"}, UnknownFormat),
        ({"content": io.BytesIO(b"x" * (20 * 1024 * 1024 + 1))}, FileTooLarge),
    ],
)
async def test_a_file_that_cannot_be_taken_in_is_refused(
    town: Town, options: dict[str, Any], error: type[LinliError]
) -> None:
    given = {"content": io.BytesIO(b"x"), "kind": KIND, "name": "a.csv", **options}
    async with town.as_clerk() as ctx:
        with pytest.raises(error):
            await imports.send(ctx, given.pop("content"), **given)


async def test_a_tenant_that_keeps_too_much_takes_no_more_files(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "HELD_BYTES_MAX", 10)
    await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    with pytest.raises(StorageFull):
        await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    town.clock.advance(timedelta(days=31))
    async with town.transfers.context(town.tenant) as ctx:
        await files.remove_expired(ctx)
    await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)


async def test_a_file_that_cannot_be_read_fails_with_a_reason(town: Town) -> None:
    for content, name, code in (
        (b"PK\x03\x04", "a.xlsx", "transfer.damaged"),
        (b"name\n", "a.csv", "transfer.missing_columns"),
        (listed(), "a.csv", "transfer.no_rows"),
    ):
        found = await town.preview(content, name=name)
        assert (found.state, found.row.error_code) == ("failed", code)


async def test_only_steps_that_the_states_allow_are_taken(town: Town) -> None:
    import_id = await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    for state, action in IMPORT_STATES.illegal():
        step = {"check": imports.preview, "cancel": imports.cancel}.get(action)
        if action == "confirm":
            step = lambda ctx, one: imports.confirm(ctx, one, mode=ImportMode.GOOD_ROWS)  # noqa: E731
        if step is None:
            continue
        async with town.as_clerk() as ctx:
            found = await rows.get(ctx, DataImport, import_id)
            await ctx.db.execute(
                "update transfer_import set state = $3 where tenant_id = $1 and id = $2",
                ctx.tenant_id,
                found.id,
                state,
            )
            with pytest.raises(UndefinedTransition):
                await step(ctx, import_id)


async def test_an_import_may_be_checked_again_and_given_up_before_it_runs(town: Town) -> None:
    found = await town.preview(listed(GOOD[0], "示例丙,新社区,19900000003,,,"))
    assert found.counts == (1, 0, 0, 1)
    await town.transfers.bench.area(town.tenant, "新社区", parent=town.street)
    async with town.as_clerk() as ctx:
        await imports.preview(ctx, found.row.id)
    await town.transfers.work()
    again = await town.transfers.look(town.tenant, found.row.id)
    assert (again.counts, again.problems) == ((2, 0, 0, 0), {})
    async with town.as_clerk() as ctx:
        assert (await imports.cancel(ctx, found.row.id)).state == "cancelled"


async def test_of_many_problems_some_are_stored_and_all_are_counted(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (checking, running):
        monkeypatch.setattr(module, "PROBLEMS_KEPT_MAX", 700)
    found = await town.preview(many(1_100, area="没有"))
    assert (found.row.problem_count, found.row.refused_count) == (1_100, 1_100)
    async with town.as_clerk() as ctx:
        assert (
            await ctx.db.fetchval("select count(*) from transfer_problem where tenant_id = $1", ctx.tenant_id)
            == 700
        )


async def test_what_was_sent_in_is_removed_after_its_time_and_the_import_stays_as_a_record(
    town: Town,
) -> None:
    found = await town.preview(listed(*GOOD, *BAD))
    done = await town.confirm(found.row.id)
    async with town.transfers.context(town.tenant) as ctx:
        assert await files.remove_expired(ctx) == 0
    town.clock.advance(timedelta(days=31))
    async with town.transfers.context(town.tenant) as ctx:
        assert await files.remove_expired(ctx) == 3  # the file, and a result of the check and of the run
        for table in ("transfer_piece", "transfer_block", "transfer_problem"):
            assert (
                await ctx.db.fetchval(f"select count(*) from {table} where tenant_id = $1", ctx.tenant_id)
                == 0
            )
        kept = await rows.get(ctx, DataImport, done.row.id)
    assert (kept.state, kept.created_count) == ("done", 2)


PROBE = """
from linli.plugin import *
from linli_probe import kinds

@hookimpl
def imports():
    return [kinds.LIST]
"""
PROBE_KINDS = """
from linli.plugin import *

class Odd(Invalid):
    code = "required"

async def one(ctx, row):
    known = await ctx.db.fetchval(
        "select 1 from areas_level where tenant_id = $1 and key = $2", ctx.tenant_id, row.text("key"))
    if known:
        return RowResult.UNCHANGED
    await ctx.db.execute(
        "insert into areas_level (tenant_id, id, key, name_zh, name_en, rank) values ($1, $2, $3, $3, $3, $4)",
        ctx.tenant_id, new_id(), row.text("key"), row.whole("rank"))
    if row.text("after"):
        found = await ctx.db.fetchval(
            "select 1 from areas_level where tenant_id = $1 and key = $2", ctx.tenant_id, row.text("after"))
        if found is None:
            raise Odd(path=("after",))
    return RowResult.CREATED

LIST = ImportKind(
    "probe.levels", "areas.area.manage",
    (ImportColumn("key", required=True), ImportColumn("rank", type=ColumnType.INTEGER, required=True),
     ImportColumn("after")),
    keys=(("key",),), apply=row_by_row(one))
"""
PROBE_TEXTS = """
[imports.probe.levels]
title = "Levels"
[imports.probe.levels.columns]
key = "Key"
rank = "Rank"
after = "After"
"""


@pytest.fixture
def probe(tmp_path: Path) -> Iterator[Composition]:
    with FakePlugins(tmp_path) as fakes:
        texts = {f"texts/{locale}.toml": PROBE_TEXTS for locale in ("zh-CN", "en")}
        fakes.add("probe", PROBE, files={"kinds.py": PROBE_KINDS, **texts})
        composition = compose(fakes.candidates, kernel_version="0.1.0")
        assert composition.quarantined == {}
        yield composition


async def test_a_plugins_list_is_imported_row_by_row_and_its_preview_is_the_work_undone(
    database: Database, probe: Composition
) -> None:
    town = await make_town(Bench(database, probe))
    given = [
        {"key": "z1", "rank": 1},
        {"key": "z2", "rank": 2, "after": "z1"},  # holds only when the row before it was taken in
        {"key": "z3", "rank": 3, "after": "none"},
        {"key": "z4", "rank": 101.5},
    ]
    content = "\n".join(json.dumps(one) for one in given).encode()
    found = await town.transfers.preview(town.tenant, "probe.levels", content, name="levels.jsonl")
    expected = {1: "created", 2: "created", 3: "refused", 4: "refused"}
    assert (found.results, found.problems[3]) == (expected, [("after", "required")])
    async with town.transfers.context(town.tenant) as ctx:
        keys = "select key from areas_level where tenant_id = $1 order by key"
        assert await ctx.db.fetch(keys, ctx.tenant_id) == []
    done = await town.transfers.confirm(town.tenant, found.row.id)
    assert done.results == expected
    async with town.transfers.context(town.tenant) as ctx:
        assert [row["key"] for row in await ctx.db.fetch(keys, ctx.tenant_id)] == ["z1", "z2"]
    again = await town.transfers.import_rows(town.tenant, "probe.levels", given[:2])
    assert again.counts == (0, 0, 2, 0)


async def test_a_busy_database_refuses_no_row(town: Town) -> None:
    async def busy(_ctx: Context, _row: ImportedRow) -> RowResult:
        raise DatabaseBusy

    async with town.transfers.context(town.tenant) as ctx:
        with pytest.raises(DatabaseBusy):
            await row_by_row(busy)(ctx, [ImportedRow(1, {})])


async def test_a_kind_whose_plugin_was_switched_off_meanwhile_is_not_imported(
    database: Database, probe: Composition
) -> None:
    town = await make_town(Bench(database, probe))
    import_id = await town.transfers.send(
        town.tenant, "probe.levels", b'{"key": "z1", "rank": 1}', name="a.jsonl"
    )
    async with town.transfers.context(town.tenant) as ctx:
        await imports.preview(ctx, import_id)
    async with database.kernel() as db:
        await db.execute("update tenancy_plugin set enabled = false where tenant_id = $1", town.tenant.id)
    town.transfers.bench.catalogue.forget(town.tenant.id)
    await town.transfers.work()
    found = await town.transfers.look(town.tenant, import_id)
    assert (found.state, found.row.error_code) == ("failed", "transfer.unknown_kind")


async def test_a_kind_that_raises_for_the_whole_batch_is_a_fault_that_is_tried_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = town.transfers.bench.composition.plugin_set(()).imports[KIND]

    async def short(_ctx: Context, batch: Sequence[ImportedRow]) -> Sequence[RowOutcome]:
        return []

    monkeypatch.setattr("linli.transfer.checking.kind_for", lambda *_: _replaced(kind, short))
    import_id = await town.transfers.send(town.tenant, KIND, listed(*GOOD), actor=town.clerk)
    async with town.as_clerk() as ctx:
        await imports.preview(ctx, import_id)
    await town.transfers.work(1)
    async with town.transfers.context(town.tenant) as ctx:
        job: Mapping[str, Any] | None = await ctx.db.fetchrow(
            "select status, attempts, error_code from jobs_job where tenant_id = $1 and name = 'transfer.check'",
            ctx.tenant_id,
        )
    assert job is not None
    assert (job["status"], job["attempts"]) == ("pending", 1)


def _replaced(kind: Any, check: Any) -> Any:
    from dataclasses import replace

    return replace(kind, check=check)


FORBIDDEN = "姓名,所在区域,孕检 日期,联系电话,宗教信仰,婚姻状况,备住,是否计划生育户"
SECRETS = ("孕检秘密", "信仰秘密", "户别秘密")


async def test_columns_that_are_never_kept_are_dropped_and_said_to_be(town: Town) -> None:
    lines = [FORBIDDEN, "示例甲,和平社区,孕检秘密,19900000001,信仰秘密,未婚,无,户别秘密"]
    found = await town.preview("\n".join(lines).encode("utf-8-sig"))
    assert found.row.dropped_columns == ["孕检 日期", "宗教信仰", "是否计划生育户"]
    assert found.row.ignored_columns == ["婚姻状况", "备住"]
    assert found.counts == (1, 0, 0, 0)
    done = await town.confirm(found.row.id)
    assert done.state == "done"
    assert await town.people() == ["示例甲"]
    with pytest.raises(FileGone):
        await town.content(done.row.file_id)
    async with town.as_clerk() as ctx:
        for block in [one async for one in all_blocks(ctx, done.row.id, 1)]:
            assert block.rows == [(2, ["示例甲", "和平社区", "19900000001", "未婚", "无"])]


async def test_the_result_file_has_no_dropped_column(town: Town) -> None:
    lines = [FORBIDDEN, "示例甲,没有的社区,孕检秘密,19900000001,信仰秘密,未婚,无,户别秘密"]
    found = await town.preview("\n".join(lines).encode("utf-8-sig"))
    content = (await town.transfers.result_file(town.tenant, found.row.id)).decode("utf-8-sig")
    assert content.splitlines()[0] == "姓名,所在区域,联系电话,婚姻状况,备住,导入结果,问题"
    assert not any(secret in content for secret in SECRETS)


async def test_what_is_staged_is_encrypted_until_it_goes(town: Town) -> None:
    found = await town.preview(listed(*GOOD, *BAD))
    async with town.as_clerk() as ctx:
        pieces = await ctx.db.fetch("select body from transfer_piece where tenant_id = $1", ctx.tenant_id)
        blocks = await ctx.db.fetch("select cells from transfer_block where tenant_id = $1", ctx.tenant_id)
    stored = b"".join([*(row["body"] for row in pieces), *(row["cells"] for row in blocks)])
    assert len(pieces) == 2  # the file and the result
    for clear in ("示例甲", "19900000001", "11010519491231002"):
        assert clear.encode() not in stored
    with pytest.raises(zlib.error):
        zlib.decompress(blocks[0]["cells"])
    assert (await town.transfers.result_file(town.tenant, found.row.id)).startswith("\ufeff姓名".encode())


async def test_an_import_whose_rows_are_gone_fails_and_says_so(town: Town) -> None:
    found = await town.preview(listed(*GOOD))
    async with town.as_clerk() as ctx:
        await ctx.db.execute("delete from transfer_block where tenant_id = $1", ctx.tenant_id)
    done = await town.confirm(found.row.id, mode=ImportMode.ALL_OR_NOTHING)
    assert (done.state, done.row.error_code) == ("failed", "transfer.file_gone")
    assert await town.people() == []


async def test_files_can_be_read_after_their_key_was_replaced(town: Town) -> None:
    found = await town.preview(many(600))
    tenant = town.tenant
    async with town.transfers.context(tenant) as ctx:
        assert "transfer.file" in await rotate(ctx, "transfer.file")
        old = await ctx.db.fetchval(
            "select id from privacy_data_key where tenant_id = $1 and state = 'draining'", tenant.id
        )
    for _ in range(6):
        async with town.transfers.context(tenant) as ctx:
            await rotation.continue_rotation(ctx, {"purpose": "transfer.file"})
    async with town.transfers.context(tenant) as ctx:
        state = "select state from privacy_data_key where tenant_id = $1 and id = $2"
        assert await ctx.db.fetchval(state, tenant.id, old) == "retired"
    assert (await town.content(found.row.file_id)).startswith(HEADER.encode("utf-8-sig"))
    assert (await town.confirm(found.row.id)).counts == (600, 0, 0, 0)


def test_what_a_killed_process_left_is_swept_after_a_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    old, fresh, other = (tmp_path / name for name in ("linli-transfer-a", "linli-transfer-b", "other"))
    for folder in (old, fresh, other):
        folder.mkdir()
        (folder / "content").write_text("示例甲", encoding="utf-8")
    for folder in (old, other):
        os.utime(folder, (0, 0))
    assert sweep() == 1
    assert {path.name for path in tmp_path.iterdir()} == {"linli-transfer-b", "other"}
