"""Finding areas by a part of their name, by code, or by pinyin."""

from __future__ import annotations

import unicodedata
from typing import Final

from linli.areas.errors import InvalidPage
from linli.areas.names import grams
from linli.areas.tree import READ, Node, node_from
from linli.context import Context
from linli.i18n import sort_key

RESULTS_MAX: Final = 100
TEXT_MAX: Final = 50
_SCOPES_MAX: Final = 50


async def search(ctx: Context, text: str, *, first: int = 20) -> tuple[Node, ...]:
    """The areas whose code starts with the text, or whose name holds it or reads like it; at most `first`.

    Two Chinese characters are enough; a single one is looked for among the first 4,000 areas of the tree.
    Pinyin is matched from the name's beginning, in full (`jingmen`, `jing men`) or by initials (`jms`). Exact
    names come first, then upper areas before lower ones. Only what the actor may see is found. Raises:
    PermissionDenied, InvalidPage.
    """
    ctx.require(READ)
    if not 1 <= first <= RESULTS_MAX:
        raise InvalidPage(path=("first",), limit=RESULTS_MAX)
    needle = unicodedata.normalize("NFKC", text[:TEXT_MAX]).strip().lower()
    if not any(character.isalnum() for character in needle):
        return ()
    scopes = ctx.scopes(READ)[:_SCOPES_MAX]
    found: dict[str, Node] = {}
    for scope in scopes:
        for node in await _by_keys(ctx, scope, text.strip()[:TEXT_MAX], needle, first):
            found.setdefault(node.path, node)
        if len(found) < first:
            for node in await _by_name(ctx, scope, needle, first):
                found.setdefault(node.path, node)
    ranked = sorted(found.values(), key=lambda n: (n.name != text.strip(), n.depth, n.path))
    return tuple(ranked[:first])


async def _by_keys(ctx: Context, scope: str, text: str, needle: str, first: int) -> tuple[Node, ...]:
    """By exact name, and by prefix of code, pinyin or initials: each a range of an index that starts with tenant."""
    parts = [_part("t.name_letters = $3 and t.name = $2")]
    args: list[object] = [ctx.tenant_id, text, sort_key(text).replace(" ", "")]
    compact = needle.replace(" ", "").replace("'", "")
    if compact.isascii() and compact.isalnum():
        args += [needle.upper(), needle, compact]
        parts += [
            _part("t.code >= $4 and t.code < $4 || '~'"),
            _part("t.code >= $5 and t.code < $5 || '~'"),
            _part("t.name_letters >= $6 and t.name_letters < $6 || '~'"),
            _part("t.name_initials >= $6 and t.name_initials < $6 || '~'"),
        ]
    args += [scope, scope + "~"]
    sql = " union ".join(parts).replace("{low}", f"${len(args) - 1}").replace("{high}", f"${len(args)}")
    rows = await ctx.db.fetch(sql.replace("{first}", str(first)), *args)
    return tuple(node_from(row) for row in rows)


def _part(condition: str) -> str:
    columns = ", ".join(f"t.{name}" for name in Node.__slots__)
    return (
        f"(select {columns} from areas_area t where t.tenant_id = $1 and t.state = 'active'"
        f" and {condition} and t.path >= {{low}} and t.path < {{high}} limit {{first}})"
    )


async def _by_name(ctx: Context, scope: str, needle: str, first: int) -> tuple[Node, ...]:
    rows = await ctx.db.fetch(
        "select a.* from areas_search($1, $2, $3, $4, $5) f join areas_area a on a.tenant_id = $1 and a.id = f",
        ctx.tenant_id,
        scope,
        grams(ctx.tenant_id, needle),
        needle,
        first,
    )
    return tuple(node_from(row) for row in rows)
