"""The sections of the work list about visits and the census."""

from __future__ import annotations

from typing import Final

from linli_migrants.work_items import COLUMNS, Section, WorkSection

_VISIT: Final = f"""
select v.id as subject_id, v.person_id, p.full_name, v.due_on, v.appointed_for, v.tier, {COLUMNS}
from migrants_visit v
join migrants_dwelling d on d.tenant_id = $1 and d.id = v.dwelling_id
join identity_person p on p.tenant_id = $1 and p.id = v.person_id
where v.tenant_id = $1 and {{scope}} and {{after}}"""

VISITS_TODAY: Final = Section(
    WorkSection.VISITS_TODAY,
    permission="migrants.visit.read",
    node="MigrantVisit",
    subject="v.id",
    sql=_VISIT + " and v.state in ('appointed', 'missed') and v.appointed_for >= $2 and v.appointed_for < $3",
    needs=("day_start", "day_end"),
)
VISITS_OVERDUE: Final = Section(
    WorkSection.VISITS_OVERDUE,
    permission="migrants.visit.read",
    node="MigrantVisit",
    subject="v.id",
    sql=_VISIT + " and (v.state = 'missed' or v.state in ('planned', 'appointed') and v.due_on < $2)",
    needs=("today",),
)
VISITS_TO_APPOINT: Final = Section(
    WorkSection.VISITS_TO_APPOINT,
    permission="migrants.visit.read",
    node="MigrantVisit",
    subject="v.id",
    sql=_VISIT + " and v.state = 'planned' and v.due_on >= $2",
    needs=("today",),
)
CENSUS_OPEN: Final = Section(
    WorkSection.CENSUS_OPEN,
    permission="migrants.census.read",
    node="MigrantCensusRound",
    subject="r.id",
    sql=f"""
select r.id as subject_id, null::uuid as person_id, null::text as full_name,
    (make_date(r.year, 3 * r.quarter - 2, 1) + interval '3 months' - interval '1 day')::date as due_on,
    null::timestamptz as appointed_for, null::text as tier, {COLUMNS}
from migrants_census_round r
join migrants_dwelling d on d.tenant_id = $1 and d.state = 'active'
    and d.area_path >= r.area_path and d.area_path < r.area_path || '~'
where r.tenant_id = $1 and r.state = 'open' and {{scope}} and {{after}}
    and not exists (
        select 1 from migrants_census_answer a
        where a.tenant_id = $1 and a.round_id = r.id and a.dwelling_id = d.id)""",
)
VISIT_SECTIONS: Final = (VISITS_TODAY, VISITS_OVERDUE, VISITS_TO_APPOINT, CENSUS_OPEN)
