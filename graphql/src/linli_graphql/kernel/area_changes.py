"""Changing the area tree: levels, and change sets that are drafted, previewed and applied."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import Enum
from typing import Any

import strawberry

from linli.areas import change_sets, levels, tables
from linli.areas.change_sets import area_tables
from linli.context import Context
from linli.errors import Invalid
from linli_graphql.inputs import described, expose, input_type, values_of
from linli_graphql.kernel.access import Account
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, node, one
from linli_graphql.request import GraphQLRequest

_VERSION = "The version that the caller saw; the step is refused when there is a newer one."


class InvalidAreaChange(Invalid):
    """A change must be exactly one of create, rename, move, split, merge and retire."""

    code = "graphql.one_change"


class AreaChangeSetState(Enum):
    """Where a change set stands."""

    DRAFT = "draft"
    PREVIEWED = "previewed"
    APPLIED = "applied"
    DISCARDED = "discarded"


expose(
    AreaChangeSetState,
    "Where a set of changes of the area tree stands.",
    {
        "DRAFT": "It was drafted, and can still be changed.",
        "PREVIEWED": "Its effects were computed; it can be applied.",
        "APPLIED": "It took effect.",
        "DISCARDED": "It was given up, and has no effect.",
    },
)


@node(
    tables.AreaChangeSet,
    plural="area_change_sets",
    permission="areas.area.manage",
    filters=("state", "effective_on"),
    order_by=("effective_on",),
)
class AreaChangeSet(Node):
    """Changes of the area tree that are previewed together and take effect together."""

    title: str = column("What it is about.")
    state: AreaChangeSetState = column("Where it stands.")
    effective_on: date = column("From which day the tree is as changed.")
    content: strawberry.scalars.JSON = column("The changes, in their order.")
    preview: strawberry.scalars.JSON | None = column("What the last preview found: effects and problems.")
    applied_at: datetime | None = column("When it was applied.")
    drafted_by: Account | None = one("created_by", "Who drafted it.")
    applied_by: Account | None = one("applied_by", "Who applied it.")


@input_type
class CreateAreaInput:
    """A new area."""

    code: str = described("Its code.")
    name: str = described("Its name.")
    level: str = described("The key of its level.")
    parent: str | None = described("The code of the area above it; none at the top.", optional=True)


@input_type
class RenameAreaInput:
    """Another name, another code, or both."""

    area: str = described("The area's present code.")
    name: str | None = described("Its new name.", optional=True)
    code: str | None = described("Its new code.", optional=True)


@input_type
class MoveAreaInput:
    """An area that goes below another, with all that is below it."""

    area: str = described("The area's code.")
    parent: str | None = described("The code of the area that it goes below; none is the top.", optional=True)


@input_type
class AreaPartInput:
    """An area that a split makes."""

    code: str = described("Its code.")
    name: str = described("Its name.")
    takes: list[str] | None = described("The codes of the children that it takes over.", optional=True)


@input_type
class SplitAreaInput:
    """An area that ends, and the parts that take its place."""

    area: str = described("The area's code.")
    parts: list[AreaPartInput] = described("The parts; at least two.")
    heir: str = described("The code of the part that gets what no part takes.")


@input_type
class MergeAreasInput:
    """Areas that end, and the one that takes them over."""

    areas: list[str] = described("The codes of the areas that end.")
    into: str = described("The code of the area that goes on.")


@input_type
class RetireAreaInput:
    """An area that ends."""

    area: str = described("The area's code.")
    successor: str | None = described("The code of the area that gets what it holds.", optional=True)


@input_type
class AreaChangeInput:
    """One change: give exactly one of the fields."""

    create: CreateAreaInput | None = described("A new area.", optional=True)
    rename: RenameAreaInput | None = described("Another name or code.", optional=True)
    move: MoveAreaInput | None = described("Another parent.", optional=True)
    split: SplitAreaInput | None = described("Parts in place of an area.", optional=True)
    merge: MergeAreasInput | None = described("One area in place of several.", optional=True)
    retire: RetireAreaInput | None = described("The end of an area.", optional=True)


@input_type
class DraftAreaChangeSetInput:
    """Changes that are to take effect together."""

    title: str | None = described("What they are about.", optional=True)
    effective_on: date = described("From which day the tree is as changed.")
    changes: list[AreaChangeInput] = described("The changes, in their order.")


@input_type
class AreaChangeSetInput:
    """A change set, in the version that the caller saw."""

    id: strawberry.ID = described("The change set.")
    expected_version: int | None = described(_VERSION, optional=True)


@input_type
class CreateAreaLevelInput:
    """A level to be added to the tree."""

    key: str = described("Names the level in imports; lower case.")
    name_zh: str = described("Its name in Chinese.")
    name_en: str = described("Its name in English.")
    rank: int = described("How far from the top: 0 is the highest.")
    parents: list[str] = described("The keys of the levels that it may stand below.")
    top: bool | None = described("Whether it may stand at the top; no by default.", optional=True)


@mutation(gives=AreaChangeSet)
async def draft_area_change_set(ctx: Context, input: DraftAreaChangeSetInput) -> tables.AreaChangeSet:
    """Write down changes of the area tree; nothing else happens yet."""
    return await change_sets.draft_change_set(
        ctx,
        changes=[_change(one, place) for place, one in enumerate(input.changes)],
        effective_on=input.effective_on,
        title=input.title if isinstance(input.title, str) else "",
    )


@mutation(gives=AreaChangeSet)
async def preview_area_change_set(
    ctx: Context, input: AreaChangeSetInput, request: GraphQLRequest
) -> tables.AreaChangeSet:
    """Find out what a change set would do, and what stands against it; nothing is changed."""
    values = values_of(input, ids={"id": "AreaChangeSet"})
    found = await change_sets.preview(ctx, values.pop("id"), tables=_tables(request), **values)
    return found.change_set


@mutation(gives=AreaChangeSet)
async def apply_area_change_set(
    ctx: Context, input: AreaChangeSetInput, request: GraphQLRequest
) -> tables.AreaChangeSet:
    """Put a previewed change set into effect: all of it or, when anything is refused, nothing."""
    values = values_of(input, ids={"id": "AreaChangeSet"})
    return await change_sets.apply(ctx, values.pop("id"), tables=_tables(request), **values)


@mutation(gives=AreaChangeSet)
async def discard_area_change_set(ctx: Context, input: AreaChangeSetInput) -> tables.AreaChangeSet:
    """Give a change set up."""
    values = values_of(input, ids={"id": "AreaChangeSet"})
    return await change_sets.discard(ctx, values.pop("id"), **values)


@mutation(extra={"key": (str, "The key of the new level.")})
async def create_area_level(ctx: Context, input: CreateAreaLevelInput) -> Outcome:
    """Add a level to the tree."""
    values = values_of(input)
    level = levels.Level(**{"top": False, **values, "parents": tuple(values["parents"])})
    await levels.create_level(ctx, level)
    return Outcome(row=None, extra={"key": level.key})


def _change(given: AreaChangeInput, place: int) -> dict[str, Any]:
    chosen = {name: value for name, value in values_of(given).items() if value is not None}
    if len(chosen) != 1:
        raise InvalidAreaChange(path=("changes", str(place)))
    (operation, value), *_ = chosen.items()
    content = values_of(value)
    if "parts" in content:
        content["parts"] = [values_of(part) for part in content["parts"]]
    return {"op": operation, **json.loads(json.dumps(content))}


def _tables(request: GraphQLRequest) -> tuple[str, ...]:
    return area_tables(request.runtime.composition.tables)


AREA_MUTATIONS = (
    create_area_level,
    draft_area_change_set,
    preview_area_change_set,
    apply_area_change_set,
    discard_area_change_set,
)
