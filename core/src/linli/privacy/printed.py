"""An export as PDF, for people: what every part holds, item by item."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from linli.printing import Block, Pairs, Sheet, draw

if TYPE_CHECKING:
    from linli.context import Context

PAGES_MAX: Final = 200


async def printed(ctx: Context, content: Mapping[str, Any]) -> bytes:
    """The export as PDF. Raises: TooManyPages for more than 200 pages; the other forms have no such limit."""

    def text(key: str) -> str:
        return ctx.plugins.texts.translate(key, ctx.locale)

    cover = [(text(f"privacy.export.{key}"), str(content[key])) for key in ("tenant", "made_at", "person_id")]
    blocks: list[Block] = [Pairs(cover)]
    for part, items in content["data"].items():
        for number, item in enumerate(items, start=1):
            lines = [(name, _shown(value)) for name, value in item.items() if value is not None]
            blocks.append(Pairs(lines, title=f"{part} {number}"))
    sheet = Sheet(
        title=text("privacy.export.title"),
        blocks=blocks,
        made_at=datetime.fromisoformat(content["made_at"]),
        footer=text("privacy.export.footer"),
        page=text("printing.page"),
        language=ctx.locale,
        pages_max=PAGES_MAX,
    )
    return await draw(sheet)


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
