"""The ledger in the API: read only; entries are posted by the services of plugins."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import strawberry

from linli import ledger
from linli.ledger import tables
from linli.ledger.accounts import OwnerKind, Unit
from linli.ledger.posting import Part
from linli_graphql.amounts import Amount
from linli_graphql.connections import Connection
from linli_graphql.contribution import Extension, extend, query
from linli_graphql.ids import local_id
from linli_graphql.inputs import expose
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Household, Organisation, Person
from linli_graphql.nodes import Node, column, many, node, one
from linli_graphql.request import GraphQLRequest

expose(
    Unit,
    "What an account counts.",
    {"POINTS": "Points of recognition.", "CNY": "Yuan; amounts are in fen."},
    name="LedgerUnit",
)
expose(
    OwnerKind,
    "What the owner of an account is.",
    {
        "PERSON": "A person.",
        "HOUSEHOLD": "A household.",
        "ORGANISATION": "A unit of the shared register.",
        "AREA": "An area.",
        "TENANT": "The tenant itself.",
        "OTHER": "Something of a plugin.",
    },
    name="LedgerOwnerKind",
)
expose(
    Part,
    "Which part of a balance.",
    {"AVAILABLE": "What can be spent.", "RESERVED": "What is set aside for something."},
    name="LedgerPart",
)


@node(
    tables.Account,
    plural="ledger_accounts",
    permission="ledger.account.read",
    own_column="owner_id",
    filters=("unit", "role", "state"),
)
class LedgerAccount(Node):
    """What somebody owns of one unit, in one role."""

    unit: Unit = column("What is counted.")
    role: str = column("What the account is for, such as holder or pool.")
    owner_kind: OwnerKind = column("What the owner is.")
    period: str = column("The year or other period, for accounts that are opened anew for each.")
    state: str = column("Open or closed.")
    available: Amount | None = column(
        "What can be spent; null while many post at once, then ask ledgerBalance."
    )
    reserved: Amount | None = column("What is set aside; null while many post at once.")
    area: Area | None = one("area_id", "Where the owner lies.")
    postings: Connection[LedgerPosting] = many("account_id", "What was put in and taken out.")


@node(
    tables.Entry,
    plural="ledger_entries",
    permission="ledger.entry.read",
    filters=("posted_at", "kind", "key"),
    order_by=("posted_at",),
    whole_tenant=True,
)
class LedgerEntry(Node):
    """Postings that were made together and add up to zero; never changed, only reversed."""

    kind: str = column("What happened, such as points.claim_posted.")
    key: str = column("What it is for; each is posted once.")
    posted_at: datetime = column("When.")
    reason: str = column("Why, where a reason was given.")
    actor_kind: str = column("Account, client or system.")
    actor_name: str = column("Who, as they were called then.")
    source_table: str = column("The kind of thing that it comes from.")
    reverses: LedgerEntry | None = one("reverses_id", "The entry that it takes back.")
    postings: Connection[LedgerPosting] = many("entry_id", "The amounts.")


@node(
    tables.Posting,
    plural="ledger_postings",
    permission="ledger.account.read",
    own_column="owner_id",
    filters=("posted_at", "unit", "role", "part", "entry_kind", "category", "account"),
    order_by=("posted_at",),
    group_by=("category", "entry_kind", "role", "area", "posted_at"),
    sums=("amount",),
)
class LedgerPosting(Node):
    """An amount put into an account (above zero) or taken out of it."""

    amount: Amount = column("How much, in the unit's smallest part.")
    unit: Unit = column("What is counted.")
    part: Part = column("Which part of the balance it changes.")
    role: str = column("What the account is for.")
    entry_kind: str = column("What happened.")
    category: str = column("Under which heading it counts; empty for none.")
    posted_at: datetime = column("When.")
    area: Area | None = one("area_id", "Where the account lay then.")
    account: LedgerAccount | None = one("account_id", "The account.")
    entry: LedgerEntry | None = one("entry_id", "The entry; null to those who may not see entries.")


@strawberry.type(description="What an account holds.")
class LedgerBalance:
    """What an account holds."""

    available: Amount = strawberry.field(description="What can be spent.")
    reserved: Amount = strawberry.field(description="What is set aside for something.")
    total: Amount = strawberry.field(description="Both together.")


@strawberry.type(description="What one kind of entry brought to and took from a part of an account.")
class LedgerTurnover:
    """What one kind of entry brought to and took from a part of an account."""

    kind: str = strawberry.field(description="What happened.")
    part: Part = strawberry.field(description="Which part of the balance.")
    received: Amount = strawberry.field(description="What was put in.")
    given: Amount = strawberry.field(description="What was taken out.")
    postings: int = strawberry.field(description="How many postings.")


@strawberry.type(description="An account over some days.")
class LedgerStatement:
    """An account over some days."""

    from_day: date = strawberry.field(description="The first day.")
    to_day: date = strawberry.field(description="The last day.")
    opening: Amount = strawberry.field(description="What it held when the first day began.")
    closing: Amount = strawberry.field(description="What it held when the last day was over.")
    turnovers: list[LedgerTurnover] = strawberry.field(description="By kind of entry; at most 200.")


@strawberry.type(description="All accounts of a role together.")
class LedgerRoleBalance:
    """All accounts of a role together."""

    role: str = strawberry.field(description="What the accounts are for.")
    accounts: int = strawberry.field(description="How many there are.")
    available: Amount = strawberry.field(description="What can be spent of them.")
    reserved: Amount = strawberry.field(description="What is set aside.")


@strawberry.type(description="The balances of a unit by role; they add up to zero when the books are right.")
class LedgerTrialBalance:
    """The balances of a unit by role; they add up to zero when the books are right."""

    unit: Unit = strawberry.field(description="What is counted.")
    roles: list[LedgerRoleBalance] = strawberry.field(description="By role; at most 200.")
    total: Amount = strawberry.field(description="The sum over all accounts: zero.")


_Account = Annotated[strawberry.ID, strawberry.argument(description="Which account.")]


@query
async def ledger_balance(request: GraphQLRequest, account: _Account) -> LedgerBalance:
    """What an account holds now; one's own, or by permission at its area."""
    ctx = await request.reading()
    account_id = local_id("LedgerAccount", str(account), path=("account",))
    return await ledger.visible_balance(ctx, account_id)  # type: ignore[return-value]


@query
async def ledger_statement(
    request: GraphQLRequest,
    account: _Account,
    from_day: Annotated[date, strawberry.argument(description="The first day.")],
    to_day: Annotated[date, strawberry.argument(description="The last day.")],
) -> LedgerStatement:
    """An account over days of the tenant's calendar; one's own, or by permission at its area."""
    ctx = await request.reading()
    account_id = local_id("LedgerAccount", str(account), path=("account",))
    return await ledger.statement(  # type: ignore[return-value]
        ctx, account_id, from_day=from_day, to_day=to_day
    )


@query
async def ledger_trial_balance(
    request: GraphQLRequest,
    unit: Annotated[Unit, strawberry.argument(description="What is counted.")],
) -> LedgerTrialBalance:
    """The balances of a unit by the role of the account."""
    return await ledger.trial_balance(await request.reading(), unit)  # type: ignore[return-value]


def _with_accounts(cls: type) -> Extension:
    class Owner:
        ledger_accounts: Connection[LedgerAccount] = many("owner_id", "The accounts in points and money.")

    return extend(cls)(Owner)


LEDGER_OF = tuple(_with_accounts(cls) for cls in (Person, Household, Organisation))
LEDGER_QUERIES = (ledger_balance, ledger_statement, ledger_trial_balance)
