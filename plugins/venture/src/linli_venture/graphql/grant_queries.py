"""What can be asked about money besides nodes: figures of grants, and the accounts of pools."""

from __future__ import annotations

from typing import Annotated

import strawberry

from linli_graphql.plugin import Amount, GraphQLRequest, expose, local_id, query, to_global_id
from linli_venture.grants import figures
from linli_venture.grants.figures import FigureBy
from linli_venture.money import books
from linli_venture.money.terms import SourceKind

READ_POOLS = "venture.pool.read"

expose(
    FigureBy,
    "By what the figures are added up.",
    {
        "CALL": "By call.",
        "CATEGORY": "By category.",
        "AREA": "By the area of the project.",
        "ORGANISATION": "By who carries it out.",
        "POOL": "By the pool that pays.",
    },
    name="VentureFigureBy",
)
_YEAR = Annotated[int | None, strawberry.argument(description="A year; this one by default.")]


@strawberry.type(
    description="Grants of one call, category, area, organisation or pool, and their money in fen."
)
class VentureFigure:
    """Grants of one call, category, area, organisation or pool, and their money in fen."""

    key: str = strawberry.field(description="The id without its type, or the category.")
    label: str = strawberry.field(description="What it is called.")
    grants: int = strawberry.field(description="How many were awarded; declined ones are left out.")
    live: int = strawberry.field(description="How many of them have not ended.")
    awarded_fen: Amount = strawberry.field(description="What was awarded.")
    verified_fen: Amount = strawberry.field(description="The tranches of which the evidence was verified.")
    paid_fen: Amount = strawberry.field(description="What was paid.")
    spent_fen: Amount = strawberry.field(description="What was spent of the grants and verified.")
    refunded_fen: Amount = strawberry.field(description="What came back.")
    released_fen: Amount = strawberry.field(description="What went back to the pool without being paid.")
    settled_fen: Amount = strawberry.field(description="What was accounted for by grants that have ended.")
    own_promised_fen: Amount = strawberry.field(
        description="What organisations promised to add of their own."
    )
    own_shown_fen: Amount = strawberry.field(description="What of their own was spent and verified.")
    milestones: int = strawberry.field(description="How many milestones there are.")
    shown: int = strawberry.field(description="How many of them were shown.")
    overdue: int = strawberry.field(description="How many nobody has shown by their day.")


@strawberry.type(description="What came in for a source, and where it is now, in fen.")
class VentureSourceAccount:
    """What came in for a source, and where it is now, in fen."""

    source_id: strawberry.ID = strawberry.field(description="The VentureSource.")
    kind: SourceKind = strawberry.field(description="Where the money comes from.")
    name: str = strawberry.field(description="What the source is called.")
    category: str = strawberry.field(description="The only category that it pays for; empty for any.")
    received_fen: Amount = strawberry.field(description="What came in.")
    carried_in_fen: Amount = strawberry.field(description="What was carried over from closed pools.")
    carried_out_fen: Amount = strawberry.field(description="What was carried over into other pools.")
    reserved_fen: Amount = strawberry.field(description="What grants hold and were not paid.")
    paid_fen: Amount = strawberry.field(description="What organisations were paid and did not give back.")
    left_fen: Amount = strawberry.field(description="What can still be awarded.")


@strawberry.type(description="A pool as the sum of its sources, in fen.")
class VenturePoolAccount:
    """A pool as the sum of its sources, in fen."""

    pool_id: strawberry.ID = strawberry.field(description="The VenturePool.")
    title: str = strawberry.field(description="What the pool is called.")
    year: int = strawberry.field(description="For which year it is.")
    received_fen: Amount = strawberry.field(description="What came in.")
    carried_in_fen: Amount = strawberry.field(description="What was carried over from closed pools.")
    carried_out_fen: Amount = strawberry.field(description="What was carried over into other pools.")
    reserved_fen: Amount = strawberry.field(description="What grants hold and were not paid.")
    paid_fen: Amount = strawberry.field(description="What organisations were paid and did not give back.")
    left_fen: Amount = strawberry.field(description="What can still be awarded.")
    sources: list[VentureSourceAccount] = strawberry.field(description="Where the money comes from.")


@query
async def venture_figures(
    request: GraphQLRequest,
    by: Annotated[FigureBy, strawberry.argument(description="By what they are added up.")],
    year: _YEAR = None,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; everywhere by default."),
    ] = None,
) -> list[VentureFigure]:
    """What was awarded in a year, and what became of it; at most 500 rows, the largest first."""
    chosen = local_id("Area", str(area), path=("area",)) if area else None
    ctx = await request.reading()
    return await figures.figures(ctx, by, year=year, area_id=chosen)  # type: ignore[return-value]


@query
async def venture_accounts(request: GraphQLRequest, year: _YEAR = None) -> list[VenturePoolAccount]:
    """The accounts of a year's pools, source by source."""
    ctx = await request.reading()
    ctx.require(READ_POOLS)
    found = await books.accounts(ctx, year=year or ctx.today().year, scopes=ctx.scopes(READ_POOLS))
    return [_pool(one) for one in found]


def _pool(found: books.PoolAccount) -> VenturePoolAccount:
    return VenturePoolAccount(
        pool_id=strawberry.ID(to_global_id("VenturePool", found.pool_id)),
        title=found.title,
        year=found.year,
        received_fen=Amount(found.received_fen),
        carried_in_fen=Amount(found.carried_in_fen),
        carried_out_fen=Amount(found.carried_out_fen),
        reserved_fen=Amount(found.reserved_fen),
        paid_fen=Amount(found.paid_fen),
        left_fen=Amount(found.left_fen),
        sources=[
            VentureSourceAccount(
                source_id=strawberry.ID(to_global_id("VentureSource", one.source_id)),
                kind=one.kind,
                name=one.name,
                category=one.category,
                received_fen=Amount(one.received_fen),
                carried_in_fen=Amount(one.carried_in_fen),
                carried_out_fen=Amount(one.carried_out_fen),
                reserved_fen=Amount(one.reserved_fen),
                paid_fen=Amount(one.paid_fen),
                left_fen=Amount(one.left_fen),
            )
            for one in found.sources
        ],
    )


GRANT_QUERIES = (venture_figures, venture_accounts)
