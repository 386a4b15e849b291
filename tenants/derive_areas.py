"""Writes every tenant's areas.csv from the published division codes; SOURCES.md says how and why.

    python tenants/derive_areas.py DIRECTORY_WITH_THE_SOURCE_CSV_FILES

Running it again on the same source gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

COPIED = ("jingmen", "xiamen", "huizhou", "wuxi-xishan", "qingyang-zhenyuan", "wuwei-minqin")
# Guiyang abolished its streets: what the statistics call a street is a community, with committees below it.
GUIYANG_LEVELS = {"street": "community", "community": "committee"}
GRID_COMMUNITY = "520113007000"  # 云城, which has four committees: 一区四网
GRIDS_PER_COMMITTEE = 3
BUILDINGS_PER_GRID = 10

Row = tuple[str, str, str, str]


def main(source: Path, target: Path) -> None:
    """Write areas.csv of all eight tenants under `target`."""
    for slug in COPIED:
        (target / slug).mkdir(exist_ok=True)
        (target / slug / "areas.csv").write_bytes((source / f"{slug}.csv").read_bytes())
    guiyang = [reformed(row) for row in read(source / "guiyang.csv")]
    baiyun = [reformed(row) for row in read(source / "guiyang-baiyun.csv")]
    committees = [row for row in baiyun if row[2] == "committee" and row[3] == GRID_COMMUNITY]
    synthetic = [row for committee in committees for row in grids(committee)]
    write(target / "guiyang" / "areas.csv", guiyang)
    write(target / "guiyang-baiyun" / "areas.csv", [*baiyun, *synthetic])


def reformed(row: Row) -> Row:
    """A row with the level that it has in Guiyang; code, name and parent stay."""
    code, name, level, parent = row
    return code, name, GUIYANG_LEVELS.get(level, level), parent


def grids(committee: Row) -> Iterator[Row]:
    """Synthetic grids of a committee, each followed by its synthetic buildings."""
    code, name = committee[0], committee[1]
    for i in range(1, GRIDS_PER_COMMITTEE + 1):
        grid = f"{code}-G{i:02d}"
        yield grid, f"{name}第{i}网格（示例）", "grid", code
        for j in range(1, BUILDINGS_PER_GRID + 1):
            yield f"{grid}-B{j:02d}", f"{name}第{i}网格{j}号楼（示例）", "building", grid


def read(path: Path) -> list[Row]:
    """The rows of a source file without its heading."""
    with path.open(encoding="utf-8", newline="") as file:
        return [(r["code"], r["name"], r["level"], r["parent_code"]) for r in csv.DictReader(file)]


def write(path: Path, rows: list[Row]) -> None:
    """One areas.csv, with Unix line ends."""
    path.parent.mkdir(exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("code", "name", "level", "parent_code"))
        writer.writerows(rows)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(__file__).parent)
