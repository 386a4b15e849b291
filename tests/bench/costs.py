"""Where a request's time goes in Linli's process: `python costs.py --py-spy PATH [--smoke] [--only q1,q2]`.

Samples the running server with py-spy (which is not among our requirements: `pip install py-spy` into an environment of
its own) while wrk loads it, and prints microseconds a request: for each function by itself, and with all it calls.
"""

# ruff: noqa: T201

from __future__ import annotations

import argparse
import asyncio
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from contenders import running
from data import prepare
from load import measure
from run import page_starts
from setting import FULL, SMOKE, install_plugin, running_servers, work_directory

_RATE = 400
_SHOWN = 40

# The first of these of which a frame is in the stack takes the sample.
_LAYERS = (
    ("pool of reads", ("linli/db/read_pool.py",)),
    ("log line", ("structlog/",)),
    ("credential", ("linli/identity/", "linli/http/authentication.py")),
    ("tenant catalogue", ("linli/tenancy/", "linli/registry/")),
    ("cost, gate, throttle", ("linli_graphql/budget.py", "linli_graphql/gate.py", "throttle.py", "redis/")),
    ("document: parse, validate, price", ("linli_graphql/documents.py", "graphql/validation/", "graphql/language/")),
    ("transaction: begin, bind, commit", ("asyncpg/transaction.py", ":transaction", ":Database.unit_of_work")),
    ("statement", ("asyncpg/", "linli/db/")),
    ("compiled read", ("linli_graphql/compiled/",)),
    ("ordinary executor", ("graphql/execution/", "strawberry/", "linli_graphql/execution.py:ordinary")),
    ("answer: encode, compress", ("negotiation.py", "transport.py:_executed", "transport.py:_compressed")),
    ("body: receive and decode", ("envelope.py", "http/body.py", ":RequestResponseCycle.receive", ":Exchange.receive")),
    ("send", (":RequestResponseCycle.send", ":Exchange.answer_whole")),
    ("transport, the rest", ("linli_graphql/",)),
    ("uvicorn and its parser", ("linli/http/protocol.py",)),
    ("edge: facts, headers", ("linli/http/",)),
    ("Litestar", ("litestar/",)),
    ("uvicorn and its parser", ("uvicorn/protocols",)),
    ("event loop, sockets, C code", ("asyncio/", "uvicorn/")),
)  # fmt: skip


def main() -> None:
    """Load, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--py-spy", required=True)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--only", type=lambda text: text.split(","), default=["q1", "q2", "q3"])
    given = parser.parse_args()
    scale, folder = SMOKE if given.smoke else FULL, work_directory()
    install_plugin(folder)
    with running_servers(folder, scale) as servers:
        data = asyncio.run(prepare(servers, scale, folder))
        starts = asyncio.run(page_starts(servers, data))
        with running(servers, data, folder, starts, ["linli"]) as contenders, ThreadPoolExecutor(1) as pool:
            linli = contenders[0]
            for query in given.only:
                measure(linli.target, linli.requests[query], 2)
                loaded = pool.submit(measure, linli.target, linli.requests[query], given.seconds + 2)
                stacks = _sample(given.py_spy, linli.target.server_pid, given.seconds)
                measured = loaded.result()
                # Under a closed load with more clients than we can serve, the process is never idle.
                _print(query, stacks, measured.per_s, measured.server_ms * 1000)


def _sample(py_spy: str, pid: int, seconds: int) -> Counter[tuple[str, ...]]:
    with tempfile.NamedTemporaryFile(suffix=".txt") as file:
        command = [
            py_spy, "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(_RATE), "--format", "raw",
            "--function", "--full-filenames", "--output", file.name, "--nonblocking",
        ]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True, timeout=seconds + 60)
        stacks: Counter[tuple[str, ...]] = Counter()
        for line in Path(file.name).read_text().splitlines():
            stack, _space, count = line.rpartition(" ")
            stacks[tuple(_short(frame) for frame in stack.split(";"))] += int(count)
        return stacks


def _short(frame: str) -> str:
    name, _paren, place = frame.partition(" (")
    for folder in (
        "/site-packages/",
        "/src/",
        "/python3.11/",
        "/python3.12/",
        "/python3.13/",
        "/python3.14/",
    ):
        place = place.rpartition(folder)[2]
    file, _colon, _line = place.rstrip(")").rpartition(":")
    return f"{file}:{name.rpartition('.<locals>.')[2]}" if file else name


def _layer(stack: tuple[str, ...]) -> str:
    for layer, marks in _LAYERS:
        if any(mark in frame for frame in stack for mark in marks):
            return layer
    return "other"


def _print(query: str, stacks: Counter[tuple[str, ...]], per_s: float, cpu_us: float) -> None:
    total = sum(stacks.values())
    alone: Counter[str] = Counter()
    within: Counter[str] = Counter()
    for stack, count in stacks.items():
        alone[stack[-1]] += count
        for frame in set(stack):
            within[frame] += count
    print(
        f"\n== {query}: {per_s:,.0f} requests/s, {cpu_us:,.0f} µs of processor time a request, {total} samples"
    )
    layers: Counter[str] = Counter()
    for stack, count in stacks.items():
        layers[_layer(stack)] += count
    for title, found in (("layers", layers), ("with what it calls", within), ("by itself", alone)):
        print(f"-- {title}")
        for name, count in found.most_common(_SHOWN):
            print(f"{count / total * cpu_us:10,.0f} µs {count / total * 100:5.1f} %  {name}")


if __name__ == "__main__":
    main()
