"""The public pages of calls: rules, the draw, results. Nothing personal stands there: experts are codes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any, Final

from linli.plugin import (
    Context,
    NotFound,
    PageSection,
    Route,
    RouteResponse,
    canonical_json,
    public_page,
    rows,
    yuan,
)
from linli_venture.calls.drafting import sheet_of
from linli_venture.calls.states import CallState
from linli_venture.calls.tables import Call
from linli_venture.checked import local
from linli_venture.review import drawing
from linli_venture.review.scoring import decimal_text
from linli_venture.review.tables import Draw

_TEXTS: Final = "venture.pages"
CALLS_MAX: Final = 100
SHOWN_MAX: Final = 1_000
TYPED_MAX: Final = 40

_CALLS: Final = """
select * from venture_call where tenant_id = $1 and number is not null order by published_at desc limit $2"""
_VERSIONS: Final = """
select number, note, made_at, digest from venture_call_version
where tenant_id = $1 and call_id = $2 order by number limit 100"""
_RESULTS: Final = """
select p.number, p.title, p.state, n.name, o.kind, o.amount_fen, o.reserve_place,
    coalesce(f.rank, r.rank) as rank, r.reviews, f.rank is not null as defended,
    coalesce(f.score_numerator, r.score_numerator) as score_numerator,
    coalesce(f.score_denominator, r.score_denominator) as score_denominator
from venture_outcome o
join venture_decision d on d.tenant_id = $1 and d.id = o.decision_id and d.state in ('announced', 'concluded')
join venture_proposal p on p.tenant_id = $1 and p.id = o.proposal_id
join venture_ranking r on r.tenant_id = $1 and r.proposal_id = o.proposal_id and r.stage = 'written'
left join venture_ranking f on f.tenant_id = $1 and f.proposal_id = o.proposal_id and f.stage = 'final'
join identity_organisation n on n.tenant_id = $1 and n.id = p.organisation_id
where o.tenant_id = $1 and o.call_id = $2
order by array_position(array['award', 'reserve', 'reject'], o.kind), o.reserve_place, f.rank nulls last, r.rank,
    p.number
limit $3"""
_DECISION: Final = """
select order_reason, awarded_fen, announced_at, notice_until, concluded_at from venture_decision
where tenant_id = $1 and call_id = $2 and state in ('announced', 'concluded')"""


async def calls(ctx: Context, _parameters: Mapping[str, str]) -> RouteResponse:
    """The calls that were published, the latest first, at most 100."""
    found = [rows.from_record(Call, row) for row in await ctx.db.fetch(_CALLS, ctx.tenant_id, CALLS_MAX)]
    sections = [
        PageSection(
            one.title,
            {
                "number": one.number,
                "state": _state(ctx, one),
                "opens_at": local(ctx, one.opens_at),
                "closes_at": local(ctx, one.closes_at),
            },
            address=_address(ctx, one.number),
        )
        for one in found
    ]
    return public_page(
        ctx, texts="venture.pages.calls", shown={"count": str(len(sections))}, sections=sections
    )


async def call(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """A call's rules, amendments, and where its draw and results stand once there are some.

    A number that does not exist gets the same page, with dashes.
    """
    typed = parameters["number"][:TYPED_MAX]
    found = await _call(ctx, typed)
    sections = []
    shown = _rules(ctx, found)
    if found is not None:
        shown["criteria"] = "、".join(f"{one.title} {one.weight}" for one in await sheet_of(ctx, found.id))
        sections += await _further(ctx, found)
        for row in await ctx.db.fetch(_VERSIONS, ctx.tenant_id, found.id):
            version = {
                "amendment": row["note"] or None,
                "made_at": local(ctx, row["made_at"]),
                "digest": row["digest"],
            }
            sections.append(PageSection(_text(ctx, "version", number=row["number"]), version))
    return public_page(
        ctx,
        texts="venture.pages.call",
        shown={"number": typed, **shown},
        sections=sections,
        within=_within(ctx),
    )


async def draw(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """All that is needed to recompute a draw, and who was drawn, by codes."""
    typed = parameters["number"][:TYPED_MAX]
    found = await _call(ctx, typed)
    made = await rows.find_by(ctx, Draw, call_id=found.id) if found is not None else None
    shown: dict[str, str | None] = {
        "number": typed,
        "seed_commitment": found.seed_commitment if found is not None else None,
        "seed": None,
        "list_digest": None,
        "drawn_at": None,
    }
    sections = []
    if made is not None:
        content: dict[str, Any] = json.loads(made.content)
        shown |= {
            "seed": made.seed,
            "list_digest": made.digest,
            "drawn_at": local(ctx, made.drawn_at),
        }
        orders = drawing.orders(made.seed, made.digest, content)
        for one in content["proposals"]:
            order = orders[one["number"]]
            reviewers = {
                "drawn": ", ".join(order[: content["reviews"]]),
                "following": ", ".join(order[content["reviews"] :]) or None,
            }
            sections.append(PageSection(one["number"], reviewers))
        sections.append(
            PageSection(_text(ctx, "draw.file"), address=f"{_address(ctx, typed)}/draw/list.json")
        )
    return public_page(
        ctx, texts="venture.pages.draw", shown=shown, sections=sections, within=_within(ctx, found)
    )


async def draw_list(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """The list that was drawn from, as the bytes whose digest the draw's page tells; before the draw, nothing is found.

    Raises: NotFound.
    """
    found = await _call(ctx, parameters["number"][:TYPED_MAX])
    made = await rows.find_by(ctx, Draw, call_id=found.id) if found is not None else None
    if made is None:
        raise NotFound(kind="venture_draw")
    return RouteResponse(200, "application/json", canonical_json(json.loads(made.content)))


async def results(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """From the notice on: rank, score, outcome and amount of each proposal, awards first; at most 1,000."""
    typed = parameters["number"][:TYPED_MAX]
    found = await _call(ctx, typed)
    shared = found is not None and found.state in (CallState.NOTICE, CallState.DECIDED)
    decision = await ctx.db.fetchrow(_DECISION, ctx.tenant_id, found.id) if found and shared else None
    shown: dict[str, str | None] = {
        "number": typed,
        "call": found.title if found else None,
        "state": _state(ctx, found) if found else None,
        "announced_at": _moment(ctx, decision["announced_at"] if decision else None),
        "notice_until": _moment(ctx, decision["notice_until"] if decision else None),
        "concluded_at": _moment(ctx, decision["concluded_at"] if decision else None),
        "awarded": yuan(decision["awarded_fen"]) if decision else None,
        "order_reason": (decision["order_reason"] or None) if decision else None,
    }
    sections = []
    if found is not None and decision:
        for row in await ctx.db.fetch(_RESULTS, ctx.tenant_id, found.id, SHOWN_MAX):
            sections.append(PageSection(row["title"], _result(ctx, row)))
    return public_page(
        ctx, texts="venture.pages.results", shown=shown, sections=sections, within=_within(ctx, found)
    )


async def _further(ctx: Context, found: Call) -> list[PageSection]:
    """Links to the draw and to the results of a call, with the moment since when they are there."""
    made = await rows.find_by(ctx, Draw, call_id=found.id)
    decision = await ctx.db.fetchrow(_DECISION, ctx.tenant_id, found.id)
    moments = {
        "draw": made.drawn_at if made is not None else None,
        "results": decision["announced_at"] if decision is not None else None,
    }
    return [
        PageSection(
            _text(ctx, f"{page}.title"),
            {"made_at": local(ctx, moment)},
            address=f"{_address(ctx, str(found.number))}/{page}",
        )
        for page, moment in moments.items()
        if moment is not None
    ]


async def _call(ctx: Context, number: str) -> Call | None:
    """A call that was published; drafts have no number."""
    return await rows.find_by(ctx, Call, number=number)


def _rules(ctx: Context, found: Call | None) -> dict[str, str | None]:
    if found is None:
        return dict.fromkeys(_RULES)
    return {
        "call": found.title,
        "state": _state(ctx, found),
        "opens_at": local(ctx, found.opens_at),
        "closes_at": local(ctx, found.closes_at),
        "guide": found.guide or None,
        "cap": yuan(found.cap_fen),
        "grant_percent_max": f"{found.grant_percent_max}%",
        "floor_grade": found.floor_grade,
        "categories": "、".join(found.categories),
        "tranche_shares": " / ".join(f"{one}%" for one in found.tranche_shares),
        "midterm_tranche": _tranche(ctx, found.midterm_tranche),
        "final_tranche": _tranche(ctx, found.final_tranche),
        "criteria": None,
        "reviews_min": str(found.reviews_min),
        "defence_percent": f"{found.defence_percent}%",
        "notice_days": str(found.notice_days),
        "seed_commitment": found.seed_commitment,
        "cancel_reason": found.cancel_reason or None,
    }


_RULES: Final = (
    "call",
    "state",
    "opens_at",
    "closes_at",
    "guide",
    "cap",
    "grant_percent_max",
    "floor_grade",
    "categories",
    "tranche_shares",
    "midterm_tranche",
    "final_tranche",
    "criteria",
    "reviews_min",
    "defence_percent",
    "notice_days",
    "seed_commitment",
    "cancel_reason",
)


def _result(ctx: Context, row: Mapping[str, Any]) -> dict[str, str | None]:
    score = Fraction(row["score_numerator"], row["score_denominator"])
    return {
        "proposal": row["number"],
        "organisation": row["name"],
        "rank": str(row["rank"]),
        "score": decimal_text(score),
        "defence": _text(ctx, "heard") if row["defended"] else None,
        "reviews": str(row["reviews"]),
        "outcome": _text(ctx, f"outcomes.{row['kind']}"),
        "amount": yuan(row["amount_fen"]) if row["amount_fen"] else None,
        "reserve_place": str(row["reserve_place"]) if row["reserve_place"] else None,
        "now": _text(ctx, f"proposals.{row['state']}"),
    }


def _state(ctx: Context, found: Call) -> str:
    """What the public calls a call's state; a published one is open only within its times."""
    state = found.state
    if state == CallState.PUBLISHED:
        now = ctx.now()
        state = "before" if now < found.opens_at else "open" if now <= found.closes_at else "closed"
    return _text(ctx, f"states.{state}")


def _moment(ctx: Context, value: datetime | None) -> str | None:
    return None if value is None else local(ctx, value)


def _within(ctx: Context, found: Call | None = None) -> list[tuple[str, str]]:
    """What a page lies within: the list of calls, and the call."""
    above = [(_text(ctx, "calls.title"), f"/p/{ctx.tenant.slug}/venture/calls")]
    return above if found is None else [*above, (found.title, _address(ctx, str(found.number)))]


def _address(ctx: Context, number: str) -> str:
    return f"/p/{ctx.tenant.slug}/venture/calls/{number}"


def _tranche(ctx: Context, number: int) -> str | None:
    return _text(ctx, "from_tranche", number=number) if number else None


def _text(ctx: Context, key: str, **values: object) -> str:
    return ctx.plugins.texts.translate(f"{_TEXTS}.{key}", ctx.locale, **values)


CALL_ROUTES: Final = (
    Route("calls", calls, summary="The calls that were published", title="venture.pages.calls.title"),
    Route("calls/{number}", call, summary="A call's rules"),
    Route("calls/{number}/draw", draw, summary="The draw of a call's reviewers"),
    Route("calls/{number}/draw/list.json", draw_list, summary="The list that was drawn from, to the byte"),
    Route("calls/{number}/results", results, summary="What became of a call's proposals"),
)
