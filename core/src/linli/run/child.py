"""The child processes of `linli run`: `python -m linli.run.child web|worker`, set by the environment."""

from __future__ import annotations

import asyncio
import signal
import sys

from linli.logs import configure_logs
from linli.serve import main as serve
from linli.settings import Settings
from linli.worker import run_worker


def main(arguments: list[str]) -> None:
    """Run one of the two until SIGTERM or SIGINT."""
    settings = Settings.from_environment()
    if arguments == ["web"]:
        serve(settings)
    elif arguments == ["worker"]:
        work(settings)
    else:
        sys.exit("usage: python -m linli.run.child web|worker")


def work(settings: Settings) -> None:
    """Run a worker until SIGTERM or SIGINT; what it is doing then is finished first."""
    configure_logs()
    asyncio.run(_work(settings))


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    await run_worker(settings, stop=stop)


if __name__ == "__main__":
    main(sys.argv[1:])
