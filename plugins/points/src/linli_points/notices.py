"""The notice: what is about to be awarded in an area, with masked names, for whoever takes part there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from linli.plugin import Context, mask_name, place_for
from linli_points.access import TAKE_PART

PAGE_MAX: Final = 200

_UNDER_NOTICE: Final = """
select c.id, c.activity, c.activity_day, c.points, c.object_until, r.title, p.kind,
    coalesce(i.full_name, h.name, o.name, '') as name
from points_claim c
join points_rule r on r.tenant_id = $1 and r.id = c.rule_id
join points_participant p on p.tenant_id = $1 and p.id = c.participant_id
left join identity_person i on i.tenant_id = $1 and i.id = p.person_id
left join identity_household h on h.tenant_id = $1 and h.id = p.household_id
left join identity_organisation o on o.tenant_id = $1 and o.id = p.organisation_id
where c.tenant_id = $1 and c.state = 'publicised' and c.object_until >= $3
    and c.area_path >= $2 and c.area_path < $2 || '~'
order by c.object_until, c.id limit $4"""


@dataclass(frozen=True, slots=True)
class Notice:
    """An award under notice. `name` is masked for people and households, whole for units."""

    claim_id: UUID
    name: str
    rule: str
    activity: str
    activity_day: date
    points: int
    object_until: datetime


async def notices(ctx: Context, *, area_id: UUID, first: int = 50) -> list[Notice]:
    """The awards under notice in an area and below, those that end first before others; at most 200.

    Raises: NotFound, PermissionDenied, AreaRetired.
    """
    place = await place_for(ctx, area_id, TAKE_PART)
    found = await ctx.db.fetch(
        _UNDER_NOTICE, ctx.tenant_id, place.area_path, ctx.now(), max(1, min(first, PAGE_MAX))
    )
    return [
        Notice(
            claim_id=UUID(int=row["id"].int),
            name=row["name"] if row["kind"] == "unit" else mask_name(row["name"]),
            rule=row["title"],
            activity=row["activity"],
            activity_day=row["activity_day"],
            points=row["points"],
            object_until=row["object_until"],
        )
        for row in found
    ]
