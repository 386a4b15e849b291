"""Finding areas by a part of their name, by code, or by pinyin."""

from __future__ import annotations

from typing import Final

from linli.areas.errors import InvalidPage
from linli.areas.tree import READ, Node, node_from
from linli.context import Context

RESULTS_MAX: Final = 100
_SCOPES_MAX: Final = 50

# `app.search_areas` (migration m0002) decides; the rows themselves are read under row-level security.
_SEARCH: Final = """
select a.* from app.search_areas($1, $2, $3, $4) f join areas_area a on a.tenant_id = $1 and a.id = f"""


async def search(ctx: Context, text: str, *, first: int = 20) -> tuple[Node, ...]:
    """The areas whose code starts with the text, or whose name holds it or reads like it; at most `first`.

    Two Chinese characters are enough; a single one is looked for among the first 4,000 areas of the tree.
    Pinyin is matched from the name's beginning, in full (`jingmen`, `jing men`) or by initials (`jms`).
    Exact names come first, then upper areas before lower ones. Only what the actor may see is found.

    Raises: PermissionDenied, InvalidPage.
    """
    ctx.require(READ)
    if not 1 <= first <= RESULTS_MAX:
        raise InvalidPage(path=("first",), limit=RESULTS_MAX)
    wanted = text[:200].replace("\0", "").strip()
    if not any(character.isalnum() for character in wanted):
        return ()
    found: dict[str, Node] = {}
    for scope in ctx.scopes(READ)[:_SCOPES_MAX]:
        for row in await ctx.db.fetch(_SEARCH, ctx.tenant_id, wanted, scope, first):
            found.setdefault(row["path"], node_from(row))
    ranked = sorted(found.values(), key=lambda node: (node.name != wanted, node.depth, node.path))
    return tuple(ranked[:first])
