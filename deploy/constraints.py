"""Writes `constraints.txt`: every package that the workspace needs, pinned, with the hashes of its files.

What is asked for comes from the `pyproject.toml` of every distribution, their build requirements, and the
root's `dev` group; the workspace's own distributions are left out, as they are installed from their
folders. `uv pip compile --universal` resolves it once for every supported Python and Linux machine, so a
package that only an older Python needs is in the file with its marker. Options and environment variables
that name another index, a mirror or a local folder are not passed on, and the result is refused if
it has an address in it.

Usage: python deploy/constraints.py UV [--upgrade | --upgrade-package NAME]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "constraints.txt"

_PYTHON_VERSION_MIN = "3.11"
_HEADER = "# Pinned by `make constraints`; do not edit.\n"
# hatchling asks for this at build time only, when it installs a folder as editable.
_EDITABLE_BUILD = "editables>=0.5"
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_ADDRESS = re.compile(r"://|^-|^\s*(/|\.\.?/)| @ ", re.MULTILINE)
_MIRRORS = ("PIP_", "UV_INDEX", "UV_EXTRA_INDEX", "UV_FIND_LINKS", "UV_DEFAULT_INDEX")
_COMPILE = (
    "pip compile - --quiet --universal --generate-hashes --no-header --no-annotate --no-config "
    "--no-emit-index-url --no-emit-find-links --no-sources"
)


def main(arguments: list[str]) -> None:
    """Compiles the file anew; keeps the pins that still fit unless `--upgrade` is given."""
    uv, *options = arguments
    wanted = sorted(set(requirements()))
    pinned = compile_pins(uv, wanted, options)
    if match := _ADDRESS.search(pinned):
        sys.exit(f"The result has an address or a path in it ({match.group()!r}): not written.")
    TARGET.write_text(_HEADER + pinned)
    print(f"{TARGET.name}: {pinned.count('==')} packages for {len(wanted)} requirements.")  # noqa: T201


def requirements() -> Iterator[str]:
    """The requirements of all distributions and of the root's `dev` group, without our own."""
    yield _EDITABLE_BUILD
    projects = [read(path) for path in distributions()]
    own = {normal(project["project"]["name"]) for project in projects}
    for project in projects:
        yield from project["build-system"]["requires"]
        yield from (line for line in project["project"]["dependencies"] if normal(line) not in own)
    yield from read(ROOT / "pyproject.toml")["dependency-groups"]["dev"]


def distributions() -> list[Path]:
    """The `pyproject.toml` of each distribution of the workspace."""
    return [
        ROOT / "core/pyproject.toml",
        ROOT / "graphql/pyproject.toml",
        *sorted(ROOT.glob("plugins/*/pyproject.toml")),
    ]


def read(path: Path) -> dict[str, Any]:
    """A TOML file."""
    return tomllib.loads(path.read_text())


def normal(requirement: str) -> str:
    """The name in a requirement, in the one spelling that PEP 503 calls normal."""
    match = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", match.group().lower()) if match else ""


def compile_pins(uv: str, wanted: list[str], options: list[str]) -> str:
    """The pins for the requirements; those of the present file are kept where they still fit."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(_MIRRORS)}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / TARGET.name
        if TARGET.exists():
            shutil.copy(TARGET, output)
        command = [
            uv,
            *_COMPILE.split(),
            "--python-version",
            _PYTHON_VERSION_MIN,
            "--output-file",
            str(output),
        ]
        done = subprocess.run(  # noqa: S603 - the command is ours
            [*command, *options],
            input="\n".join([*wanted, ""]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
            check=False,
        )
        if done.returncode != 0:
            sys.exit(f"uv could not resolve the requirements:\n{done.stderr}")
        return output.read_text()


if __name__ == "__main__":
    main(sys.argv[1:])
