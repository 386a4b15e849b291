"""Faults of our own are told in the findings; their stacks would only fill the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from linli.ids import new_id
from linli.testing.isolation import Pair
from linli_graphql.ids import to_global_id


@pytest.fixture(autouse=True)
def quiet_logs() -> Iterator[None]:
    with capture_logs():
        yield


@pytest_asyncio.fixture(scope="session")
async def funded_pool(pair: Pair) -> str:
    """A pool of B in its first street whose account is of money, as only the seeded ones are not."""
    b, account_id, pool_id = pair.b, new_id(), new_id()
    place = b.place(1)
    where = (b.tenant.id, place.id, place.path)
    async with pair.database.unit_of_work(b.tenant.id) as db:
        await db.execute(
            "insert into ledger_account (tenant_id, area_id, area_path, id, unit, role, owner_kind, owner_id, period)"
            " values ($1, $2, $3, $4, 'CNY', 'points_pool', 'area', $2, '2199')",
            *where,
            account_id,
        )
        await db.execute(
            "insert into points_pool (tenant_id, area_id, area_path, id, year, residents, residents_as_of, source,"
            " rate_fen, budget_fen, account_id) values ($1, $2, $3, $4, 2199, 1, '2024-03-01', '试', 1, 1, $5)",
            *where,
            pool_id,
            account_id,
        )
    return to_global_id("PointsPool", pool_id)
