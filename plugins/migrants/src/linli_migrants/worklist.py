"""The community worker's work list: one statement for each section, limited to the areas of the worker's grants."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import groupby
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, NotFound, PermissionDenied, mask_name, within
from linli_migrants.permit_sections import PERMIT_SECTIONS
from linli_migrants.visit_errors import BadWorkCursor, OneSectionOnly
from linli_migrants.visit_sections import VISIT_SECTIONS
from linli_migrants.work_items import Section, WorkGroup, WorkItem, WorkPage

SECTIONS: Final[tuple[Section, ...]] = (*VISIT_SECTIONS, *PERMIT_SECTIONS)
PAGE_MAX: Final = 200
CURSOR_MAX: Final = 1_000
_PATH: Final = "select path from areas_area where tenant_id = $1 and id = $2"
_KEY: Final = ("area_path", "grid", "building", "dwelling_id", "subject_id")


async def work_list(
    ctx: Context,
    *,
    area_id: UUID | None = None,
    sections: Sequence[str] | None = None,
    first: int = 50,
    after: str | None = None,
) -> list[WorkPage]:
    """The first items (at most 200) of each section, or of those named, in an area or wherever the actor may look.

    A section is left out where the actor may not see it anywhere there. `after` goes on in the one section named.
    Raises: NotFound, PermissionDenied (when no section is left), OneSectionOnly, BadWorkCursor.
    """
    wanted = [one for one in SECTIONS if not sections or one.name in sections]
    if after is not None and len(wanted) != 1:
        raise OneSectionOnly(path=("after",))
    key = _key_of(after) if after is not None else None
    path = await _path(ctx, area_id)
    pages: list[WorkPage] = []
    for section in wanted:
        scopes = _scopes(ctx, path, section.permission)
        if scopes:
            pages.append(await _page(ctx, section, scopes, max(1, min(first, PAGE_MAX)), key))
    if not pages:
        raise PermissionDenied(permission=SECTIONS[0].permission)
    return pages


async def _path(ctx: Context, area_id: UUID | None) -> str:
    """The area's path, "" for all. Raises: NotFound."""
    if area_id is None:
        return ""
    path: str | None = await ctx.db.fetchval(_PATH, ctx.tenant_id, area_id)
    if path is None:
        raise NotFound(path=("area",), kind="areas_area")
    return path


def _scopes(ctx: Context, path: str, permission: str) -> tuple[str, ...]:
    """The paths in which the actor holds the permission, cut down to the subtree of a path."""
    scopes = ctx.scopes(permission)
    if any(path.startswith(scope) for scope in scopes):
        return (path,)
    return tuple(scope for scope in scopes if scope.startswith(path))


async def _page(
    ctx: Context, section: Section, scopes: tuple[str, ...], first: int, key: Sequence[Any] | None
) -> WorkPage:
    values: list[Any] = [ctx.tenant_id, *_day_values(ctx, section.needs)]
    order = f"d.area_path, d.grid, d.building, d.id, {section.subject}"
    scope = within("d.area_path", scopes, values)
    after = "true"
    if key is not None:
        places = ", ".join(f"${len(values) + i}" for i in range(1, len(key) + 1))
        values += key
        after = f"({order}) > ({places})"
    sql = f"{section.sql.format(scope=scope, after=after)} order by {order} limit {first + 1}"
    found = await ctx.db.fetch(sql, *values)
    more = len(found) > first
    found = found[:first]
    return WorkPage(
        section=section.name,
        groups=_grouped(section.node, found),
        after=_cursor(found[-1]) if more else None,
    )


def _day_values(ctx: Context, needs: tuple[str, ...]) -> list[Any]:
    today = ctx.today()
    known = {
        "today": today,
        "day_start": ctx.start_of(today),
        "day_end": ctx.start_of(today + timedelta(days=1)),
        "time_zone": ctx.tenant.time_zone,
    }
    return [known[name] for name in needs]


def _grouped(node: str, found: Sequence[Mapping[str, Any]]) -> list[WorkGroup]:
    """The rows, which are in order, by area, grid and building."""
    groups = groupby(found, key=lambda row: (row["area_path"], row["grid"], row["building"]))
    return [
        WorkGroup(grid=grid, building=building, items=[_item(node, row) for row in rows])
        for (_path, grid, building), rows in groups
    ]


def _item(node: str, row: Mapping[str, Any]) -> WorkItem:
    return WorkItem(
        node=node,
        subject_id=UUID(int=row["subject_id"].int),
        dwelling_id=UUID(int=row["dwelling_id"].int),
        person_id=UUID(int=row["person_id"].int) if row["person_id"] is not None else None,
        person=mask_name(row["full_name"]) if row["full_name"] else "",
        address=row["address"],
        due_on=row["due_on"],
        appointed_for=row["appointed_for"],
        tier=row["tier"],
    )


def _cursor(row: Mapping[str, Any]) -> str:
    key = [str(row[name]) for name in _KEY]
    return base64.urlsafe_b64encode(json.dumps(key, ensure_ascii=False).encode()).decode()


def _key_of(cursor: str) -> list[Any]:
    """The place that a cursor holds. Raises: BadWorkCursor."""
    try:
        if len(cursor) > CURSOR_MAX:
            raise ValueError("too long")
        path, grid, building, *ids = json.loads(base64.urlsafe_b64decode(cursor))
        dwelling_id, subject_id = (UUID(one) for one in ids)
        if not all(isinstance(one, str) and "\0" not in one for one in (path, grid, building)):
            raise ValueError("not texts")
    except (ValueError, TypeError, AttributeError) as error:
        raise BadWorkCursor(path=("after",)) from error
    return [path, grid, building, dwelling_id, subject_id]
