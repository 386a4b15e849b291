"""Attachments: kept by what they hold, encrypted where personal, read in ranges, linked for minutes, collected."""

from __future__ import annotations

import asyncio
import io
import os
import struct
import tracemalloc
import zipfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from linli import files
from linli.clock import FixedClock
from linli.context import Context
from linli.db.encryption.algorithms import Algorithm, new_key
from linli.db.encryption.errors import KeyDestroyed
from linli.errors import LinliError, NotFound, UnknownValue
from linli.files import File, FileKind, FileOwner, FileScanner, Scanned, keeping
from linli.files.content import to_be_read
from linli.files.disk import DiskStore
from linli.files.errors import (
    ContentDamaged,
    FileEmpty,
    FileInfected,
    FileTooLarge,
    QuotaExceeded,
    StoreUnavailable,
    TypeNotAllowed,
)
from linli.files.jobs import collect_orphans
from linli.files.keeping import readable, stored_bytes
from linli.files.links import linked
from linli.files.sealing import PIECE_BYTES, opened, sealed, stored_range
from linli.files.sniffing import media_type_of
from linli.files.stores import key_of
from linli.identity import people
from linli.identity.places import Place
from linli.ids import new_id
from linli.privacy import retention
from linli.privacy.rotation import continue_rotation, rotate
from linli.privacy.shredding import shred
from linli.privacy.subjects import erase_all, export_all
from linli.registry import PluginSet
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench

PDF = b"%PDF-1.7\n" + "王小明的身份证".encode() * 40
PNG = b"\x89PNG\r\n\x1a\n" + bytes(1_000)
OWNED = UUID("01900000-0000-7000-8000-000000000001")
OTHER = UUID("01900000-0000-7000-8000-000000000002")
CLOCK = FixedClock(datetime(2026, 7, 24, 4, 0, tzinfo=UTC))


def office_file(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as package:
        for name in names:
            package.writestr(name, "<x/>")
    return content.getvalue()


class _Plugins:
    """A plugin set with kinds and scanners that a test declares."""

    def __init__(self, plugins: PluginSet, kinds: list[FileKind], scanners: list[FileScanner]) -> None:
        self._plugins = plugins
        self._scanners = scanners
        self.file_kinds = {kind.name: kind for kind in kinds}

    def contributions(self, hook: str) -> Any:
        return (("test", self._scanners),) if hook == "file_scanners" else self._plugins.contributions(hook)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._plugins, name)


@dataclass(slots=True)
class Office:
    """A tenant, a store on a disk, and two kinds of files that the test declares."""

    bench: Bench
    tenant: Tenant
    folder: Path
    person_id: UUID
    scanners: list[FileScanner]
    open_to_all: bool = True

    async def owner(self, _ctx: Context, owner_id: UUID) -> FileOwner:
        if owner_id not in (OWNED, OTHER):
            raise NotFound(kind="test_thing")
        return FileOwner("test_thing", owner_id, Place(None, ""), self.person_id)

    async def may_read(self, _ctx: Context, _file: File) -> bool:
        return self.open_to_all

    def at(self, clock: FixedClock = CLOCK) -> Any:
        return _Opened(self, self.bench.context(self.tenant, clock=clock))

    def context(self, ctx: Context) -> Context:
        kinds = [
            FileKind(
                "test.evidence",
                frozenset({"application/pdf", "text/plain"}),
                2_000_000,
                self.owner,
                self.may_read,
            ),
            FileKind(
                "test.notice", frozenset({"image/png"}), 5_000, self.owner, self.may_read, personal=False
            ),
        ]
        ctx.plugins = _Plugins(ctx.plugins, kinds, self.scanners)  # type: ignore[assignment]
        ctx.db.store = DiskStore(self.folder)
        return ctx

    async def attach(
        self,
        content: bytes = PDF,
        *,
        kind: str = "test.evidence",
        owner_id: UUID = OWNED,
        clock: FixedClock = CLOCK,
    ) -> File:
        async with self.at(clock) as ctx:
            return await files.attach(
                ctx, io.BytesIO(content), kind=kind, owner_id=owner_id, name="王小明 身份证.pdf"
            )

    def stored(self) -> list[Path]:
        return sorted(path for path in self.folder.rglob("*") if path.is_file())


@dataclass(slots=True)
class _Opened:
    office: Office
    opened: Any

    async def __aenter__(self) -> Context:
        return self.office.context(await self.opened.__aenter__())

    async def __aexit__(self, *error: object) -> Any:
        return await self.opened.__aexit__(*error)


@pytest.fixture
async def office(bench: Bench, tmp_path: Path) -> Office:
    tenant = await bench.tenant()
    async with bench.context(tenant) as ctx:
        person = await people.register(ctx, area_id=None, full_name="王小明", synthetic=True)
    return Office(bench, tenant, tmp_path / "files", person.id, [])


async def test_a_personal_file_is_encrypted_where_it_lies_and_read_again(office: Office) -> None:
    file = await office.attach()
    async with office.at() as ctx:
        assert await files.read(ctx, file.id) == PDF
        assert [one.id for one in await files.of_owner(ctx, "test.evidence", OWNED)] == [file.id]
        told = await ctx.db.fetch(
            "select action, after::text from audit_entry where tenant_id = $1 and subject_id = $2 order by id",
            ctx.tenant_id,
            file.id,
        )
    [path] = office.stored()
    assert path.stat().st_mode & 0o077 == 0
    assert "王小明".encode() not in path.read_bytes()
    assert b"%PDF" not in path.read_bytes()
    assert [row["action"] for row in told] == ["attach", "download"]
    assert not any("王" in row["after"] for row in told)
    assert (file.media_type, file.size_bytes, file.cipher, file.scanned_by) == (
        "application/pdf",
        len(PDF),
        "aes-256-gcm",
        "",
    )


async def test_the_same_content_is_stored_once_in_clear_and_apart_when_encrypted(office: Office) -> None:
    for _ in range(2):
        await office.attach(PNG, kind="test.notice")
    assert [path.read_bytes() for path in office.stored()] == [PNG]
    one, other = await office.attach(), await office.attach()
    assert one.address != other.address
    assert len(office.stored()) == 3


@pytest.mark.parametrize(
    ("content", "kind", "refused"),
    [
        (b"", "test.evidence", FileEmpty),
        (PNG, "test.evidence", TypeNotAllowed),
        (b"MZ\x90\x00" + bytes(100), "test.evidence", TypeNotAllowed),
        (PNG + bytes(5_000), "test.notice", FileTooLarge),
        (PDF, "test.unknown", UnknownValue),
    ],
)
async def test_what_is_not_allowed_is_refused_and_leaves_nothing(
    office: Office, content: bytes, kind: str, refused: type[LinliError]
) -> None:
    with pytest.raises(refused):
        await office.attach(content, kind=kind)
    assert office.stored() == []
    async with office.at() as ctx:
        assert await files.of_owner(ctx, "test.evidence", OWNED) == []
        with pytest.raises(NotFound):
            await files.attach(ctx, io.BytesIO(PDF), kind="test.evidence", owner_id=new_id(), name="甲")


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.4", "application/pdf"),
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("只是文字\r\n".encode(), "text/plain"),
        (b"text\x00", None),
        (b"\xff\xfe\x00", None),
        (b"PK\x03\x04 not a zip", None),
        (office_file("a.txt"), None),
        (
            office_file("[Content_Types].xml", "word/document.xml"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        (office_file("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"), None),
        (
            office_file("[Content_Types].xml", "xl/workbook.xml"),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ),
    ],
)
def test_a_type_is_told_by_the_content(content: bytes, found: str | None) -> None:
    assert media_type_of(io.BytesIO(content)) == found


def test_a_directory_of_a_million_entries_is_not_read_into_memory() -> None:
    entry = b"PK\x01\x02" + bytes(42)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(entry) * 1_000_000, 4, 0)
    content = io.BytesIO(b"PK\x03\x04" + entry * 1_000_000 + end)
    tracemalloc.start()
    try:
        assert media_type_of(content) is None
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


async def test_scanners_look_at_every_file_and_what_they_find_is_not_kept(office: Office) -> None:
    async def scan(content: BinaryIO, media_type: str) -> Scanned:
        assert media_type == "application/pdf"
        return Scanned(harmless=b"EICAR" not in content.read())

    office.scanners.append(FileScanner("test.scanner", scan))
    assert (await office.attach()).scanned_by == "test.scanner"
    with pytest.raises(FileInfected) as refused:
        await office.attach(PDF + b"EICAR")
    assert refused.value.details == {"scanner": "test.scanner"}
    assert len(office.stored()) == 1


async def test_a_file_that_may_not_be_read_is_not_found(office: Office) -> None:
    file = await office.attach()
    office.open_to_all = False
    async with office.at() as ctx:
        for refused in (files.read, files.link, files.remove):
            with pytest.raises(NotFound):
                await refused(ctx, file.id)
        assert await files.of_owner(ctx, "test.evidence", OWNED) == []
    async with office.bench.context(await office.bench.tenant()) as other:
        with pytest.raises(NotFound):
            await files.read(office.context(other), file.id)


async def test_a_content_that_was_altered_shortened_or_lost_is_damaged(office: Office) -> None:
    file = await office.attach(PDF * 1_000)  # of several pieces
    [path] = office.stored()
    stored = path.read_bytes()
    assert len(stored) > 2 * PIECE_BYTES
    for damaged in (stored[:-1], stored[: 2 * (PIECE_BYTES + 28)], bytes([stored[0] ^ 1]) + stored[1:], None):
        if damaged is None:
            path.unlink()
        else:
            path.write_bytes(damaged)
        with pytest.raises(ContentDamaged):
            async with office.at() as ctx:
                await files.read(ctx, file.id)


async def test_a_content_in_clear_that_was_shortened_is_damaged(office: Office) -> None:
    file = await office.attach(PNG, kind="test.notice")
    [path] = office.stored()
    path.write_bytes(PNG[:-1])
    async with office.at() as ctx:
        with pytest.raises(ContentDamaged):
            await files.read(ctx, file.id)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_range_of_a_sealed_content_is_that_of_the_content(data: st.DataObject) -> None:
    size = data.draw(
        st.sampled_from([1, 100, PIECE_BYTES - 1, PIECE_BYTES, PIECE_BYTES + 1, 3 * PIECE_BYTES + 7])
    )
    start = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(start + 1, size))
    chunk = data.draw(st.integers(1_000, 400_000))
    content = os.urandom(size)
    file_id, key = new_id(), new_key(Algorithm.AES_256_GCM)

    async def run() -> bytes:
        pieces = sealed(io.BytesIO(content), size, file_id, Algorithm.AES_256_GCM, key)
        stored = b"".join([piece async for piece in pieces])
        first, last = stored_range(start, end, size)
        assert last <= len(stored)

        async def got() -> AsyncIterator[bytes]:
            for place in range(first, last, chunk):
                yield stored[place : min(place + chunk, last)]

        read = opened(got(), start, end, size, file_id, Algorithm.AES_256_GCM, key)
        return b"".join([piece async for piece in read])

    assert asyncio.run(run()) == content[start:end]


async def test_a_link_is_good_for_ten_minutes_for_one_file_and_no_other(office: Office) -> None:
    file, other = await office.attach(), await office.attach()
    async with office.at() as ctx:
        made = await files.link(ctx, file.id)
    parts = urlsplit(made.path)
    given = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert parts.path == f"/files/link/{office.tenant.slug}/{file.id}"
    good = {"expires": int(given["expires"]), "by": UUID(given["by"]), "signature": given["signature"]}
    async with office.at() as ctx:
        found = await linked(ctx, file.id, **good)
        assert await whole(await to_be_read(ctx, found, how="link")) == PDF
        bad: tuple[dict[str, Any], ...] = (
            {"expires": good["expires"] + 1},
            {"by": new_id()},
            {"signature": "0" * 64},
            {"signature": "中" * 64},
        )
        for change in bad:
            with pytest.raises(NotFound):
                await linked(ctx, file.id, **{**good, **change})
        with pytest.raises(NotFound):
            await linked(ctx, other.id, **good)
    async with office.at(FixedClock(CLOCK.now() + timedelta(minutes=10))) as ctx:
        with pytest.raises(NotFound):
            await linked(ctx, file.id, **good)
    async with office.at() as ctx:
        await files.remove(ctx, file.id)
        with pytest.raises(NotFound):
            await linked(ctx, file.id, **good)


async def test_what_no_file_needs_is_collected_after_a_day(office: Office) -> None:
    kept, gone = await office.attach(), await office.attach()
    shared = [await office.attach(PNG, kind="test.notice") for _ in range(2)]
    async with office.at() as ctx:
        await files.remove(ctx, gone.id)
        await files.remove(ctx, shared[0].id)
    half = office.folder / key_of(office.tenant.id, "ab" * 32)
    half.parent.mkdir(parents=True, exist_ok=True)
    half.with_name(f"{half.name}.0123.partial").write_bytes(b"left by a crash")
    now = FixedClock(datetime.now(UTC))
    async with office.at(now) as ctx:
        await collect_orphans(ctx, {})
    assert len(office.stored()) == 4  # all were put today
    async with office.at(FixedClock(now.now() + timedelta(hours=25))) as ctx:
        await collect_orphans(ctx, {})
        assert await files.read(ctx, kept.id) == PDF
        assert await files.read(ctx, shared[1].id) == PNG
    assert len(office.stored()) == 2


async def test_a_content_attached_anew_while_orphans_are_collected_is_kept(office: Office) -> None:
    old = await office.attach(PNG, kind="test.notice")
    async with office.at() as ctx:
        await files.remove(ctx, old.id)
    [path] = office.stored()
    os.utime(path, (1, 1))
    collecting = office.at(FixedClock(datetime.now(UTC)))
    async with office.at() as ctx:
        again = await files.attach(ctx, io.BytesIO(PNG), kind="test.notice", owner_id=OWNED, name="甲")
        os.utime(path, (1, 1))

        async def collect() -> None:
            async with collecting as beside:
                await collect_orphans(beside, {})

        task = asyncio.create_task(collect())
        await asyncio.sleep(0.2)
        assert not task.done()  # it waits for the attaching transaction
    await asyncio.wait_for(task, 10)
    async with office.at() as ctx:
        assert await files.read(ctx, again.id) == PNG


async def test_a_persons_files_are_listed_for_them_and_gone_at_an_erasure(office: Office) -> None:
    file = await office.attach()
    async with office.at() as ctx:
        [item] = (await export_all(ctx, [office.person_id]))["files.file"]
        assert (item["name"], item["media_type"]) == ("王小明 身份证.pdf", "application/pdf")
        assert "file_key" not in item
        await erase_all(ctx, [office.person_id])
        with pytest.raises(NotFound):
            await readable(ctx, file.id)
        row = await ctx.db.fetchrow(
            "select name, file_key from files_file where tenant_id = $1 and id = $2", ctx.tenant_id, file.id
        )
        assert (row["name"], row["file_key"]) == (None, None)


async def test_new_keys_leave_contents_as_they_are_and_shredding_ends_them(office: Office) -> None:
    file = await office.attach()
    before = [path.read_bytes() for path in office.stored()]
    async with office.at() as ctx:
        await rotate(ctx, "files.content")
    async with office.at() as ctx:
        await continue_rotation(ctx, {"purpose": "files.content"})
    async with office.at() as ctx:
        moved = await ctx.db.fetchval(
            "select file_key from files_file where tenant_id = $1 and id = $2", ctx.tenant_id, file.id
        )
        assert moved != file.file_key
        assert await files.read(ctx, file.id) == PDF
    assert [path.read_bytes() for path in office.stored()] == before
    async with office.at() as ctx:
        await shred(ctx, "files.content", reason="停用")
        with pytest.raises(KeyDestroyed):
            await files.read(ctx, file.id)


async def test_a_store_that_fails_refuses_and_leaves_no_row(office: Office) -> None:
    office.folder.write_bytes(b"a file where the folder should be")
    with pytest.raises(StoreUnavailable):
        await office.attach()
    async with office.at() as ctx:
        assert await files.of_owner(ctx, "test.evidence", OWNED) == []
        ctx.db.store = None
        with pytest.raises(StoreUnavailable):
            await files.attach(ctx, io.BytesIO(PDF), kind="test.evidence", owner_id=OWNED, name="甲")


async def test_a_tenant_keeps_no_more_than_its_quota(office: Office) -> None:
    office.tenant = replace(office.tenant, settings={**office.tenant.settings, "files.quota_mib": 1})
    first = await office.attach(b"a" * 700_000)
    with pytest.raises(QuotaExceeded) as caught:
        await office.attach(b"b" * 400_000)
    assert caught.value.details == {"limit": 1024 * 1024}
    assert len(office.stored()) == 1
    async with office.at() as ctx:
        assert await stored_bytes(ctx) == 700_000
        await files.remove(ctx, first.id)
        assert await stored_bytes(ctx) == 0
    await office.attach(b"b" * 400_000)


async def test_uploads_of_the_same_moment_do_not_pass_the_quota_together(office: Office) -> None:
    office.tenant = replace(office.tenant, settings={**office.tenant.settings, "files.quota_mib": 1})
    sent = [office.attach(b"a" * 700_000, owner_id=one) for one in (OWNED, OTHER)]
    outcomes = await asyncio.gather(*sent, return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["File", "QuotaExceeded"]
    async with office.at() as ctx:
        assert await stored_bytes(ctx) == 700_000


async def test_a_store_that_takes_too_long_is_unavailable(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def put(_store: DiskStore, _key: str, _pieces: AsyncIterator[bytes]) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr(DiskStore, "put", put)
    monkeypatch.setattr(keeping, "_WITHIN_S", 0.05)
    with pytest.raises(StoreUnavailable):
        await office.attach()
    async with office.at() as ctx:
        assert await stored_bytes(ctx) == 0


async def test_a_file_past_its_period_loses_name_and_content_and_the_store_is_cleared(office: Office) -> None:
    file = await office.attach()
    put_at = CLOCK.now() - timedelta(days=3_651)
    async with office.at() as ctx:
        await ctx.db.execute(
            "update files_file set created_at = $2 where tenant_id = $1", ctx.tenant_id, put_at
        )
        for _ in range(2):
            await retention.apply(ctx, {})
        with pytest.raises(NotFound):
            await readable(ctx, file.id)
        lines = [one for one in await retention.reports(ctx) if one.data_class == "files.file"]
        assert [(one.deleted, one.outcome) for one in lines] == [(1, "")]
    for path in office.stored():
        os.utime(path, (put_at.timestamp(), put_at.timestamp()))
    async with office.at() as ctx:
        await collect_orphans(ctx, {})
    assert office.stored() == []


def test_a_kind_says_types_and_sizes_that_can_be_kept(office: Office) -> None:
    for types, size in (
        (frozenset({"image/svg+xml"}), 1_000),
        (frozenset[str](), 1_000),
        (frozenset({"image/png"}), 0),
    ):
        with pytest.raises(ValueError, match=r"test\.bad"):
            FileKind("test.bad", types, size, office.owner, office.may_read)


async def whole(found: Any) -> bytes:
    return b"".join([piece async for piece in found.part(0, found.size)])
