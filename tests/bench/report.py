"""What was measured, as one table in Markdown."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from load import Measured, generator
from setting import CONNECTIONS, HERE, POOL, Scale

TARGETS = {
    "q1": {"postgraphile": 3.5, "mercurius": 2.0, "floor": 0.8},
    "q2": {"postgraphile": 2.7, "mercurius": 1.6, "floor": 0.8},
    "q3": {"postgraphile": 2.5, "mercurius": 1.3, "floor": 0.8},
    "postings": {"pgbench": 0.5},
}
_TITLES = {
    "q1": "Q1: one resident by id, with the area and the area above it",
    "q2": "Q2: 50 residents with the area and their last 3 entries",
    "q3": "Q3: 1,000 residents × 10 fields",
    "write": "A mutation: one resident is registered",
    "postings": "Postings of the ledger: one entry of two lines in a transaction of its own, with its audit entry",
}


@dataclass(slots=True)
class Results:
    """All runs: query → contender → rounds. `notes` are further findings, each a line."""

    runs: dict[str, dict[str, list[Measured]]] = field(default_factory=dict)
    systems: dict[str, str] = field(default_factory=dict)
    tried: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: list[str] = field(default_factory=list)

    def add(self, query: str, name: str, system: str, measured: Measured) -> None:
        """Keep one run."""
        self.runs.setdefault(query, {}).setdefault(name, []).append(measured)
        self.systems[name] = system


def markdown(results: Results, scale: Scale) -> str:
    """The whole report."""
    lines = [
        "# Benchmark",
        "",
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, revision {_revision()}. {_hardware()}.",
        f"Load: {generator()}, {CONNECTIONS} connections, {scale.rounds} rounds of {scale.seconds} s each, alternating;"
        f" medians. {POOL} database connections for each contender. Data: {scale.people:,} residents,"
        f" {scale.entries:,} entries, {scale.tenants:,} further tenants; PostgreSQL 18 with durable settings, warm.",
        "",
        "Linli checks the credential, permissions, masks and limits; the others serve one fixed tenant to anybody.",
        "All read as one role under row-level security, and their answers were compared for equal data first.",
        "mercurius answers from the floor's SQL; in its second line it also binds the tenant in Linli's own way.",
        "Q3 is ten aliased pages of 100; for the peers the better of that and one list of 1,000 counts.",
        "Postings: 16 tasks of one process of Linli, and 16 clients of pgbench that run the same transaction.",
        "",
        *(f"- {condition}" for condition in results.conditions),
        "",
    ]
    for query, contenders in results.runs.items():
        lines += [f"## {_TITLES.get(query, query)}", "", *_table(query, contenders, results.systems), ""]
    lines += ["## Further findings", "", *(f"- {note}" for note in results.notes), ""]
    lines += ["## Configurations that were tried (requests/s, one short run)", ""]
    lines += [*(f"- {tried}" for tried in results.tried), ""]
    return "\n".join(lines)


def median(runs: Sequence[Measured]) -> Measured:
    """The medians of some runs; errors are added up."""
    names = ("per_s", "p50_ms", "p99_ms", "server_ms", "postgres_ms", "rss_mb")
    values = {name: statistics.median(getattr(one, name) for one in runs) for name in names}
    return Measured(**values, errors=sum(one.errors for one in runs))


def _table(
    query: str, contenders: Mapping[str, Sequence[Measured]], systems: Mapping[str, str]
) -> Iterable[str]:
    linli = next((median(runs).per_s for name, runs in contenders.items() if systems[name] == "linli"), 0.0)
    yield "| | requests/s | Linli is | wanted | p50 ms | p99 ms | server CPU ms | PostgreSQL CPU ms | RSS MB |"
    yield "|---|--:|--:|--:|--:|--:|--:|--:|--:|"
    for name, runs in contenders.items():
        m, system = median(runs), systems[name]
        ratio = f"{linli / m.per_s:.2f}×" if m.per_s and system != "linli" else ""
        wanted = TARGETS.get(query, {}).get(system)
        aim = f"≥ {wanted}×" if wanted and linli else ""
        met = "" if not aim else " ✓" if linli / m.per_s >= float(wanted or 0) else " ✗"
        flawed = f" ({m.errors} errors)" if m.errors else ""
        p99 = f"{m.p99_ms:.1f}" if m.p99_ms else "–"
        yield (
            f"| {name}{flawed} | {m.per_s:,.0f} | {ratio} | {aim}{met} | {m.p50_ms:.1f} | {p99}"
            f" | {m.server_ms:.3f} | {m.postgres_ms:.3f} | {m.rss_mb:.0f} |"
        )


def _hardware() -> str:
    model = platform.machine()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} processors ({model}), {memory:.0f} GB, Linux, Python {platform.python_version()}"
    )


def _revision() -> str:
    ran = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, capture_output=True, text=True)
    return ran.stdout.strip() or "unknown"
