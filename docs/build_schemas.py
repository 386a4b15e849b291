"""Writes `graphql/schemas/*.graphql` from the code, and compares them with those of the last release.

    python docs/build_schemas.py             write the snapshots anew
    python docs/build_schemas.py --diff      name breaking and dangerous changes since the last release
    python docs/build_schemas.py --release   make the snapshots those of a release

The comparison fails for a breaking change, unless `graphql/schemas/accepted.txt` has a line with it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from linli.registry import installed_composition
from linli_graphql.snapshots import SchemaChange, all_changes, snapshots

FOLDER = Path(__file__).parents[1] / "graphql" / "schemas"
RELEASED = FOLDER / "released"
ACCEPTED = FOLDER / "accepted.txt"


def stored(folder: Path) -> dict[str, str]:
    """The snapshots in a folder by their names; none when there is no such folder."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.graphql"))}


def write(folder: Path, texts: dict[str, str]) -> None:
    """Make a folder hold these snapshots and no others."""
    folder.mkdir(exist_ok=True)
    for name in stored(folder).keys() - texts.keys():
        (folder / f"{name}.graphql").unlink()
    for name, text in texts.items():
        (folder / f"{name}.graphql").write_text(text, encoding="utf-8")


def refused(found: list[SchemaChange]) -> list[SchemaChange]:
    """The breaking changes that nobody has accepted."""
    lines = ACCEPTED.read_text(encoding="utf-8").splitlines() if ACCEPTED.exists() else []
    accepted = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    return [one for one in found if one.breaking and str(one) not in accepted]


def main(arguments: list[str]) -> int:
    """Do what the arguments say; gives the exit status."""
    texts = snapshots(installed_composition())
    if arguments == ["--diff"]:
        found = all_changes(stored(RELEASED), texts)
        print("\n".join(map(str, found)) or "No breaking or dangerous changes since the last release.")  # noqa: T201
        return 1 if refused(found) else 0
    write(FOLDER, texts)
    if arguments == ["--release"]:
        write(RELEASED, texts)
        ACCEPTED.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
