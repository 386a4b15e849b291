"""Where the benchmark keeps its files, how much it does, and the servers that it starts for itself."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from linli.embedded import EmbeddedPostgres, EmbeddedValkey

HERE = Path(__file__).parent
DATABASE = "linli_bench"
CONNECTIONS = 32
POOL = 16


@dataclass(frozen=True, slots=True)
class Scale:
    """How much data, and how long. `areas` is "country" for the whole of China, or "small"."""

    name: str
    areas: str
    people: int
    entries: int
    tenants: int
    rounds: int
    seconds: int
    warm_seconds: int
    growth_requests: int


FULL = Scale("full", "country", 200_000, 1_000_000, 1_000, 3, 8, 3, 1_000_000)
SMOKE = Scale("smoke", "small", 3_000, 15_000, 20, 1, 1, 0, 2_000)


@dataclass(frozen=True, slots=True)
class Servers:
    """The addresses of the servers that hold the data, and PostgreSQL's process id."""

    owner_url: str
    redis_url: str
    postgres_pid: int
    secret_key: str


def work_directory() -> Path:
    """Where data, caches and logs lie: `LINLI_BENCH_DIR`, or `.linli-bench` in the temporary folder."""
    given = os.environ.get("LINLI_BENCH_DIR")
    folder = Path(given) if given else Path(tempfile.gettempdir()) / ".linli-bench"
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    return folder.absolute()


def install_plugin(folder: Path) -> Path:
    """Give a folder that makes the benchmark's plugin look installed to whoever has it on the import path.

    So the real `linli serve` finds it as it finds any other, and no code of the server is replaced.
    """
    place = folder / "plugin"
    facts = place / "linli_benchpoints-0.1.0.dist-info"
    facts.mkdir(parents=True, exist_ok=True)
    (facts / "METADATA").write_text("Metadata-Version: 2.1\nName: linli-benchpoints\nVersion: 0.1.0\n")
    (facts / "entry_points.txt").write_text("[linli.plugins]\nbenchpoints = linli_benchpoints.plugin\n")
    link = place / "linli_benchpoints"
    if not link.is_symlink():
        link.symlink_to(HERE / "plugin" / "linli_benchpoints")
    if str(place) not in sys.path:
        sys.path.insert(0, str(place))
    return place


@contextmanager
def running_servers(folder: Path, scale: Scale) -> Iterator[Servers]:
    """Start PostgreSQL and Valkey as `linli run` does, durable, on Unix sockets; stop them at the end."""
    key_file = folder / "secret_key"
    if not key_file.exists():
        key_file.touch(0o600)
        key_file.write_text(secrets.token_urlsafe(32))
    # Two workers' pools, the peers' pools and pgbench are open at the same time.
    postgres = EmbeddedPostgres(folder / f"postgres-{scale.name}", settings={"max_connections": "200"})
    valkey = EmbeddedValkey(folder / f"valkey-{scale.name}")
    with postgres, valkey:
        yield Servers(postgres.url(DATABASE), valkey.url(), postgres.pid, key_file.read_text())


def maintenance_url(servers: Servers) -> str:
    """The address of the database from which the benchmark's own is made."""
    return servers.owner_url.replace(f"/{DATABASE}?", "/postgres?", 1)


def npm_install(folder: Path, *packages: str) -> None:
    """Run npm in a folder, by the user's own settings; what is there already is not fetched again."""
    command = [
        "npm",
        "install",
        "--no-package-lock",
        "--no-audit",
        "--no-fund",
        "--loglevel=error",
        *packages,
    ]
    subprocess.run(command, cwd=folder, check=True, timeout=600, stdout=subprocess.DEVNULL)
