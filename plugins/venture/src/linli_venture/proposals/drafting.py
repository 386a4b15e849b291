"""Drafts: several people of an organisation write on one proposal; each names the version that they saw."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import Context, NotFound, Required, checks, rows
from linli_venture.calls.errors import NeedNotPublished
from linli_venture.calls.holding import hold
from linli_venture.calls.needs import READ as READ_NEED
from linli_venture.calls.states import CallState, NeedState
from linli_venture.calls.tables import Call, Need
from linli_venture.checked import FEN_MAX, TITLE_MAX, in_range, prose, writers
from linli_venture.proposals.applicants import own_proposal, require_applicant
from linli_venture.proposals.errors import CallNotOpen, EndsBeforeStart, NotEditable, UnknownField
from linli_venture.proposals.states import ProposalState
from linli_venture.proposals.tables import BudgetLine, Proposal

LINES_MAX: Final = 100
ITEM_MAX: Final = 100
UNIT_MAX: Final = 20
QUANTITY_MAX: Final = 1_000_000
PROSE: Final = (
    "summary",
    "needs_text",
    "plan_text",
    "team_text",
    "innovation_text",
    "sustainability_text",
    "risk_text",
)
EDITABLE: Final = (ProposalState.DRAFT, ProposalState.RETURNED)

_LINES: Final = """
select * from venture_budget_line where tenant_id = $1 and proposal_id = $2 order by position limit 100"""


class ProposalChanges(TypedDict, total=False):
    """What may be changed of a draft; what is left out stays."""

    title: str
    category: str
    need_id: UUID | None
    summary: str
    needs_text: str
    plan_text: str
    team_text: str
    innovation_text: str
    sustainability_text: str
    risk_text: str
    starts_on: date | None
    ends_on: date | None
    own_funds_fen: int


@dataclass(frozen=True, slots=True)
class LineGiven:
    """An item of a budget: how many units, and what one costs in fen."""

    item: str
    quantity: int
    unit_price_fen: int
    unit: str | None = ""


async def draft(ctx: Context, *, call_id: UUID, organisation_id: UUID, title: str) -> Proposal:
    """Begin a proposal for a published call.

    Raises: NotFound, PermissionDenied, NotAnApplicant, CallNotOpen, Required, TooLong.
    """
    await require_applicant(ctx, organisation_id)
    await hold(ctx, call_id)
    call = await rows.find(ctx, Call, call_id)
    if call is None or call.state == CallState.DRAFT:
        raise NotFound(path=("call_id",), kind="venture_call")
    if call.state != CallState.PUBLISHED:
        raise CallNotOpen(path=("call_id",), state=call.state)
    values = await _checked(ctx, call, ProposalChanges(title=title))
    return await rows.insert(
        ctx,
        Proposal,
        area_id=call.area_id,
        area_path=call.area_path,
        call_id=call.id,
        organisation_id=organisation_id,
        drafted_by=writers(ctx),
        **values,
    )


async def update(
    ctx: Context, proposal_id: UUID, *, expected_version: int, **changes: Unpack[ProposalChanges]
) -> Proposal:
    """Change a draft, or a proposal that was returned.

    Raises: NotFound, NotEditable, StaleVersion, UnknownField, NeedNotPublished, EndsBeforeStart, Required, TooLong,
    NumberOutOfRange.
    """
    proposal, call = await editable(ctx, proposal_id)
    values = await _checked(ctx, call, changes)
    _check_period(values.get("starts_on", proposal.starts_on), values.get("ends_on", proposal.ends_on))
    if "own_funds_fen" in values:
        values["grant_fen"] = max(proposal.budget_fen - values["own_funds_fen"], 0)
    return await rows.update(
        ctx,
        proposal,
        expected_version=expected_version,
        drafted_by=writers(ctx, proposal.drafted_by),
        **values,
    )


async def put_budget(
    ctx: Context, proposal_id: UUID, *, expected_version: int, lines: Sequence[LineGiven]
) -> Proposal:
    """Put these lines in the place of the whole budget.

    Raises: NotFound, NotEditable, StaleVersion, Required, TooLong, NumberOutOfRange.
    """
    proposal, _call = await editable(ctx, proposal_id)
    in_range(len(lines), 0, LINES_MAX, "lines")
    given = [_line(one) for one in lines]
    total = in_range(sum(one["amount_fen"] for one in given), 0, FEN_MAX, "lines")
    changed = await rows.update(
        ctx,
        proposal,
        action="budget",
        expected_version=expected_version,
        budget_fen=total,
        grant_fen=max(total - proposal.own_funds_fen, 0),
        drafted_by=writers(ctx, proposal.drafted_by),
    )
    for row in await lines_of(ctx, proposal.id):
        await rows.delete(ctx, row)
    for position, one in enumerate(given, start=1):
        await rows.insert(
            ctx,
            BudgetLine,
            area_id=proposal.area_id,
            area_path=proposal.area_path,
            proposal_id=proposal.id,
            organisation_id=proposal.organisation_id,
            position=position,
            sealed=proposal.sealed,
            **one,
        )
    return changed


async def lines_of(ctx: Context, proposal_id: UUID) -> list[BudgetLine]:
    """The lines of a proposal's budget, in their order."""
    found = await ctx.db.fetch(_LINES, ctx.tenant_id, proposal_id)
    return [rows.from_record(BudgetLine, row) for row in found]


async def editable(ctx: Context, proposal_id: UUID) -> tuple[Proposal, Call]:
    """An applicant's proposal that can still be changed, and its call. Raises: NotFound, NotEditable."""
    proposal = await own_proposal(ctx, proposal_id)
    if proposal.state not in EDITABLE:
        raise NotEditable(state=proposal.state)
    return proposal, await rows.get(ctx, Call, proposal.call_id)


def _line(given: LineGiven) -> dict[str, Any]:
    quantity = in_range(given.quantity, 1, QUANTITY_MAX, "lines")
    price = in_range(given.unit_price_fen, 1, FEN_MAX, "lines")
    return {
        "item": checks.line(given.item, "lines", ITEM_MAX),
        "unit": checks.optional_line(given.unit, "lines", UNIT_MAX),
        "quantity": quantity,
        "unit_price_fen": price,
        "amount_fen": in_range(quantity * price, 1, FEN_MAX, "lines"),
    }


async def _checked(ctx: Context, call: Call, given: ProposalChanges) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    for name in ("title", "category", "own_funds_fen"):
        if name in values and values[name] is None:
            raise Required(path=(name,))
    if "title" in given:
        values["title"] = checks.line(given["title"], "title", TITLE_MAX)
    if "category" in given and given["category"] not in call.categories:
        raise UnknownField(path=("category",), category=given["category"][:40])
    for name in PROSE:
        if name in values:
            values[name] = prose(values[name], name)
    if "own_funds_fen" in given:
        in_range(given["own_funds_fen"], 0, FEN_MAX, "own_funds_fen")
    need_id = given.get("need_id")
    if need_id is not None:
        need = await rows.find(ctx, Need, need_id)
        if need is None or not ctx.can(READ_NEED, need.area_path):
            raise NotFound(path=("need_id",), kind="venture_need")
        if need.state != NeedState.PUBLISHED:
            raise NeedNotPublished(path=("need_id",))
    return values


def _check_period(starts_on: date | None, ends_on: date | None) -> None:
    if starts_on is not None and ends_on is not None and ends_on < starts_on:
        raise EndsBeforeStart(path=("ends_on",))
