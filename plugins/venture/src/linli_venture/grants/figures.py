"""What became of the money: pool, awarded, paid, spent, by call, category, area, organisation or pool."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.plugin import Context, areas
from linli_venture.grants.access import READ

FIGURES_MAX: Final = 500


class FigureBy(StrEnum):
    """By what the figures are added up."""

    CALL = "call"
    CATEGORY = "category"
    AREA = "area"
    ORGANISATION = "organisation"
    POOL = "pool"


@dataclass(frozen=True, slots=True)
class Figure:
    """Grants of one call, category, area, organisation or pool, and their money in fen; declined ones are left out.

    `spent_fen` is what was spent of the grants and verified; own funds that units promised compare with those that they
    showed, which were spent and verified. `overdue` the milestones that nobody has shown by their day.
    """

    key: str
    label: str
    grants: int
    live: int
    awarded_fen: int
    verified_fen: int
    paid_fen: int
    spent_fen: int
    refunded_fen: int
    released_fen: int
    settled_fen: int
    own_promised_fen: int
    own_shown_fen: int
    milestones: int
    shown: int
    overdue: int


_KEYS: Final[Mapping[FigureBy, tuple[str, str, str]]] = {
    FigureBy.CALL: (
        "g.call_id::text",
        "k.title",
        "join venture_call k on k.tenant_id = $1 and k.id = g.call_id",
    ),
    FigureBy.CATEGORY: ("g.category", "g.category", ""),
    FigureBy.AREA: (
        "coalesce(g.area_id::text, '')",
        "coalesce(k.name, '')",
        "left join areas_area k on k.tenant_id = $1 and k.id = g.area_id",
    ),
    FigureBy.ORGANISATION: (
        "g.organisation_id::text",
        "k.name",
        "join identity_organisation k on k.tenant_id = $1 and k.id = g.organisation_id",
    ),
    FigureBy.POOL: (
        "g.pool_id::text",
        "k.title",
        "join venture_pool k on k.tenant_id = $1 and k.id = g.pool_id",
    ),
}
_FIGURES: Final = """
with g as (
    select g.*, coalesce(e.fen, 0) as spent_fen, coalesce(m.milestones, 0) as milestones, coalesce(m.shown, 0) as shown,
        coalesce(m.overdue, 0) as overdue
    from venture_grant g
    left join (
        select grant_id, sum(amount_fen) as fen from venture_expenditure
        where tenant_id = $1 and paid_from = 'grant' and state = 'verified' group by grant_id) e on e.grant_id = g.id
    left join (
        select grant_id, count(*) as milestones,
            count(*) filter (where state in ('evidence', 'verified', 'paid')) as shown,
            count(*) filter (where state in ('planned', 'returned', 'overdue') and due_on < $2) as overdue
        from venture_milestone where tenant_id = $1 group by grant_id) m on m.grant_id = g.id
    where g.tenant_id = $1 and g.state <> 'declined' and g.area_path ^@ any($3::text[])
        and g.awarded_at >= $4 and g.awarded_at < $5)
select {key} as key, {label} as label, count(*) as grants,
    count(*) filter (where g.state not in ('closed', 'terminated')) as live,
    sum(g.amount_fen)::bigint as awarded_fen, sum(g.verified_fen)::bigint as verified_fen,
    sum(g.paid_fen)::bigint as paid_fen, sum(g.spent_fen)::bigint as spent_fen,
    sum(g.refunded_fen)::bigint as refunded_fen, sum(g.released_fen)::bigint as released_fen,
    sum(g.settled_fen)::bigint as settled_fen, sum(g.own_fen)::bigint as own_promised_fen,
    sum(g.own_shown_fen)::bigint as own_shown_fen,
    sum(g.milestones)::int as milestones, sum(g.shown)::int as shown,
    coalesce(sum(g.overdue) filter (where g.state in ('active', 'suspended', 'final')), 0)::int as overdue
from g {join} group by 1, 2 order by awarded_fen desc, label, key limit $6"""


async def figures(
    ctx: Context, by: FigureBy, *, year: int | None = None, area_id: UUID | None = None
) -> Sequence[Figure]:
    """The figures of grants awarded in a year (this one by default), where the actor may see grants; at most 500.

    Raises: PermissionDenied, NotFound.
    """
    ctx.require(READ)
    scopes = list(ctx.scopes(READ))
    if area_id is not None:
        path = (await areas.get(ctx, area_id)).path
        scopes = [path if path.startswith(scope) else scope for scope in scopes if _meet(path, scope)]
    wanted = year or ctx.today().year
    begin, end = (ctx.start_of(date(min(max(one, 1_900), 9_000), 1, 1)) for one in (wanted, wanted + 1))
    key, label, join = _KEYS[by]
    sql = _FIGURES.format(key=key, label=label, join=join)
    found = await ctx.db.fetch(sql, ctx.tenant_id, ctx.today(), scopes, begin, end, FIGURES_MAX)
    return [Figure(**row) for row in found]


def _meet(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
