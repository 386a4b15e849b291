"""What is to be done: renewals that come due, applications that wait, hours that are short; one statement each."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, PermissionDenied, mask_name, within
from linli_social_workers.registrations import READ

FIRST_MAX: Final = 200
DUE_DAYS: Final = 90


class WorkSection(StrEnum):
    """The sections of the work list."""

    RENEWALS_7 = "renewals_7"
    RENEWALS_30 = "renewals_30"
    RENEWALS_90 = "renewals_90"
    APPLICATIONS = "applications"
    RENEWALS_APPLIED = "renewals_applied"
    HOURS_SHORT = "hours_short"


@dataclass(frozen=True, slots=True)
class WorkItem:
    """A registration to be looked at; the name is masked. `hours` are those approved in this term."""

    registration_id: UUID
    person: str
    due_on: date | None
    hours: int | None
    hours_required: int | None


@dataclass(frozen=True, slots=True)
class WorkPage:
    """The first items of a section, and whether there are more."""

    section: WorkSection
    items: list[WorkItem]
    more: bool


_HOURS: Final = """
(select coalesce(sum(hours), 0)::integer from social_workers_credit c where c.tenant_id = $1
    and c.person_id = r.person_id and c.state = 'approved' and c.completed_on >= r.valid_from)"""
_REQUIRED: Final = "case t.level when 'assistant' then 72 else 90 end"
_STANDING: Final = f"""
select r.id, p.full_name, r.valid_until as due_on, {_HOURS} as hours, {_REQUIRED} as hours_required
from social_workers_registration r
join identity_person p on p.tenant_id = $1 and p.id = r.person_id
join social_workers_certificate t on t.tenant_id = $1 and t.id = r.certificate_id
where r.tenant_id = $1 and {{scope}} and r.state = 'registered'"""
_OPEN: Final = f"{_STANDING} and r.valid_until > $2 and r.valid_until <= $3"
_DUE: Final = f"""{_OPEN} and not exists (select from social_workers_renewal n
    where n.tenant_id = $1 and n.registration_id = r.id and n.state = 'applied')"""
_APPLIED: Final = """
select r.id, p.full_name, (r.due_at at time zone $2::text)::date as due_on, null::integer as hours,
    null::integer as hours_required
from social_workers_registration r
join identity_person p on p.tenant_id = $1 and p.id = r.person_id
where r.tenant_id = $1 and {scope} and r.state in ('applied', 'reviewed')"""
_RENEWALS: Final = f"""{_STANDING} and exists (select from social_workers_renewal n
    where n.tenant_id = $1 and n.registration_id = r.id and n.state = 'applied') and $2::date is not null"""


async def work_list(ctx: Context, *, first: int = 50) -> list[WorkPage]:
    """The first items (at most 200) of each section, in the areas of the actor's grants, the most urgent first.

    Raises: PermissionDenied.
    """
    scopes = ctx.scopes(READ)
    if not scopes:
        raise PermissionDenied(permission=READ)
    today = ctx.today()
    limit = max(1, min(first, FIRST_MAX))
    days = [0, 7, 30, DUE_DAYS]
    windows = [(today + timedelta(days=a), today + timedelta(days=b)) for a, b in itertools.pairwise(days)]
    short = f"select * from ({_DUE}) due where hours < hours_required"
    asked: list[tuple[WorkSection, str, tuple[Any, ...]]] = [
        (WorkSection.RENEWALS_7, _DUE, windows[0]),
        (WorkSection.RENEWALS_30, _DUE, windows[1]),
        (WorkSection.RENEWALS_90, _DUE, windows[2]),
        (WorkSection.APPLICATIONS, _APPLIED, (ctx.tenant.time_zone,)),
        (WorkSection.RENEWALS_APPLIED, _RENEWALS, (today,)),
        (WorkSection.HOURS_SHORT, short, (today, today + timedelta(days=DUE_DAYS))),
    ]
    return [await _page(ctx, section, sql, values, scopes, limit) for section, sql, values in asked]


async def _page(
    ctx: Context,
    section: WorkSection,
    sql: str,
    values: tuple[Any, ...],
    scopes: tuple[str, ...],
    limit: int,
) -> WorkPage:
    arguments: list[Any] = [ctx.tenant_id, *values]
    condition = within("r.area_path", scopes, arguments)
    statement = f"{sql.format(scope=condition)} order by due_on nulls last, id limit {limit + 1}"
    found = await ctx.db.fetch(statement, *arguments)
    return WorkPage(section, [_item(row) for row in found[:limit]], len(found) > limit)


def _item(row: Mapping[str, Any]) -> WorkItem:
    return WorkItem(
        registration_id=UUID(int=row["id"].int),
        person=mask_name(row["full_name"]),
        due_on=row["due_on"],
        hours=row["hours"],
        hours_required=row["hours_required"],
    )
