"""Imports in tests: a file is sent in, checked and confirmed as an account with real grants, and worked off by jobs."""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from linli.clock import Clock, SystemClock
from linli.context import SYSTEM, Actor, Context
from linli.db import rows
from linli.identity import accounts, grants, roles
from linli.identity.present_rights import account_now
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench, BenchArea
from linli.transfer import files, imports
from linli.transfer.blocks import all_blocks
from linli.transfer.imports import ImportMode
from linli.transfer.tables import DataImport
from linli.worker import dispatchers

_ROUNDS_MAX = 2_000
RIGHTS = ("transfer.import.run", "transfer.import.read")


@dataclass(slots=True)
class Imported:
    """An import as it stands, what is told of each row, by its number in the file, and the problems of each."""

    row: DataImport
    results: dict[int, str] = field(default_factory=dict)
    problems: dict[int, list[tuple[str, str]]] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Where it stands."""
        return str(self.row.state)

    @property
    def counts(self) -> tuple[int, int, int, int]:
        """How many rows were created, updated, unchanged, refused."""
        one = self.row
        return one.created_count, one.updated_count, one.unchanged_count, one.refused_count


class ImportBench:
    """Sends files into tenants of a bench. `clock` is that of users and worker."""

    def __init__(self, bench: Bench, *, clock: Clock | None = None) -> None:
        self.bench = bench
        self.clock = clock or SystemClock()
        settings = Settings(data_dir=Path(), secret_key="imports-test")  # noqa: S106 (signs nothing here)
        self.runtime = Runtime(settings, bench.database, bench.catalogue, bench.composition, clock=self.clock)

    async def account(
        self, tenant: Tenant, permissions: Iterable[str], *, area: BenchArea | None = None
    ) -> Actor:
        """An account that was granted these permissions, and those of imports, at an area or the whole tenant."""
        held = sorted({*permissions, *RIGHTS})
        name = f"u{secrets.token_hex(8)}"
        async with self.context(tenant) as ctx:
            account = await accounts.create(ctx, login_name=name, must_change_password=False)
            role = await roles.define(ctx, key=name, name_zh="测试", name_en="Test", permissions=held)
            await grants.grant(
                ctx, account_id=account.id, role_id=role.id, area_id=area.id if area is not None else None
            )
            found = await account_now(ctx, account.id, frozenset(held))
        assert found is not None
        return found

    def context(self, tenant: Tenant, actor: Actor = SYSTEM) -> Any:
        """A context of the actor in one unit of work, committed at the end."""
        return self.bench.context(tenant, actor=actor, clock=self.clock)

    async def send(
        self, tenant: Tenant, kind: str, content: bytes, *, actor: Actor = SYSTEM, name: str = "名单.csv"
    ) -> UUID:
        """Send a file in; gives the import's id."""
        async with self.context(tenant, actor) as ctx:
            made = await imports.send(ctx, io.BytesIO(content), kind=kind, name=name)
        return UUID(str(made.id))

    async def preview(
        self, tenant: Tenant, kind: str, content: bytes, *, actor: Actor = SYSTEM, name: str = "名单.csv"
    ) -> Imported:
        """Send a file in and have it checked."""
        import_id = await self.send(tenant, kind, content, actor=actor, name=name)
        async with self.context(tenant, actor) as ctx:
            await imports.preview(ctx, import_id)
        await self.work()
        return await self.look(tenant, import_id)

    async def confirm(
        self,
        tenant: Tenant,
        import_id: UUID,
        *,
        actor: Actor = SYSTEM,
        mode: ImportMode = ImportMode.GOOD_ROWS,
    ) -> Imported:
        """Confirm a checked import and work it off."""
        async with self.context(tenant, actor) as ctx:
            await imports.confirm(ctx, import_id, mode=mode)
        await self.work()
        return await self.look(tenant, import_id)

    async def import_rows(
        self,
        tenant: Tenant,
        kind: str,
        listed: Sequence[Mapping[str, object]],
        *,
        actor: Actor = SYSTEM,
        mode: ImportMode = ImportMode.GOOD_ROWS,
    ) -> Imported:
        """Import rows, given by the keys of their columns, as a JSONL file: send, check, confirm."""
        lines = (json.dumps(row, ensure_ascii=False, default=str) for row in listed)
        content = "\n".join(lines).encode()
        previewed = await self.preview(tenant, kind, content, actor=actor, name="rows.jsonl")
        if previewed.state != "checked":
            return previewed
        return await self.confirm(tenant, UUID(str(previewed.row.id)), actor=actor, mode=mode)

    async def work(self, jobs_max: int = _ROUNDS_MAX) -> int:
        """Run the jobs that are due, a worker's turn at a time, at most so many turns; gives how many were run."""
        _deliveries, jobs = dispatchers(self.runtime)
        done = 0
        for _ in range(jobs_max):
            count = await jobs.run_once()
            if not count:
                break
            done += count
        return done

    async def look(self, tenant: Tenant, import_id: UUID) -> Imported:
        """An import as it stands now."""
        async with self.context(tenant) as ctx:
            found = await rows.get(ctx, DataImport, import_id)
            made = Imported(found)
            async for block in all_blocks(ctx, import_id, found.blocks_total):
                for (number, _cells), told in zip(block.rows, block.told, strict=False):
                    made.results[number] = told.result
                    if told.problems:
                        made.problems[number] = [(one.column, one.code) for one in told.problems]
        return made

    async def result_file(self, tenant: Tenant, import_id: UUID) -> bytes:
        """The content of an import's result file."""
        async with self.context(tenant) as ctx:
            found = await rows.get(ctx, DataImport, import_id)
            assert found.result_file_id, "there is no result file"
            return await _content(ctx, UUID(str(found.result_file_id)))


async def _content(ctx: Context, file_id: UUID) -> bytes:
    return b"".join([piece async for piece in files.pieces(ctx, file_id)])
