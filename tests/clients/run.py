"""`make clients`: generated clients against a running platform, each generator in an environment of its own.

Relay's compiler (Node.js), ariadne-codegen and gql read the printed schema; what they make runs a list in pages, a
mutation that is refused, and a node fetched again by its id. Names on the command line choose some of them. Needs the
network for the generators, and is no part of `make test`.
"""

# ruff: noqa: T201

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
SLUG = "riverside"
READY = "Ctrl-C stops everything"
STEP_S_MAX = 600
CLIENTS = ("relay", "ariadne", "gql")


def main(names: list[str]) -> int:
    """Run the clients of these names, or all; gives the exit status."""
    unknown = set(names) - set(CLIENTS)
    if unknown:
        print(f"There is no client {', '.join(sorted(unknown))}; there are {', '.join(CLIENTS)}.")
        return 2
    with tempfile.TemporaryDirectory(prefix="linli-clients-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers' user must get through when this runs as root
        with platform(folder) as environment:
            schema = linli(environment, "schema", "print", "--tenant", SLUG)
            environment["LINLI_TOKEN"] = linli(
                environment, "token", "--tenant", SLUG, "--role", "admin"
            ).strip()
            failed = [one for one in names or CLIENTS if not passes(one, folder, schema, environment)]
    print(f"\nFailed: {', '.join(failed)}" if failed else "\nAll generated clients work.")
    return 1 if failed else 0


@contextmanager
def platform(folder: Path) -> Iterator[dict[str, str]]:
    """A running platform with one small tenant; gives the environment of commands and clients."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "LINLI_SECRET_KEY": "",
        "LINLI_DATA_DIR": str(folder / "data"),
        "LINLI_TENANTS_DIR": str(HERE / "tenant"),
        "LINLI_PORT": str(port),
        "LINLI_URL": f"http://127.0.0.1:{port}/graphql",
        "PYTHONUNBUFFERED": "1",
    }
    print("== Starting the platform")
    process = subprocess.Popen(
        [_command(), "run"], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    try:
        assert process.stdout is not None
        said = []
        for line in process.stdout:
            said.append(line)
            if READY in line:
                break
        else:
            raise SystemExit("".join(said))
        yield environment
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=STEP_S_MAX)


def passes(name: str, folder: Path, schema: str, environment: Mapping[str, str]) -> bool:
    """Whether a client can be generated and does what it should."""
    place = folder / name
    shutil.copytree(HERE / name, place)
    (place / "schema.graphql").write_text(schema, encoding="utf-8")
    print(f"\n== {name}")
    try:
        for command in _steps(name, place):
            subprocess.run(command, cwd=place, env=environment, check=True, timeout=STEP_S_MAX)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired, FileNotFoundError) as error:
        print(f"{name}: {error}")
        return False
    return True


def linli(environment: Mapping[str, str], *arguments: str) -> str:
    """What a command of the platform prints."""
    done = subprocess.run(
        [_command(), *arguments],
        env=environment,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=STEP_S_MAX,
    )
    return done.stdout


def _steps(name: str, place: Path) -> list[list[str]]:
    if name == "relay":
        install = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
        return [install, ["node_modules/.bin/relay-compiler"], ["node", "use.js"]]
    binaries = place / "venv" / "bin"
    steps = [
        [sys.executable, "-m", "venv", str(place / "venv")],
        [str(binaries / "pip"), "install", "-qqq", "--requirement", "requirements.txt"],
    ]
    if name == "ariadne":
        steps.append([str(binaries / "ariadne-codegen")])
    return [*steps, [str(binaries / "python"), "use.py"]]


def _command() -> str:
    return str(Path(sys.executable).with_name("linli"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
