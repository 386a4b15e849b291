"""Pools in the API."""

from __future__ import annotations

from enum import Enum

from linli_graphql.plugin import Area, Node, column, expose, node, one
from linli_venture.money import tables


class PoolState(Enum):
    """Where a pool stands."""

    OPEN = "open"
    CLOSED = "closed"


expose(
    PoolState,
    "Where a pool stands.",
    {"OPEN": "Grants are awarded from it.", "CLOSED": "Nothing is awarded any more."},
    name="VenturePoolState",
)


@node(
    tables.Pool,
    plural="venture_pools",
    permission="venture.pool.read",
    filters=("state", "year"),
    order_by=("year",),
)
class VenturePool(Node):
    """A budget for calls of one year."""

    title: str = column("What it is called.")
    year: int = column("For which year.")
    purpose: str = column("What it is for; empty when it is for any call.")
    state: PoolState = column("Where it stands.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")


MONEY_NODES = (VenturePool,)
