"""Public pages about money: the accounts of pools, and the performance of grants. Nothing personal stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, PageSection, Route, RouteResponse, public_page
from linli_venture.money.books import accounts
from linli_venture.money.checked import yuan

PERFORMANCE_MAX: Final = 200
_TEXTS: Final = "venture.pages"

_ENDED: Final = """
select g.title, o.name as organisation, g.category, g.state, g.amount_fen, g.settled_fen, g.own_fen, g.own_shown_fen,
    g.ended_on, a.grade, a.score
from venture_grant g
join identity_organisation o on o.tenant_id = $1 and o.id = g.organisation_id
left join lateral (
    select grade, score from venture_appraisal where tenant_id = $1 and grant_id = g.id and kind = 'final'
    order by appraised_on desc, id desc limit 1) a on true
where g.tenant_id = $1 and (g.state = 'closed' or g.state = 'terminated' and g.object_until < $3 and not exists (
    select 1 from venture_termination_objection t
    where t.tenant_id = $1 and t.grant_id = g.id and t.state = 'raised'))
order by g.ended_on desc, g.id limit $2"""


async def money(ctx: Context, _parameters: Mapping[str, str]) -> RouteResponse:
    """What came in for each pool, and where it is now, source by source; the latest 100 pools."""
    pools = await accounts(ctx)
    shown: dict[str, str | None] = {
        "as_of": ctx.today().isoformat(),
        "received": yuan(sum(one.received_fen for one in pools)),
        "reserved": yuan(sum(one.reserved_fen for one in pools)),
        "paid": yuan(sum(one.paid_fen for one in pools)),
        "left": yuan(sum(one.left_fen for one in pools)),
    }
    sections = [
        PageSection(
            f"{pool.year} {pool.title} · {one.name}",
            {
                "kind": _word(ctx, f"kinds.{one.kind}"),
                "category": one.category or _word(ctx, "any_category"),
                "received": yuan(one.received_fen),
                "carried_in": yuan(one.carried_in_fen) if one.carried_in_fen else None,
                "carried_out": yuan(one.carried_out_fen) if one.carried_out_fen else None,
                "reserved": yuan(one.reserved_fen),
                "paid": yuan(one.paid_fen),
                "left": yuan(one.left_fen),
            },
        )
        for pool in pools
        for one in pool.sources
    ]
    return public_page(ctx, texts=f"{_TEXTS}.money", shown=shown, sections=sections)


async def performance(ctx: Context, _parameters: Mapping[str, str]) -> RouteResponse:
    """What became of each grant that has ended, terminations once nobody objects any more: the latest 200."""
    found = await ctx.db.fetch(_ENDED, ctx.tenant_id, PERFORMANCE_MAX, ctx.today())
    sections = [
        PageSection(
            row["title"],
            {
                "organisation": row["organisation"],
                "category": row["category"] or None,
                "state": _word(ctx, f"grants.{row['state']}"),
                "grade": _word(ctx, f"grades.{row['grade']}") if row["grade"] else None,
                "score": str(row["score"]) if row["score"] is not None else None,
                "amount": yuan(row["amount_fen"]),
                "settled": yuan(row["settled_fen"]),
                "own_promised": yuan(row["own_fen"]),
                "own_shown": yuan(row["own_shown_fen"]),
                "ended_on": row["ended_on"].isoformat(),
            },
        )
        for row in found
    ]
    shown: dict[str, str | None] = {
        "as_of": ctx.today().isoformat(),
        "count": str(len(found)),
        "amount": yuan(sum(row["amount_fen"] for row in found)),
        "settled": yuan(sum(row["settled_fen"] for row in found)),
    }
    return public_page(ctx, texts=f"{_TEXTS}.performance", shown=shown, sections=sections)


def _word(ctx: Context, key: str) -> str:
    return ctx.plugins.texts.translate(f"{_TEXTS}.{key}", ctx.locale)


MONEY_ROUTES: Final = (
    Route("accounts", money, summary="The accounts of pools, source by source"),
    Route("performance", performance, summary="What became of grants that have ended"),
)
