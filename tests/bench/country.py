"""The file of areas: a given one, a small made-up one, or the whole country by name from the npm registry."""

from __future__ import annotations

import csv
import gzip
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from setting import Scale, npm_install

CHINA_DIVISION: Final = "china-division@2.7.0"
_LEVELS: Final = {
    "provinces": "province",
    "cities": "city",
    "areas": "district",
    "streets": "street",
    "villages": "community",
}


def area_file(scale: Scale, folder: Path) -> Path:
    """The file of areas: given, made small for a smoke test, or fetched by name from the npm registry."""
    given = os.environ.get("LINLI_BENCH_AREAS")
    if given:
        return Path(given)
    made = folder / f"areas-{scale.areas}.csv.gz"
    if not made.exists():
        rows = _small_country() if scale.areas == "small" else _country(folder)
        with gzip.open(made, "wt", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(("code", "name", "level", "parent_code"))
            writer.writerows(rows)
    return made


def _country(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """The five levels of the package china-division, with codes of twelve digits."""
    place = folder / "china-division"
    place.mkdir(exist_ok=True)
    (place / "package.json").write_text('{"name": "linli-bench-areas", "private": true}')
    npm_install(place, CHINA_DIVISION)
    for name, level in _LEVELS.items():
        file = place / "node_modules/china-division/dist" / f"{name}.csv"
        with file.open(encoding="utf-8", newline="") as stream:
            for row in list(csv.reader(stream))[1:]:
                parent = row[2].ljust(12, "0") if len(row) > 2 else ""
                yield row[0].ljust(12, "0"), row[1], level, parent


def _small_country() -> Iterator[tuple[str, str, str, str]]:
    yield "990000000000", "测试省", "province", ""
    yield "990100000000", "测试市", "city", "990000000000"
    yield "990101000000", "测试区", "district", "990100000000"
    for street in range(1, 11):
        code = f"990101{street:03}000"
        yield code, f"测试街道{street}", "street", "990101000000"
        for community in range(1, 21):
            yield f"990101{street:03}{community:03}", f"测试社区{street}之{community}", "community", code
