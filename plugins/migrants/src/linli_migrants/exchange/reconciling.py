"""The daily comparison with the authority: what its list lacks is sent again, what we lack is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from linli.plugin import Context, rows
from linli_migrants.exchange.outbox import LISTED_AFTER, resend
from linli_migrants.exchange.port import Exchange, Standing
from linli_migrants.exchange_states import MessageState
from linli_migrants.exchange_tables import Reconciliation

PAGE: Final = 2_000
PAGES_MAX: Final = 100
_OPEN: Final = """
select a.id, a.number, a.state, m.id as message_id, m.state as message_state, m.sent_at from migrants_application a
join lateral (
    select id, state, sent_at from migrants_message m where m.tenant_id = $1 and m.application_id = a.id
    order by sequence desc limit 1) m on true
where a.tenant_id = $1 and a.state in ('forwarded', 'approved') and a.id > $2 order by a.id limit $3"""
_COUNTS: Final = """
select (select count(*) from migrants_answer where tenant_id = $1 and state = 'set_aside') as set_aside,
    (select count(*) from migrants_message where tenant_id = $1 and state = 'failed') as failed"""
_FIRST: Final = "00000000-0000-0000-0000-000000000000"
_EXPECTED: Final = {
    "forwarded": (Standing.RECEIVED,),
    "approved": (Standing.APPROVED,),
}


async def reconcile(ctx: Context, exchange: Exchange) -> Reconciliation | None:
    """Compare up to 200,000 open applications with the authority's newest list; None when there is no list yet.

    A message is sent again when the list lacks it an hour after it was sent; an answer is asked for again when the
    list is further than we are. The report counts what people have to look at.
    """
    listed = await exchange.standings()
    if listed is None:
        return None
    counts = dict.fromkeys(("compared", "agreed", "resent", "asked_again", "waiting"), 0)
    after: Any = _FIRST
    for _ in range(PAGES_MAX):
        page = await ctx.db.fetch(_OPEN, ctx.tenant_id, after, PAGE)
        if not page:
            break
        await _page(ctx, exchange, page, listed, counts)
        after = page[-1]["id"]
    found = await ctx.db.fetchrow(_COUNTS, ctx.tenant_id)
    assert found is not None
    return await rows.insert(
        ctx, Reconciliation, action="reconcile", run_on=ctx.today(), **counts, **dict(found)
    )


async def _page(
    ctx: Context,
    exchange: Exchange,
    page: Sequence[Mapping[str, Any]],
    listed: Mapping[str, Standing],
    counts: dict[str, int],
) -> None:
    lacking, behind = [], []
    for row in page:
        standing = listed.get(row["number"], Standing.UNKNOWN)
        counts["compared"] += 1
        if standing in _EXPECTED[row["state"]]:
            counts["agreed"] += 1
        elif standing is not Standing.UNKNOWN:
            behind.append(row["number"])
        elif row["message_state"] == MessageState.SENT and row["sent_at"] + LISTED_AFTER <= ctx.now():
            lacking.append(row["message_id"])
        else:
            counts["waiting"] += 1
    if lacking:
        await resend(ctx, lacking)
    if behind:
        await exchange.ask_again(behind)
    counts["resent"] += len(lacking)
    counts["asked_again"] += len(behind)
