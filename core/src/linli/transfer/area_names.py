"""Finding the areas that people write in lists: by code, or by names from an upper one down."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from linli.context import Context
from linli.errors import LinliError
from linli.transfer.errors import AmbiguousArea, UnknownArea
from linli.transfer.kinds import ImportedRow

TEXT_CHARACTERS_MAX: Final = 500
_NAMES_MAX: Final = 16
_BY_CODE: Final = """
select id, code from areas_area where tenant_id = $1 and state = 'active' and code = any($2::text[])"""
# Names of communities repeat, so there may be many; what lies above each decides.
_BY_NAME: Final = """
select id, name, path from areas_area where tenant_id = $1 and state = 'active' and name = any($2::text[])
order by path limit $3"""
_ABOVE: Final = "select path, name from areas_area where tenant_id = $1 and path = any($2::text[])"
_FOUND_MAX: Final = 20_000

Found = UUID | LinliError
"""The area that a text means, or why it means none."""


async def find_areas(ctx: Context, texts: Iterable[str]) -> dict[str, Found]:
    """The active area for each text: its code, or names such as `白云区/大山洞街道/云城社区`, of which upper ones may
    be left out as long as only one area is meant. Names of areas are no secret within a tenant.
    """
    wanted = list(dict.fromkeys(text for text in texts if text))
    found: dict[str, Found] = {}
    for row in await ctx.db.fetch(_BY_CODE, ctx.tenant_id, [text[:100] for text in wanted]):
        found[row["code"]] = row["id"]
    named = {text: _names(text) for text in wanted if text not in found}
    found |= await _by_names(ctx, {text: names for text, names in named.items() if names})
    return {text: found.get(text, UnknownArea()) for text in wanted}


async def area_meant(ctx: Context, row: ImportedRow, column: str) -> UUID:
    """The active area that a cell means, for kinds that are imported row by row.

    Raises: UnknownArea, also for an empty cell, and AmbiguousArea, with the column as their path.
    """
    text = row.text(column)
    found = (await find_areas(ctx, (text,))).get(text, UnknownArea())
    if isinstance(found, LinliError):
        raise type(found)(path=(column,))
    return found


async def _by_names(ctx: Context, wanted: dict[str, list[str]]) -> dict[str, Found]:
    if not wanted:
        return {}
    last = list({names[-1] for names in wanted.values()})
    rows = await ctx.db.fetch(_BY_NAME, ctx.tenant_id, last, _FOUND_MAX)
    above = {path for row in rows for path in _prefixes(row["path"])}
    names_at: dict[str, str] = {
        row["path"]: row["name"] for row in await ctx.db.fetch(_ABOVE, ctx.tenant_id, list(above))
    }
    chains = [
        (row["id"], row["name"], [names_at.get(path, "") for path in _prefixes(row["path"])]) for row in rows
    ]
    found: dict[str, Found] = {}
    for text, names in wanted.items():
        *upper, own = names
        meant = [area_id for area_id, name, chain in chains if name == own and _in_order(upper, chain)]
        if meant:
            found[text] = meant[0] if len(meant) == 1 else AmbiguousArea()
    return found


def _names(text: str) -> list[str]:
    if len(text) > TEXT_CHARACTERS_MAX:
        return []
    for separator in (">", "\\", "／", ">"):
        text = text.replace(separator, "/")
    names = [part.strip() for part in text.split("/") if part.strip()]
    return names if len(names) <= _NAMES_MAX else []


def _in_order(upper: list[str], chain: list[str]) -> bool:
    """Whether the names all stand in the chain, one below the other; others may stand between."""
    rest = iter(chain)
    return all(name in rest for name in upper)


def _prefixes(path: str) -> list[str]:
    parts = path.split(".")[:-1]
    return [".".join(parts[:size]) + "." for size in range(1, len(parts))]
