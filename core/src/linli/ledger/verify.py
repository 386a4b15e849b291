"""Checking the books: every rule that the ledger keeps, asked anew of the stored rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final
from uuid import UUID

from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.ledger.posting import Line, Part, Purpose, digest_of
from linli.tenancy.catalogue import Tenant

PROBLEMS_MAX: Final = 100
_PAGE: Final = 2_000
_TIMEOUT_S: Final = 600.0
_FIRST: Final = UUID(int=0)

# Each gives the rows that break a rule: `id` of an account, entry, posting or hold.
_RULES: Final[Mapping[str, str]] = MappingProxyType(
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
        "hold is what was not drawn of it": """
            select h.id from ledger_hold h where h.tenant_id = $1 and h.remaining is distinct from (
                select sum(p.amount) from ledger_entry e
                join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id and p.part = 'reserved'
                    and p.account_id = h.account_id
                where e.tenant_id = $1 and e.hold_id = h.id)""",
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
            where e.tenant_id = $1 and (t.after ->> 'digest') is distinct from e.digest""",
    }
)
_ALL_RULES: Final = " union all ".join(
    f"(select '{rule}' as rule, id from ({sql} order by 1 limit {PROBLEMS_MAX}) broken)"
    for rule, sql in _RULES.items()
)
_COUNTS: Final = """
select (select count(*) from ledger_account where tenant_id = $1) as accounts,
    (select count(*) from ledger_entry where tenant_id = $1) as entries,
    (select count(*) from ledger_posting where tenant_id = $1) as postings"""
_CONTENT: Final = """
select e.id, e.kind, e.key, e.digest, array_agg(p.account_id) as accounts, array_agg(p.part) as parts,
    array_agg(p.amount) as amounts, array_agg(p.category) as categories
from (select * from ledger_entry where tenant_id = $1 and id > $2 order by id limit $3) e
join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id
group by e.id, e.kind, e.key, e.digest order by e.id"""


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule that does not hold for one account, entry, posting or hold."""

    rule: str
    id: UUID


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """The result of a check; at most 100 findings."""

    accounts: int
    entries: int
    postings: int
    problems: Sequence[Broken]

    @property
    def intact(self) -> bool:
        """Whether every rule holds."""
        return not self.problems


async def verify(database: Database, tenant: Tenant) -> LedgerReport:
    """Check all books of a tenant; it may go on posting meanwhile.

    An entry that the owner of the database changed together with its postings and balances is found by its digest,
    which stands in the sealed audit trail.
    """
    async with database.unit_of_work(tenant.id, read_only=True, statement_timeout_s=_TIMEOUT_S) as db:
        counts = await db.fetchrow(_COUNTS, tenant.id)
        assert counts is not None
        # One statement sees one state of the books.
        problems = [Broken(row["rule"], row["id"]) for row in await db.fetch(_ALL_RULES, tenant.id)]
        problems += await _changed(db, tenant.id)
    return LedgerReport(counts["accounts"], counts["entries"], counts["postings"], problems[:PROBLEMS_MAX])


async def _changed(db: UnitOfWork, tenant_id: UUID) -> list[Broken]:
    """The entries whose postings are not what their digest tells, page by page."""
    problems: list[Broken] = []
    after = _FIRST
    while rows := await db.fetch(_CONTENT, tenant_id, after, _PAGE):
        for row in rows:
            parts = zip(row["accounts"], row["amounts"], row["parts"], row["categories"], strict=True)
            lines = [Line(account, amount, Part(part), label) for account, amount, part, label in parts]
            if digest_of(Purpose(row["kind"], row["key"]), lines) != row["digest"]:
                problems.append(Broken("entry is what its digest tells", row["id"]))
        after = rows[-1]["id"]
        if len(problems) >= PROBLEMS_MAX:
            break
    return problems
