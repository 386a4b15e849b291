"""PostgreSQL's catalogue, walked: and the walker itself, shown tables, roles and functions that are wrong."""

from __future__ import annotations

import pytest

from linli.db.database import Database
from linli.db.roles import RuntimeRoles, quoted
from linli.testing.isolation import KNOWN, Finding, catalogue_findings
from linli.testing.isolation.catalogue import walk
from linli.testing.isolation.rules import RULES

_GOOD = (
    "create table {name} (tenant_id uuid not null, id uuid not null, primary key (tenant_id, id))",
    "alter table {name} enable row level security",
    "alter table {name} force row level security",
    "create policy tenant on {name} using (tenant_id = app.tenant()) with check (tenant_id = app.tenant())",
    "grant select on {name} to {api}",
)
_OPEN = "as $$ select 1 $$ language sql"
_GUARDED = "security definer set search_path = pg_catalog as $$ select app.tenant() $$ language sql"

# For each rule, statements that break it (after `_GOOD` made the table `bad`), and what must be named.
BREACHES: dict[str, list[tuple[str, ...]]] = {
    "table has a tenant_id": [("create table worse (id uuid primary key)", "=worse")],
    "primary key begins with tenant_id": [
        ("create table worse (id uuid, tenant_id uuid not null, primary key (id, tenant_id))", "=worse"),
        ("create table worse (tenant_id uuid not null)", "=worse"),
    ],
    "index begins with tenant_id": [
        ("alter table bad add column code text", "create unique index bad_code on bad (code)", "=bad_code"),
        ("create index bad_id on bad (id, tenant_id)", "=bad_id"),
        ("alter table bad add column code text unique", "=bad_code_key"),
    ],
    "reference carries the tenant": [
        (
            "create table worse (id uuid primary key)",
            "alter table bad add constraint bad_worse foreign key (id) references worse (id)",
            "=bad_worse",
        )
    ],
    "reference neither empties nor deletes": [
        (
            "alter table bad add column other_id uuid",
            "alter table bad add constraint bad_other foreign key (tenant_id, other_id)"
            " references bad (tenant_id, id) on delete cascade",
            "=bad_other",
        )
    ],
    "row-level security is on and forced": [
        ("alter table bad disable row level security", "=bad"),
        ("alter table bad no force row level security", "=bad"),
    ],
    "policy binds the tenant": [
        ("drop policy tenant on bad", "=bad"),
        ("alter policy tenant on bad with check (true)", "=bad"),
        ("alter policy tenant on bad using (tenant_id = app.tenant() or id is null)", "=bad"),
    ],
    "no policy widens the API role's view": [
        ("create policy more on bad for select using (true)", "=bad.more"),
        ("create policy more on bad for select to {api} using (true)", "=bad.more"),
    ],
    "no trigger and no rule": [
        (
            "create function bad_trigger() returns trigger as $$ begin return new; end $$ language plpgsql",
            "create trigger worse before insert on bad for each row execute function bad_trigger()",
            "=bad.worse",
        )
    ],
    "no sequence counts over tenants": [("alter table bad add column number serial", "=bad_number_seq")],
    "view reads with the caller's rights": [
        ("create view worse as select * from bad", "=worse"),
        ("create materialized view worse as select * from bad", "=worse"),
    ],
    "no large object": [("select lo_create(4711)", "=4711")],
    "no function runs as its owner": [
        (f"create function app.worse() returns uuid {_GUARDED}", "=app.worse"),
    ],
    "function that runs as its owner asks for the tenant": [
        (f"create function app.worse() returns integer security definer {_OPEN}", "=app.worse"),
        (f"create function app.worse() returns uuid {_GUARDED}", "=app.worse"),  # everybody may call it
    ],
    "app.tenant() is STABLE and the caller's": [("alter function app.tenant() immutable", "=app.tenant")],
    "runtime role has no special power": [
        ("alter role {api} bypassrls", "={api_name}"),
        ("alter role {kernel} superuser", "={kernel_name}"),
    ],
    "runtime role exists": [("alter role {kernel} rename to linli_isolation_gone", "={kernel_name}")],
    "runtime role is a member of no role": [
        ("grant pg_read_all_data to {api}", "={api_name} in pg_read_all_data")
    ],
    "runtime role owns nothing": [
        ("grant create on schema public to {api}", "alter table bad owner to {api}", "{api_name} owns"),
    ],
    "runtime role creates nothing": [
        ("grant create on schema public to {api}", "={api_name} in public"),
        ("grant temporary on database {database} to public", "={api_name} in the database"),
    ],
    "runtime role neither truncates nor refers": [
        ("grant truncate on bad to {api}", "={api_name} on bad"),
        ("grant references on bad to public", "={api_name} on bad"),
    ],
    "runtime role sees tenants' tables only": [
        (
            "create table app.worse (secret text)",
            "grant select on app.worse to public",
            "={api_name} on app.worse",
        ),
        ("grant insert on app.migration to {api}", "={api_name} on app.migration"),
    ],
    "kernel role works on its own tables only": [
        ("grant select (id) on bad to {kernel}", "=bad"),
        ("grant delete on bad to {kernel}", "=bad"),
    ],
}


async def test_every_table_index_policy_role_and_function_keeps_the_rules(database: Database) -> None:
    assert await catalogue_findings(database) == []


async def test_every_known_exception_is_still_there_and_has_a_reason(database: Database) -> None:
    async with database.owner() as db:
        found = set(await walk(db))
    assert set(KNOWN) <= found
    assert all(len(reason) > 20 for reason in KNOWN.values())


def test_every_rule_is_shown_something_that_breaks_it() -> None:
    assert set(BREACHES) == set(RULES)


@pytest.mark.parametrize(
    ("rule", "statements"), [(rule, breach) for rule, breaches in BREACHES.items() for breach in breaches]
)
async def test_the_walk_finds_what_breaks_a_rule(
    database: Database, rule: str, statements: tuple[str, ...]
) -> None:
    *made, expected = statements
    async with database.owner() as db:
        name = await db.fetchval("select current_database()")
        roles = RuntimeRoles.of(name, secret_key="")
        words = {
            "name": "bad",
            "api": quoted(roles.api),
            "kernel": quoted(roles.kernel),
            "api_name": roles.api,
            "kernel_name": roles.kernel,
            "database": quoted(name),
        }
        try:
            async with db.savepoint():
                for statement in _GOOD:
                    await db.execute(statement.format(**words))
                assert not [finding for finding in await walk(db) if finding.thing == "bad"]
                for statement in made:
                    await db.execute(statement.format(**words))
                found = await walk(db)
                raise _UndoneError
        except _UndoneError:
            pass
    wanted = expected.format(**words)
    things = [finding.thing for finding in found if finding.rule == rule]
    if wanted.startswith("="):
        assert Finding(rule, wanted[1:]) in found, things
    else:
        assert any(thing.startswith(wanted) for thing in things), things


class _UndoneError(Exception):
    pass
