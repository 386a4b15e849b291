"""A walk over PostgreSQL's catalogue: every table, key, index, policy, role, view and function, none by name.

Each rule is a query that gives what breaks it. What may break a rule stands in `KNOWN`, with the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from linli.db.database import Database
from linli.db.roles import RuntimeRoles
from linli.db.unit_of_work import UnitOfWork
from linli.testing.isolation.rules import RULES


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A rule that does not hold for one thing: a table, index, constraint, function, role."""

    rule: str
    thing: str


KNOWN: Final[Mapping[Finding, str]] = MappingProxyType(
    {
        Finding("index begins with tenant_id", "tenancy_tenant_slug_key"): (
            "slugs name tenants before any is bound; only the kernel role reads and writes them"
        ),
        Finding("index begins with tenant_id", "areas_area_name_grams_idx"): (
            "a GIN index serves one column; its grams begin with six digits of the tenant's id, and only the"
            " owner, inside app.search_areas, may use it"
        ),
        Finding("reference carries the tenant", "tenancy_tenant_parent_id_fkey"): (
            "a district's parent is another tenant: the catalogue's own tree, written by the kernel role only"
        ),
        Finding("no function runs as its owner", "app.search_areas"): (
            "array search is not leakproof; it refuses any tenant but the bound one"
        ),
        Finding("no function runs as its owner", "app.ledger_post"): (
            "no role may write balances and postings itself; it refuses any tenant but the bound one"
        ),
        Finding("no function runs as its owner", "app.ledger_set_stripes"): (
            "as app.ledger_post: it spreads a balance and changes no sum"
        ),
        Finding("no function runs as its owner", "app.inherited_standards"): (
            "a district reads what its city hands down; it refuses any tenant but the bound one"
        ),
        Finding("no function runs as its owner", "app.privacy_purge_tags"): (
            "expired tags cannot be seen by the API role, so not be deleted either; it refuses any tenant but the"
            " bound one, and deletes only what has expired"
        ),
        Finding("no function runs as its owner", "app.analyze_areas"): (
            "statistics after a bulk load; it reads no rows and needs a bound tenant"
        ),
    }
)


async def catalogue_findings(database: Database, *, known: Mapping[Finding, str] = KNOWN) -> list[Finding]:
    """All that breaks a rule in a migrated database, without what `known` explains."""
    async with database.owner() as db:
        return [finding for finding in await walk(db) if finding not in known]


async def walk(db: UnitOfWork) -> list[Finding]:
    """All that breaks a rule, as this transaction sees the catalogue; `db` is the owner's."""
    name = await db.fetchval("select current_database()")
    roles = RuntimeRoles.of(name, secret_key="")  # the names only
    found: list[Finding] = []
    for rule, sql in RULES.items():
        rows = await db.fetch(f"with {_NAMES} {sql}", roles.api, roles.kernel)
        found += [Finding(rule, row["thing"]) for row in rows]
    return sorted(set(found))


# What the rules speak of: the two roles, the tables of tenants, and all functions and relations of ours.
_NAMES: Final = """
api as (select * from pg_roles where rolname = $1::text),
kernel as (select * from pg_roles where rolname = $2::text),
ours as (
    select c.*, c.oid as id, n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname not like 'pg\\_toast%'
    and n.nspname not like 'pg\\_temp%'
),
tenant_table as (select * from ours where nspname = 'public' and relkind in ('r', 'p')),
key as (
    select t.id as table_id, a.attnum from tenant_table t
    join pg_attribute a on a.attrelid = t.id and a.attname = 'tenant_id' and not a.attisdropped
)
"""
