"""How long 100,000 people take from a spreadsheet into the register, and how much memory.

A synthetic list is made, sent in, checked and imported by the jobs that a worker runs, in a PostgreSQL of its own; then
it is imported once more, and exported. Memory is the peak of this process, which is user and worker in one, and of the
processes that read files. PostgreSQL's own is not counted.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import asyncio
import random
import resource
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import psutil

from linli.embedded.postgres import EmbeddedPostgres
from linli.registry import installed_composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.imports import ImportBench
from linli.testing.pytest_plugin import scratch_database
from linli.transfer import imports
from linli.transfer.formats import Format
from linli.transfer.imports import ImportMode
from linli.transfer.writing import list_writer
from linli_graphql.exporting import start_export
from linli_graphql.interface import GraphQLInterface

HEADERS = ("姓名", "所在区域", "联系电话", "出生日期", "性别")
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文志"
AREAS = 200


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds on the wall's clock, and of the processors; the latter say more on a busy machine."""

    wall_s: float
    processor_s: float

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall_s + other.wall_s, self.processor_s + other.processor_s)

    def __str__(self) -> str:
        return f"{self.wall_s:.1f} s (processors {self.processor_s:.1f} s)"


@asynccontextmanager
async def place() -> AsyncIterator[tuple[ImportBench, Tenant]]:
    """A tenant with 200 communities on a server of its own."""
    with tempfile.TemporaryDirectory(prefix="linli-bench-") as folder:
        server = EmbeddedPostgres(Path(folder) / "pg")
        server.start()
        try:
            composition = installed_composition()
            async with scratch_database(server.url("postgres"), composition) as database:
                bench = Bench(database, composition)
                tenant = await bench.tenant()
                street = await bench.area(tenant, "示例街道")
                for number in range(AREAS):
                    await bench.area(tenant, f"第{number}社区", parent=street)
                yield ImportBench(bench), tenant
        finally:
            server.stop()


async def people(count: int) -> bytes:
    """A spreadsheet of made-up people; no two have the same name, birth date and area."""
    chosen = random.Random(7)  # noqa: S311 (made-up people)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.xlsx"
        async with list_writer(path, Format.XLSX, HEADERS, keys=HEADERS) as writer:
            for number in range(count):
                name = chosen.choice(SURNAMES) + chosen.choice(GIVEN) + chosen.choice(GIVEN)
                born = date(1930, 1, 1) + timedelta(days=number % 33_000)
                area = f"示例街道/第{number // 33_000 * 50 + number % 50}社区"
                phone = f"199{number:08d}"
                writer.row([name, area, phone, born, ("男", "女")[number % 2]])
        return path.read_bytes()


async def measure(count: int, mode: ImportMode) -> None:
    """Import, and import again."""
    content = await people(count)
    print(f"{count:,} people, {len(content) / 1e6:.1f} MB of .xlsx, {mode.value}")
    async with place() as (bench, tenant):
        for attempt in ("first time", "again"):
            import_id = await bench.send(tenant, "identity.people", content, name="人口.xlsx")
            async with bench.context(tenant) as ctx:
                await imports.preview(ctx, import_id)
            checked = await _timed(bench)
            async with bench.context(tenant) as ctx:
                await imports.confirm(ctx, import_id, mode=mode)
            imported = await _timed(bench)
            found = (await bench.look(tenant, import_id)).counts
            print(f"{attempt}: check {checked}, import {imported}, together {checked + imported}")
            print(f"  created, updated, unchanged, refused: {found}")
            if attempt == "again":
                print(f"  export {await export(bench, tenant)}")
            peaks = _peak(resource.RUSAGE_SELF), _peak(resource.RUSAGE_CHILDREN)
            print(f"  peak memory: {peaks[0]:.0f} MB, of readers {peaks[1]:.0f} MB")


async def export(bench: ImportBench, tenant: Tenant) -> Spent:
    """Write all of them into a spreadsheet."""
    [interface] = (one for one in bench.bench.composition.interfaces if isinstance(one, GraphQLInterface))
    async with bench.context(tenant) as ctx:
        schema = interface.schema_for(ctx.plugins)
        await start_export(ctx, schema, connection="persons", file_format=Format.XLSX)
    return await _timed(bench)


async def _timed(bench: ImportBench) -> Spent:
    begun = Spent(time.perf_counter(), _processor_s())
    await bench.work(100_000)
    return Spent(time.perf_counter() - begun.wall_s, _processor_s() - begun.processor_s)


def _processor_s() -> float:
    """The processor time of this process, PostgreSQL and the readers so far."""
    own = psutil.Process()
    times = [one.cpu_times() for one in (own, *own.children(recursive=True))]
    return sum(one.user + one.system + one.children_user + one.children_system for one in times)


def _peak(whose: int) -> float:
    return resource.getrusage(whose).ru_maxrss / 1024


def main() -> None:
    """Measure with the options of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--mode", choices=[mode.value for mode in ImportMode], default="good_rows")
    options = parser.parse_args()
    asyncio.run(measure(options.people, ImportMode(options.mode)))


if __name__ == "__main__":
    sys.exit(main())
