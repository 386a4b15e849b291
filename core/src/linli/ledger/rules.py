"""What must hold of the books, as SQL: each statement gives what breaks a rule."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# Each gives the rows that break a rule: `id` of an account, entry, posting or hold.
RULES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "entry adds up to zero in one unit": """
            select entry_id as id from ledger_posting where tenant_id = $1 group by entry_id
            having sum(amount) <> 0 or count(*) < 2 or count(distinct unit) <> 1""",
        "entry has postings": """
            select e.id from ledger_entry e where e.tenant_id = $1 and not exists (
                select 1 from ledger_posting p where p.tenant_id = $1 and p.entry_id = e.id)""",
        "balance is the sum of the postings": """
            select a.id from ledger_account a
            left join (
                select account_id, sum(available) as available, sum(reserved) as reserved from ledger_stripe
                where tenant_id = $1 group by account_id) s on s.account_id = a.id
            left join (
                select account_id, sum(amount) filter (where part = 'available') as available,
                    sum(amount) filter (where part = 'reserved') as reserved
                from ledger_posting where tenant_id = $1 group by account_id) p on p.account_id = a.id
            where a.tenant_id = $1 and (
                coalesce(a.available, s.available) is distinct from coalesce(p.available, 0)
                or coalesce(a.reserved, s.reserved) is distinct from coalesce(p.reserved, 0))""",
        "no balance is below zero": """
            select a.id from ledger_account a left join ledger_stripe s on s.tenant_id = $1 and s.account_id = a.id
            where a.tenant_id = $1 and (coalesce(a.reserved, s.reserved) < 0
                or (not a.may_be_negative and coalesce(a.available, s.available) < 0))""",
        "posting tells of its account and entry": """
            select p.id from ledger_posting p
            left join ledger_account a on a.tenant_id = $1 and a.id = p.account_id
            left join ledger_entry e on e.tenant_id = $1 and e.id = p.entry_id
            where p.tenant_id = $1 and (a.unit is distinct from p.unit or a.role is distinct from p.role
                or a.owner_id is distinct from p.owner_id or e.kind is distinct from p.entry_kind
                or e.posted_at is distinct from p.posted_at)""",
        "stripes are as many as their account tells": """
            select a.id from ledger_account a
            left join (
                select account_id, count(*) as stripes from ledger_stripe where tenant_id = $1 group by account_id
            ) s on s.account_id = a.id
            where a.tenant_id = $1 and a.stripes <> coalesce(s.stripes, 0)""",
        "account is as it was opened": """
            select a.id from ledger_account a
            left join audit_entry t on t.tenant_id = $1 and t.subject_table = 'ledger_account'
                and t.subject_id = a.id and t.action = 'open'
            where a.tenant_id = $1 and array[a.unit, a.role, a.owner_kind, a.owner_id::text, a.period,
                    a.may_be_negative::text]
                is distinct from array[t.after ->> 'unit', t.after ->> 'role', t.after ->> 'owner_kind',
                    t.after ->> 'owner_id', t.after ->> 'period', t.after ->> 'may_be_negative']""",
        "account and posting lie where their area does": """
            select l.id from (
                select id, area_id, area_path from ledger_account where tenant_id = $1
                union all select id, area_id, area_path from ledger_posting where tenant_id = $1) l
            left join areas_area a on a.tenant_id = $1 and a.id = l.area_id
            where l.area_path is distinct from coalesce(a.path, '')""",
        "hold is what was not drawn of it": """
            select h.id from ledger_hold h
            left join (
                select e.hold_id, p.account_id, sum(p.amount) as remaining,
                    sum(p.amount) filter (where p.amount > 0) as amount
                from ledger_entry e
                join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id and p.part = 'reserved'
                where e.tenant_id = $1 and e.hold_id is not null group by e.hold_id, p.account_id
            ) d on d.hold_id = h.id and d.account_id = h.account_id
            where h.tenant_id = $1
                and (h.remaining is distinct from d.remaining or h.amount is distinct from d.amount)""",
        "entry of a hold has its hold": """
            select e.id from ledger_entry e where e.tenant_id = $1 and e.hold_id is not null and not exists (
                select 1 from ledger_hold h where h.tenant_id = $1 and h.id = e.hold_id)""",
        "reserved is what is held": """
            select a.id from ledger_account a
            left join (
                select account_id, sum(reserved) as reserved from ledger_stripe
                where tenant_id = $1 group by account_id) s on s.account_id = a.id
            left join (
                select account_id, sum(remaining) as held from ledger_hold
                where tenant_id = $1 group by account_id) h on h.account_id = a.id
            where a.tenant_id = $1
                and coalesce(a.reserved, s.reserved) is distinct from coalesce(h.held, 0)""",
        "reversal is the opposite": """
            select r.id from ledger_entry r where r.tenant_id = $1 and r.reverses_id is not null and exists (
                select 1 from (
                    select account_id, part, category, amount from ledger_posting
                        where tenant_id = $1 and entry_id = r.id
                    union all
                    select account_id, part, category, amount from ledger_posting
                        where tenant_id = $1 and entry_id = r.reverses_id) both_entries
                group by account_id, part, category having sum(amount) <> 0)""",
        "entry stands in the audit trail": """
            select e.id from ledger_entry e
            left join audit_entry t on t.tenant_id = $1 and t.subject_table = 'ledger_entry'
                and t.subject_id = e.id and t.action = 'post'
            where e.tenant_id = $1 and (
                array[e.digest, e.reason, e.source_table, coalesce(e.source_id::text, ''), e.actor_kind,
                    coalesce(e.actor_id::text, ''), e.actor_name]
                is distinct from array[t.after ->> 'digest', t.after ->> 'reason', t.after ->> 'source_table',
                    t.after ->> 'source_id', t.actor_kind, coalesce(t.actor_id::text, ''), t.actor_name]
                or e.posted_at is distinct from (t.after ->> 'posted_at')::timestamptz)""",
        "what the audit trail tells stands in the ledger": """
            select t.subject_id as id from audit_entry t
            where t.tenant_id = $1 and t.subject_table = 'ledger_entry' and t.action = 'post' and not exists (
                select 1 from ledger_entry e where e.tenant_id = $1 and e.id = t.subject_id)""",
    }
)
