"""The page about the ledger: its functions do what the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from linli import ledger
from linli.identity.places import Place
from linli.ids import new_id
from linli.testing.books import open_books
from linli.testing.factories import Bench

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "the-ledger.md"
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.M | re.S)


async def test_the_example_gives_points_once_and_redeems_them(bench: Bench) -> None:
    shown: dict[str, Any] = {}
    for block in PYTHON.findall(PAGE.read_text(encoding="utf-8")):
        exec(block, shown)  # noqa: S102 (the page is ours)
    books = await open_books(bench)
    claim_id, person_id = new_id(), new_id()
    async with bench.context(books.tenant) as ctx:
        given = [await shown["thank"](ctx, claim_id, person_id, Place(None, ""), 20) for _ in range(2)]
        assert [one.replayed for one in given] == [False, True]
        holder = await ledger.find_account(ctx, person_id, unit=ledger.Unit.POINTS, role="holder")
        assert holder is not None
        await shown["redeem"](ctx, new_id(), holder.id, books.second, 8)
        assert await ledger.balance(ctx, holder.id) == ledger.Balance(13, 0)
        assert await ledger.balance(ctx, books.second) == ledger.Balance(7, 0)
    assert (await books.report()).problems == []
