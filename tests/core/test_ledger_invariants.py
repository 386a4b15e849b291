"""Whatever is posted, held, spent, released, reversed, tried again or undone: the books agree."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from linli import ledger
from linli.context import Context
from linli.errors import Conflict
from linli.identity.places import Place
from linli.ids import new_id
from linli.ledger.verify import verify
from linli.testing.factories import Bench

ACCOUNTS = 4
Step = tuple[str, int, int, int]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["give", "move", "hold", "commit", "release", "reverse", "stripe", "replay", "crash"]
        ),
        st.integers(0, ACCOUNTS - 1),
        st.integers(0, ACCOUNTS - 1),
        st.integers(1, 40),
    ),
    max_size=30,
)


class Model:
    """What the accounts must hold, kept beside the ledger."""

    def __init__(self) -> None:
        self.available: Counter[int] = Counter()
        self.reserved: Counter[int] = Counter()
        self.holds: list[tuple[UUID, int]] = []
        self.given: list[UUID] = []
        self.purposes: list[tuple[ledger.Purpose, list[ledger.Line]]] = []


class Crash(Exception):
    """The process ends before it commits."""


async def play(ctx: Context, accounts: list[UUID], model: Model, step: Step) -> None:
    """Take one step; the model changes only when the ledger did."""
    action, one, other, amount = step
    purpose = ledger.Purpose(f"test.{action}", str(new_id()))
    if action == "give" or (action == "move" and one != other):
        source = accounts[one] if action == "move" else accounts[-1]
        lines = [ledger.Line(source, -amount), ledger.Line(accounts[other], amount)]
        posted = await ledger.post(ctx, purpose, lines)
        model.available[one if action == "move" else -1] -= amount
        model.available[other] += amount
        model.purposes.append((purpose, lines))
        if action == "give":
            model.given.append(posted.entry_id)
    elif action == "hold":
        held = await ledger.hold(ctx, accounts[one], amount, purpose)
        model.available[one] -= amount
        model.reserved[one] += amount
        model.holds.append((held.id, one))
    elif action in ("commit", "release") and model.holds:
        hold_id, owner = model.holds[amount % len(model.holds)]
        if action == "commit":
            await ledger.commit(ctx, hold_id, accounts[other], purpose, amount=amount)
        else:
            await ledger.release(ctx, hold_id, purpose, amount=amount)
        model.reserved[owner] -= amount
        model.available[other if action == "commit" else owner] += amount
    elif action == "stripe":
        await ledger.set_stripes(ctx, accounts[one], amount % 5)
    elif action == "replay" and model.purposes:
        assert (await ledger.post(ctx, *model.purposes[amount % len(model.purposes)])).replayed
    elif action == "crash":
        await ledger.post(
            ctx, purpose, [ledger.Line(accounts[-1], -amount), ledger.Line(accounts[one], amount)]
        )
        raise Crash


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_the_books_agree_after_any_history(bench: Bench, steps: list[Step]) -> None:
    tenant = await bench.tenant(plugins=())
    model = Model()
    async with bench.context(tenant) as ctx:
        accounts = []
        for number in range(ACCOUNTS + 1):
            made = await ledger.account(
                ctx,
                ledger.Owner(ledger.OwnerKind.OTHER, new_id()),
                unit=ledger.Unit.POINTS,
                role="holder",
                place=Place(None, ""),
                may_be_negative=number == ACCOUNTS,
            )
            accounts.append(made.id)
    for step in steps:
        with suppress(Conflict, Crash):
            async with bench.context(tenant) as ctx:
                await play(ctx, accounts, model, step)
    async with bench.context(tenant) as ctx:
        for number, account_id in enumerate(accounts[:-1]):
            held = await ledger.balance(ctx, account_id)
            assert held == ledger.Balance(model.available[number], model.reserved[number])
            assert min(held.available, held.reserved) >= 0
        assert (await ledger.trial_balance(ctx, ledger.Unit.POINTS)).total == 0
    assert (await verify(bench.database, tenant)).problems == []
