"""Areas and levels in the API."""

from __future__ import annotations

from datetime import date

from linli.areas import tables
from linli_graphql.connections import Connection
from linli_graphql.declaration import SearchSpec
from linli_graphql.kernel.enums import AreaState
from linli_graphql.nodes import Node, column, many, node, one


@node(tables.AreaLevel, plural="area_levels", permission="areas.area.read", order_by=("rank",))
class AreaLevel(Node):
    """A level of the area tree, such as street or community; each tenant has its own."""

    key: str = column("Names the level in imports and settings.")
    name_zh: str = column("The level's name in Chinese.")
    name_en: str = column("The level's name in English.")
    rank: int = column("How far from the top: 0 is the highest.")
    parents: list[str] = column("The keys of the levels that it may stand below.")


@node(
    tables.Area,
    plural="areas",
    permission="areas.area.read",
    scoped=False,
    filters=("code", "level", "state", "parent", "depth"),
    order_by=("code", "name_pinyin", "path"),
    search=SearchSpec("select id from app.search_areas({tenant}, {text})"),
)
class Area(Node):
    """An area of the tenant's tree, as it is today: a city, district, street, community, grid or building."""

    code: str = column("Its code; the official twelve digits where there are any.")
    name: str = column("Its name.")
    name_pinyin: str = column("Its name in pinyin, by which names are sorted.")
    level: str = column("The key of its level.")
    depth: int = column("How deep it lies; the top is 1.")
    path: str = column("Its place in the tree; the paths of all areas below start with it.")
    state: AreaState = column("Whether it still exists.")
    valid_from: date = column("Since when it has been as it is.")
    valid_to: date | None = column("From which day on it no longer exists.")
    descendants: int = column("How many areas lie below it.")
    parent: Area | None = one("parent_id", "The area above it.")
    children: Connection[Area] = many("parent_id", "The areas directly below it.")
