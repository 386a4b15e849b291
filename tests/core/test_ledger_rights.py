"""What the database itself refuses, and what `verify` finds when its owner changes the books all the same."""

from __future__ import annotations

import asyncpg
import pytest

from linli import ledger
from linli.ledger.rules import RULES
from linli.testing.books import Books, open_books
from linli.testing.factories import Bench


@pytest.fixture
async def books(bench: Bench) -> Books:
    return await open_books(bench)


FORBIDDEN: dict[str, str] = {
    "a balance": "update ledger_account set available = 99 where tenant_id = $1",
    "an owner": "update ledger_account set owner_id = id where tenant_id = $1",
    "a posting": "update ledger_posting set amount = 99 where tenant_id = $1",
    "an entry": "update ledger_entry set reason = '' where tenant_id = $1",
    "a stripe": "update ledger_stripe set available = 99 where tenant_id = $1",
    "the amount of a hold": "update ledger_hold set amount = 99 where tenant_id = $1",
    "what remains of a hold": "update ledger_hold set remaining = 99 where tenant_id = $1",
}


@pytest.mark.parametrize("what", FORBIDDEN)
async def test_the_api_role_cannot_change(books: Books, what: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.bench.context(books.tenant) as ctx:
            await ctx.db.execute(FORBIDDEN[what], ctx.tenant_id)


@pytest.mark.parametrize("table", ["account", "stripe", "entry", "posting", "hold"])
async def test_the_api_role_cannot_delete(books: Books, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.bench.context(books.tenant) as ctx:
            await ctx.db.execute(f"delete from ledger_{table} where tenant_id = $1", ctx.tenant_id)


@pytest.mark.parametrize("table", ["stripe", "entry", "posting", "hold"])
async def test_the_api_role_cannot_write_past_the_function(books: Books, table: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.bench.context(books.tenant) as ctx:
            await ctx.db.execute(f"insert into ledger_{table} (tenant_id, id) values ($1, $1)", ctx.tenant_id)


INNER = {
    "spread": "select app.ledger_spread($1, $1, true, 1, 0)",
    "draw": "select app.ledger_draw($1, $1, now(), $1, array[$1::uuid], array['reserved'], array[1::bigint])",
}


@pytest.mark.parametrize("function", INNER)
async def test_the_api_role_cannot_call_a_part_of_posting_alone(books: Books, function: str) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with books.bench.context(books.tenant) as ctx:
            await ctx.db.execute(INNER[function], ctx.tenant_id)


async def test_posting_and_striping_refuse_a_tenant_that_is_not_bound(books: Books, bench: Bench) -> None:
    others = await open_books(bench)
    for sql in (POST_SQL, "select app.ledger_set_stripes($1, $2, 4)"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with bench.context(books.tenant) as ctx:
                await ctx.db.execute(sql, others.tenant.id, others.first)
    with pytest.raises(ledger.errors.Unbalanced):  # an account of another tenant is none
        async with bench.context(books.tenant) as ctx:
            await books.give(ctx, 5, to=others.first)
    assert (await others.report()).entries == 0


POST_SQL = """
select app.ledger_post($1, 0, 0, $2, 'test.forged', 'k', repeat('0', 64), now(), '', 'system', null, '', '', null, null,
    null, array[gen_random_uuid(), gen_random_uuid()], array[$2::uuid, $2], array['available', 'available'],
    array[1::bigint, -1], array['', ''])"""


async def test_functions_that_run_as_the_owner_look_nowhere_else(books: Books) -> None:
    sql = "select proname, proconfig from pg_proc where prosecdef and proname like 'ledger\\_%' order by proname"
    async with books.bench.database.owner() as db:
        found = {row["proname"]: row["proconfig"][0] for row in await db.fetch(sql)}
    path = "search_path=pg_catalog, pg_temp"
    assert found == {"ledger_post": path, "ledger_set_stripes": path}


# $1 is the first account, $2 the second; each begins with one entry of 30 points and one hold of 10 on the first.
TAMPERINGS: dict[str, tuple[str, ...]] = {
    "balance is the sum of the postings": (
        "update ledger_account set available = 31 where id = $1",
        "update ledger_stripe set available = available + 1 where account_id = $2 and stripe = 0",
    ),
    "no balance is below zero": (
        "update ledger_stripe set available = stripe * 2 - 1 where account_id = $2",
    ),
    "stripes are as many as their account tells": (
        "delete from ledger_stripe where account_id = $2 and stripe = 1",
        "insert into ledger_stripe (tenant_id, id, account_id, stripe, available, reserved)"
        " select tenant_id, id, id, 0, 5, 0 from ledger_account where id = $1",
    ),
    "entry adds up to zero in one unit": (
        "update ledger_posting set amount = 31 where account_id = $1 and amount = 30",
    ),
    "entry is what its digest tells": (
        "update ledger_posting set category = 'x' where account_id = $1",
        "update ledger_entry set key = key || 'x' where kind = 'test.given'",
        "update ledger_posting set account_id = $2 where account_id = $1",
    ),
    "posting tells of its account and entry": (
        "update ledger_posting set role = 'other' where account_id = $1",
        "delete from ledger_entry where kind = 'test.given'",
        "delete from ledger_account where id = $1",
    ),
    "account is as it was opened": (
        "with a as (update ledger_account set owner_id = $2 where id = $1 returning 1)"
        " update ledger_posting set owner_id = $2 where account_id = $1",
        "update ledger_account set may_be_negative = true where id = $1",
        "update audit_entry set after = null where subject_id = $1 and action = 'open'",
    ),
    "account and posting lie where their area does": (
        "update ledger_account set area_path = '00.' where id = $1",
        "update ledger_posting set area_path = '00.' where account_id = $1",
    ),
    "entry stands in the audit trail": (
        "delete from audit_entry where subject_table = 'ledger_entry'",
        "with e as (update ledger_entry set posted_at = now() - interval '1 year' returning 1)"
        " update ledger_posting set posted_at = now() - interval '1 year'",
        "update ledger_entry set reason = 'x' where kind = 'test.given'",
        "update ledger_entry set actor_name = 'somebody' where kind = 'test.given'",
        "update ledger_entry set source_id = $2 where kind = 'test.given'",
    ),
    "what the audit trail tells stands in the ledger": (
        "with gone as (delete from ledger_entry e where reverses_id is not null"
        " or exists (select 1 from ledger_entry r where r.reverses_id = e.id) returning id)"
        " delete from ledger_posting where entry_id in (select id from gone)",
    ),
    "entry has postings": ("delete from ledger_posting",),
    "hold is what was not drawn of it": (
        "update ledger_hold set remaining = 9",
        "update ledger_hold set amount = 11",
        "update ledger_hold set account_id = $2",
    ),
    "entry of a hold has its hold": ("delete from ledger_hold",),
    "reserved is what is held": (
        "update ledger_account set reserved = 11, available = available - 1 where id = $1",
    ),
    "reversal is the opposite": (
        "update ledger_posting set amount = -amount where entry_id in"
        " (select id from ledger_entry where reverses_id is not null)",
        "update ledger_entry set reverses_id = hold.entry_id from ledger_hold hold where reverses_id is not null",
    ),
}
TRIES = [(rule, number) for rule, tries in TAMPERINGS.items() for number in range(len(tries))]


def test_every_rule_is_shown_something_that_breaks_it() -> None:
    assert set(TAMPERINGS) == {*RULES, "entry is what its digest tells"}


@pytest.mark.parametrize(("rule", "number"), TRIES)
async def test_what_the_owner_of_the_database_changes_is_found(books: Books, rule: str, number: int) -> None:
    async with books.bench.context(books.tenant) as ctx:
        await books.give(ctx, 30)
        await ledger.hold(ctx, books.first, 10, ledger.Purpose("test.held", "h"))
        wrong = await books.give(ctx, 3, to=books.second)
        await ledger.reverse(ctx, wrong.entry_id, ledger.Purpose("test.reversed", "r", reason="误记"))
        await ledger.set_stripes(ctx, books.second, 2)
    assert (await books.report()).problems == []
    await tamper(books, TAMPERINGS[rule][number])
    assert rule in {problem.rule for problem in (await books.report()).problems}


async def tamper(books: Books, sql: str) -> None:
    """Run a statement that no right and no reference stops; it reaches the rows of one tenant all the same."""
    for place, account_id in (("$1", books.first), ("$2", books.second)):
        sql = sql.replace(place, f"'{account_id}'::uuid")
    async with books.bench.database.owner() as db:
        for statement in (
            "create role linli_tamperer",
            "grant usage on schema app to linli_tamperer",
            "grant all on all tables in schema public to linli_tamperer",
            "set local session_replication_role = replica",
            f"select app.bind('{books.tenant.id}')",
            "set local role linli_tamperer",
            sql,
            "reset role",
            "drop owned by linli_tamperer",
            "drop role linli_tamperer",
        ):
            await db.execute(statement)
