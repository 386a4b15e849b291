"""Checking the books: every rule that the ledger keeps, asked anew of the stored rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.ledger.posting import Line, Part, Purpose, digest_of
from linli.ledger.rules import RULES
from linli.tenancy.catalogue import Tenant

PROBLEMS_MAX: Final = 100
_PAGE: Final = 2_000
_TIMEOUT_S: Final = 600.0
_FIRST: Final = UUID(int=0)

_ALL_RULES: Final = " union all ".join(
    f"(select '{rule}' as rule, id from ({sql} order by 1 limit {PROBLEMS_MAX}) broken)"
    for rule, sql in RULES.items()
)
_COUNTS: Final = """
select (select count(*) from ledger_account where tenant_id = $1) as accounts,
    (select count(*) from ledger_entry where tenant_id = $1) as entries,
    (select count(*) from ledger_posting where tenant_id = $1) as postings"""
_CONTENT: Final = """
select e.id, e.kind, e.key, e.digest, coalesce(e.reverses_id, (
        select h.id from ledger_hold h where h.tenant_id = $1 and h.id = e.hold_id and h.entry_id <> e.id)) as concerns,
    array_agg(p.account_id) as accounts, array_agg(p.part) as parts, array_agg(p.amount) as amounts,
    array_agg(p.category) as categories
from (select * from ledger_entry where tenant_id = $1 and id > $2 order by id limit $3) e
join ledger_posting p on p.tenant_id = $1 and p.entry_id = e.id
group by e.id, e.kind, e.key, e.digest, e.reverses_id, e.hold_id order by e.id"""


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
            if digest_of(Purpose(row["kind"], row["key"]), lines, row["concerns"]) != row["digest"]:
                problems.append(Broken("entry is what its digest tells", row["id"]))
        after = rows[-1]["id"]
        if len(problems) >= PROBLEMS_MAX:
            break
    return problems
