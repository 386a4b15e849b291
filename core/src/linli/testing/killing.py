"""A durable PostgreSQL and processes that work on it, each of which a test can kill and start again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import psutil

from linli.embedded import EmbeddedPostgres
from linli.testing.servers import discard

DATABASE: Final = "database"
_CLI: Final = "from linli.cli import main; main()"
_GONE_WITHIN_S: Final = 10


class House:
    """The database and the processes of one test, by name; `close` ends whatever runs.

    `environment` is set for every process, besides the address of the database and the folder for its data.
    """

    def __init__(self, folder: Path, name: str, *, secret_key: str, **environment: str) -> None:
        self.folder = folder
        self.name = name
        self.postgres = EmbeddedPostgres(folder / "postgres")
        self.processes: dict[str, asyncio.subprocess.Process] = {}
        self._secret_key = secret_key
        self.environment = {"LINLI_SECRET_KEY": secret_key, **environment}

    @property
    def url(self) -> str:
        """The address of the database, as its owner."""
        return self.postgres.url(self.name)

    async def start_database(self) -> None:
        """Start PostgreSQL; make the database if there is none."""
        await asyncio.to_thread(self.postgres.start)
        await self.postgres.ensure_database(self.name)

    async def start(
        self, name: str, *words: str, output: int = asyncio.subprocess.DEVNULL
    ) -> asyncio.subprocess.Process:
        """Start Python with these words as the process of this name."""
        self.processes[name] = await _python(words, self.url, self.folder, self.environment, output)
        return self.processes[name]

    async def start_linli(self, name: str, *words: str) -> asyncio.subprocess.Process:
        """Start a command of `linli` as the process of this name."""
        return await self.start(name, "-c", _CLI, *words)

    async def linli(self, *words: str) -> int:
        """Run a command of `linli` to its end; gives its exit code."""
        return await run_linli(self.url, self.folder, *words, secret_key=self._secret_key)

    async def kill(self, name: str) -> None:
        """Kill with SIGKILL; of the database every process that belongs to it."""
        if name != DATABASE:
            process = self.processes[name]
            if process.returncode is None:
                process.send_signal(signal.SIGKILL)
            await process.wait()
            return
        main = psutil.Process(self.postgres.pid)
        family = [main, *main.children(recursive=True)]
        for process in family:
            process.kill()
        await asyncio.to_thread(psutil.wait_procs, family[1:], _GONE_WITHIN_S)

    async def close(self) -> None:
        """End all that runs, and remove the database's data."""
        for name in self.processes:
            await self.kill(name)
        await asyncio.to_thread(discard, self.postgres)


async def run_linli(url: str, folder: Path, *words: str, secret_key: str) -> int:
    """Run a command of `linli` on a database to its end; gives its exit code."""
    process = await _python(("-c", _CLI, *words), url, folder, {"LINLI_SECRET_KEY": secret_key})
    return await process.wait()


async def _python(
    words: Sequence[str],
    url: str,
    folder: Path,
    values: Mapping[str, str],
    output: int = asyncio.subprocess.DEVNULL,
) -> asyncio.subprocess.Process:
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "LINLI_DATA_DIR": str(folder),
        "LC_ALL": "C.UTF-8",
        **values,
    }
    environment.pop("REDIS_URL", None)
    return await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environment, stdout=output, stderr=asyncio.subprocess.DEVNULL
    )
