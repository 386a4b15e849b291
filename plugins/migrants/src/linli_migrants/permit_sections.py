"""The sections of the work list about residence permits."""

from __future__ import annotations

from typing import Final

from linli_migrants.work_items import COLUMNS, Section, WorkSection

ENDORSEMENTS_DUE: Final = Section(
    WorkSection.ENDORSEMENTS_DUE,
    permission="migrants.permit.read",
    node="MigrantPermit",
    subject="m.id",
    sql=f"""
select m.id as subject_id, m.person_id, p.full_name, m.valid_until as due_on,
    null::timestamptz as appointed_for, null::text as tier, {COLUMNS}
from migrants_permit m
join migrants_stay s on s.tenant_id = $1 and s.person_id = m.person_id and s.state in ('verified', 'active')
join migrants_dwelling d on d.tenant_id = $1 and d.id = s.dwelling_id
join identity_person p on p.tenant_id = $1 and p.id = m.person_id
where m.tenant_id = $1 and {{scope}} and {{after}} and m.state in ('active', 'suspended')
    and m.valid_until - interval '1 month' <= $2::date""",
    needs=("today",),
)
APPLICATIONS_OPEN: Final = Section(
    WorkSection.APPLICATIONS_OPEN,
    permission="migrants.permit.read",
    node="MigrantApplication",
    subject="a.id",
    sql=f"""
select a.id as subject_id, a.person_id, p.full_name,
    coalesce(a.decision_due_on, (a.return_until at time zone $2)::date) as due_on,
    null::timestamptz as appointed_for, null::text as tier, {COLUMNS}
from migrants_application a
join migrants_stay s on s.tenant_id = $1 and s.id = a.stay_id
join migrants_dwelling d on d.tenant_id = $1 and d.id = s.dwelling_id
join identity_person p on p.tenant_id = $1 and p.id = a.person_id
where a.tenant_id = $1 and {{scope}} and {{after}} and a.state in ('submitted', 'returned', 'accepted', 'objected')""",
    needs=("time_zone",),
)
PERMIT_SECTIONS: Final = (ENDORSEMENTS_DUE, APPLICATIONS_OPEN)
