"""A tenant's levels: their number, names and order are data."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from linli.areas.errors import InvalidLevel, LevelInUse, UnknownLevel, WrongParentLevel
from linli.areas.tables import AreaLevel
from linli.context import Context
from linli.db.rows import delete, from_record, insert, update

MANAGE: Final = "areas.area.manage"
LEVELS_MAX: Final = 32
_KEY: Final = re.compile(r"[a-z][a-z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Level:
    """A level: `rank` orders levels from the top; `parents` are the levels that it may stand below."""

    key: str
    name_zh: str
    name_en: str
    rank: int
    parents: tuple[str, ...] = ()
    top: bool = False


STANDARD: Final = (
    Level("province", "省级", "Province", 10, (), top=True),
    Level("city", "地级", "City", 20, ("province",), top=True),
    Level("district", "县级", "District", 30, ("city",), top=True),
    Level("street", "乡级", "Street", 40, ("district", "city")),
    Level("community", "社区（村）", "Community", 50, ("street", "district")),
    Level("grid", "网格", "Grid", 60, ("community",)),
    Level("building", "楼栋", "Building", 70, ("grid", "community")),
)
"""The levels of the country's statistical divisions, with grids and buildings below them."""


async def levels(ctx: Context) -> list[Level]:
    """The tenant's levels from the top down."""
    rows = await ctx.db.fetch(
        "select key, name_zh, name_en, rank, parents, top from areas_level where tenant_id = $1"
        " order by rank",
        ctx.tenant_id,
    )
    return [
        Level(r["key"], r["name_zh"], r["name_en"], r["rank"], tuple(r["parents"]), r["top"]) for r in rows
    ]


async def create_level(ctx: Context, level: Level) -> None:
    """Add one level. Raises: InvalidLevel."""
    known = await levels(ctx)
    if any(one.key == level.key for one in known):
        raise InvalidLevel(path=("key",), level=level.key, reason="exists already")
    await define_levels(ctx, [*known, level])


async def define_levels(ctx: Context, wanted: Sequence[Level]) -> bool:
    """Make the tenant's levels exactly these; gives whether anything changed, so that repeating it is free.

    Raises: InvalidLevel, LevelInUse (areas exist that the new levels would not allow).
    """
    ctx.require(MANAGE, "")
    check_levels(wanted)
    wanted = sorted(wanted, key=lambda level: level.rank)
    rows = await ctx.db.fetch(
        "select * from areas_level where tenant_id = $1 order by rank for update", ctx.tenant_id
    )
    stored = {row["key"]: from_record(AreaLevel, row) for row in rows}
    new = {level.key: level for level in wanted}
    if [*wanted] == await levels(ctx):
        return False
    await _check_in_use(ctx, new)
    for key, row in stored.items():
        if key not in new or row.rank != new[key].rank:
            # Ranks are unique: a row that changes its rank is made again.
            await delete(ctx, row)
    for level in wanted:
        values: dict[str, Any] = {
            "name_zh": level.name_zh,
            "name_en": level.name_en,
            "rank": level.rank,
            "top": level.top,
            "parents": list(level.parents),
        }
        before = stored.get(level.key)
        if before is None or before.rank != level.rank:
            await insert(ctx, AreaLevel, key=level.key, **values)
        elif any(getattr(before, name) != value for name, value in values.items()):
            await update(ctx, before, **values)
    return True


def check_levels(wanted: Sequence[Level]) -> None:
    """Raises: InvalidLevel naming the first fault."""
    keys = [level.key for level in wanted]
    if not 1 <= len(wanted) <= LEVELS_MAX:
        raise InvalidLevel(level="", reason=f"a tree has 1 to {LEVELS_MAX} levels")
    for level in wanted:
        fault = _fault(level, keys, {one.key: one.rank for one in wanted})
        if fault:
            raise InvalidLevel(level=level.key[:32], reason=fault)
    if len({level.rank for level in wanted}) != len(wanted):
        raise InvalidLevel(level="", reason="two levels have the same rank")


def check_place(known: Mapping[str, Level], level: str, parent_level: str | None) -> None:
    """Whether an area of `level` may stand below one of `parent_level`; None is the top of the tree.

    Raises: UnknownLevel, WrongParentLevel.
    """
    if level not in known:
        raise UnknownLevel(level=level[:40])
    allowed = known[level].top if parent_level is None else parent_level in known[level].parents
    if not allowed:
        raise WrongParentLevel(level=level, parent_level=parent_level or "")


def _fault(level: Level, keys: list[str], ranks: Mapping[str, int]) -> str:
    names = (level.name_zh, level.name_en)
    if not _KEY.fullmatch(level.key) or keys.count(level.key) > 1:
        return "the key must be lower-case letters, digits and underscores, at most 32, and occur once"
    if not 1 <= len(level.name_zh) <= 40 or not 1 <= len(level.name_en) <= 80:
        return "the names must have 1 to 40 and 1 to 80 characters"
    if any(unicodedata.category(c) == "Cc" for name in names for c in name):
        return "the names must not hold control characters"
    if not 0 <= level.rank <= 99:
        return "the rank must lie between 0 and 99"
    if not level.top and not level.parents:
        return "it stands neither at the top nor below another level"
    for parent in level.parents:
        if parent not in ranks:
            return f"its parent {parent[:32]!r} is not a level"
        if ranks[parent] >= level.rank:
            return f"its parent {parent!r} must have a lower rank"
    return ""


async def _check_in_use(ctx: Context, new: Mapping[str, Level]) -> None:
    rows = await ctx.db.fetch(
        "select distinct a.level, p.level as parent_level from areas_area a"
        " left join areas_area p on p.tenant_id = $1 and p.id = a.parent_id"
        " where a.tenant_id = $1 and a.state = 'active'",
        ctx.tenant_id,
    )
    for row in rows:
        level, parent = new.get(row["level"]), row["parent_level"]
        if level is None or not (level.top if parent is None else parent in level.parents):
            raise LevelInUse(level=row["level"])
