"""Areas and levels in the API: as they are, as they were, and what lies in them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import strawberry

from linli.areas import counters, search, tables, tree
from linli.areas.errors import AreaNotFound
from linli_graphql.connections import Connection
from linli_graphql.contribution import query
from linli_graphql.ids import to_global_id
from linli_graphql.kernel.enums import AreaState
from linli_graphql.nodes import Node, column, computed, many, node, node_of, one
from linli_graphql.request import GraphQLRequest

FOUND_MAX = 50

_AsOf = Annotated[date, strawberry.argument(description="The day for which to answer.")]


@strawberry.type(description="An area as it was on a day.")
class AreaSnapshot:
    """An area as it was on a day."""

    id: strawberry.ID = strawberry.field(description="The global id of the area.")
    code: str = strawberry.field(description="The code that it had.")
    name: str = strawberry.field(description="The name that it had.")
    level: str = strawberry.field(description="The key of the level that it had.")
    parent_id: strawberry.ID | None = strawberry.field(description="The area that was above it.")
    valid_from: date = strawberry.field(description="Since when it had been so.")
    valid_to: date | None = strawberry.field(description="From which day on it was no longer so.")


@strawberry.type(description="How many people are registered in an area.")
class AreaCount:
    """How many people are registered in an area."""

    id: strawberry.ID = strawberry.field(description="The global id of the area.")
    name: str = strawberry.field(description="The area's name.")
    own: int = strawberry.field(description="In the area itself.")
    total: int = strawberry.field(description="In the area and all areas below it.")


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
    scope_column="path",
    filters=("code", "level", "state", "parent", "depth"),
    order_by=("code", "name_pinyin", "path"),
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
    parent: Area | None = one(
        "parent_id", "The area above it; null at the top, or where the caller may not look."
    )
    children: Connection[Area] = many("parent_id", "The areas directly below it.")

    @computed
    async def ancestors(self: Any, request: GraphQLRequest) -> list[Area]:
        """The areas above it, from the top, as far as the caller may see."""
        found = await tree.ancestors(request.viewer, self.id)
        rows = [await request.load(node_of(Area), one.id) for one in found]
        return [row for row in rows if row is not None]  # type: ignore[misc]

    @computed
    async def people(self: Any, request: GraphQLRequest) -> AreaCount:
        """How many people are registered in it."""
        return _count(await counters.counts(request.viewer, self.id))

    @computed
    async def people_by_child(self: Any, request: GraphQLRequest) -> list[AreaCount]:
        """How many people are registered in each of the areas directly below it; at most 500."""
        return [_count(one) for one in await counters.roll_up(request.viewer, self.id)]

    @computed
    async def as_of(self: Any, request: GraphQLRequest, on: _AsOf) -> AreaSnapshot | None:
        """What it was on a day; null when there was no such area then."""
        try:
            return _snapshot(await tree.get(request.viewer, self.id, as_of=on))
        except AreaNotFound:
            return None

    @computed
    async def children_as_of(self: Any, request: GraphQLRequest, on: _AsOf) -> list[AreaSnapshot]:
        """The areas that were directly below it on a day; at most 500."""
        page = await tree.children(request.viewer, self.id, first=tree.PAGE_MAX, as_of=on)
        return [_snapshot(one) for one in page.nodes]


@query
async def search_areas(
    request: GraphQLRequest,
    text: Annotated[
        str,
        strawberry.argument(description="Part of a name, the start of a code, or pinyin or its initials."),
    ],
    first: Annotated[int, strawberry.argument(description="How many at most; up to 50.")] = 20,
) -> list[Area]:
    """Find areas by name, code or pinyin; the best match first."""
    found = await search.search(await request.reading(), text, first=min(first, FOUND_MAX))
    rows = [await request.load(node_of(Area), one.id) for one in found]
    return [row for row in rows if row is not None]  # type: ignore[misc]


@query
async def area_by_code(
    request: GraphQLRequest,
    code: Annotated[str, strawberry.argument(description="The area's code.")],
) -> Area | None:
    """The area that has a code now; null when there is none that the caller may see."""
    try:
        found = await tree.get_by_code(await request.reading(), code)
    except AreaNotFound:
        return None
    return await request.load(node_of(Area), found.id)  # type: ignore[return-value]


def _count(found: counters.Count) -> AreaCount:
    return AreaCount(
        id=strawberry.ID(to_global_id("Area", found.area.id)),
        name=found.area.name,
        own=found.own,
        total=found.total,
    )


def _snapshot(found: tree.Node) -> AreaSnapshot:
    return AreaSnapshot(
        id=strawberry.ID(to_global_id("Area", found.id)),
        code=found.code,
        name=found.name,
        level=found.level,
        parent_id=strawberry.ID(to_global_id("Area", found.parent_id)) if found.parent_id else None,
        valid_from=found.valid_from,
        valid_to=found.valid_to,
    )


AREA_QUERIES = (search_areas, area_by_code)
