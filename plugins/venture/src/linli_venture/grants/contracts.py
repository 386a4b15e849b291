"""Contracts: prepared by one person, signed by another, printed, and begun; or declined by the organisation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, decision_facts, documents, insert_many, ledger, publish, rows
from linli_venture.calls.tables import Call
from linli_venture.grants import allocations
from linli_venture.grants.access import READ, WRITE, belonging, grant_for
from linli_venture.grants.contract_document import CONTRACT, issue
from linli_venture.grants.errors import (
    DatesOutOfOrder,
    LinesMissing,
    LinesNotGrant,
    LineTwice,
    MilestoneSharesNotWhole,
    MilestonesMissing,
    NotPrepared,
    SharesNotOfCall,
)
from linli_venture.grants.events import GrantEnded
from linli_venture.grants.reading import lines_of, milestones_of
from linli_venture.grants.states import GRANT
from linli_venture.grants.tables import Grant, GrantLine, Milestone
from linli_venture.money.checked import amount

LINES_MAX: Final = 100
MILESTONES_MAX: Final = 12
NAME_MAX: Final = 100


@dataclass(frozen=True, slots=True)
class LineGiven:
    """A line of the budget that the grant is to pay for, in fen."""

    name: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class MilestoneGiven:
    """What is to be shown until and including a day, and the share that is paid for it."""

    title: str
    share_percent: int
    due_on: date


async def prepare(
    ctx: Context,
    grant_id: UUID,
    *,
    starts_on: date,
    ends_on: date,
    lines: Sequence[LineGiven],
    milestones: Sequence[MilestoneGiven],
    expected_version: int | None = None,
) -> Grant:
    """Write the contract: its days, lines that add up to the grant, milestones with the shares of the call's tranches.

    What was prepared before is replaced. The last milestone takes the fen that shares do not divide evenly.
    Raises: NotFound, PermissionDenied, UndefinedTransition, Required, TooLong, AmountOutOfRange, LinesMissing,
    LinesNotGrant, LineTwice, MilestonesMissing, MilestoneSharesNotWhole, SharesNotOfCall, DatesOutOfOrder,
    StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "prepare", await decision_facts(ctx, grant))
    _check_days(starts_on, ends_on, milestones)
    budget = _budget(grant, lines)
    call = await rows.get(ctx, Call, grant.call_id)
    tranches = _tranches(grant, milestones, call.tranche_shares)
    changed = await rows.update(
        ctx,
        grant,
        action="prepare",
        expected_version=expected_version,
        state=state,
        starts_on=starts_on,
        ends_on=ends_on,
        prepared_by=ctx.actor.id,
    )
    for known in (*await lines_of(ctx, grant.id), *await milestones_of(ctx, grant.id)):
        await rows.delete(ctx, known)
    await insert_many(ctx, GrantLine, [{**belonging(grant), **one} for one in budget])
    await insert_many(ctx, Milestone, [{**belonging(grant), **one} for one in tranches])
    return changed


async def sign(ctx: Context, grant_id: UUID, *, expected_version: int | None = None) -> Grant:
    """Sign a prepared contract; by somebody who did not prepare it. It is issued as a PDF that anybody can check.

    Raises: NotFound, PermissionDenied, UndefinedTransition, OwnWork, NotPrepared, StaleVersion; as `documents.issue`.
    """
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "sign", await decision_facts(ctx, grant))
    if grant.starts_on is None:
        raise NotPrepared()
    document = await issue(ctx, grant)
    return await rows.update(
        ctx,
        grant,
        action="sign",
        expected_version=expected_version,
        state=state,
        signed_by=ctx.actor.id,
        signed_on=ctx.today(),
        document_id=document.id,
        contract_number=document.number,
    )


async def content(ctx: Context, grant_id: UUID) -> tuple[Grant, bytes]:
    """A grant and its contract as it was issued, for who may see the grant. Raises: NotFound, NotPrepared."""
    grant = await grant_for(ctx, grant_id, READ)
    if grant.document_id is None:
        raise NotPrepared()
    return grant, await documents.content_of(ctx, CONTRACT, grant.document_id)


async def start(ctx: Context, grant_id: UUID, *, expected_version: int | None = None) -> Grant:
    """Begin the work: reports, payments and expenditures follow.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "start", await decision_facts(ctx, grant))
    return await rows.update(
        ctx,
        grant,
        action="start",
        expected_version=expected_version,
        state=state,
        started_on=ctx.today(),
    )


async def decline(ctx: Context, grant_id: UUID, *, reason: str, expected_version: int | None = None) -> Grant:
    """The organisation does not take the grant: all of it goes back to where it came from.

    Raises: NotFound, PermissionDenied, Required, TooLong, UndefinedTransition, StaleVersion.
    """
    why = checks.line(reason, "reason", checks.REASON_MAX)
    grant = await grant_for(ctx, grant_id, WRITE)
    state = GRANT.apply(grant.state, "decline", await decision_facts(ctx, grant))
    released = await allocations.release_all(ctx, grant, why)
    changed = await rows.update(
        ctx,
        grant,
        action="decline",
        expected_version=expected_version,
        state=state,
        released_fen=released,
        ended_by=ctx.actor.id,
        ended_on=ctx.today(),
        end_reason=why,
    )
    await ledger.close(ctx, grant.account_id)
    event = GrantEnded(grant_id=grant.id, organisation_id=grant.organisation_id, state=state)
    await publish(ctx, event)
    return changed


def _check_days(starts_on: date, ends_on: date, milestones: Sequence[MilestoneGiven]) -> None:
    if ends_on < starts_on:
        raise DatesOutOfOrder(path=("ends_on",))
    days = [one.due_on for one in milestones]
    if any(later < earlier for earlier, later in pairwise([starts_on, *days])):
        raise DatesOutOfOrder(path=("milestones",))


def _budget(grant: Grant, lines: Sequence[LineGiven]) -> list[dict[str, object]]:
    if not 1 <= len(lines) <= LINES_MAX:
        raise LinesMissing(path=("lines",), limit=LINES_MAX)
    names = [checks.line(one.name, "lines", NAME_MAX) for one in lines]
    amounts = [amount(one.amount_fen, "lines", low=0) for one in lines]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise LineTwice(path=("lines",), name=twice)
    if sum(amounts) != grant.amount_fen:
        raise LinesNotGrant(path=("lines",), sum_fen=sum(amounts), grant_fen=grant.amount_fen)
    return [
        {"place": place, "name": name, "amount_fen": fen}
        for place, (name, fen) in enumerate(zip(names, amounts, strict=True), start=1)
    ]


def _tranches(
    grant: Grant, milestones: Sequence[MilestoneGiven], plan: Sequence[int]
) -> list[dict[str, object]]:
    shares = [one.share_percent for one in milestones]
    if not 1 <= len(milestones) <= MILESTONES_MAX or min(shares) < 1:
        raise MilestonesMissing(path=("milestones",), limit=MILESTONES_MAX)
    if sum(shares) != 100:
        raise MilestoneSharesNotWhole(path=("milestones",), sum_percent=sum(shares))
    if shares != list(plan):
        raise SharesNotOfCall(path=("milestones",), shares=" / ".join(f"{one}%" for one in plan))
    amounts = [grant.amount_fen * share // 100 for share in shares]
    amounts[-1] = grant.amount_fen - sum(amounts[:-1])
    if min(amounts) < 1:
        raise MilestonesMissing(path=("milestones",), limit=MILESTONES_MAX)
    return [
        {
            "number": number,
            "title": checks.line(one.title, "milestones", NAME_MAX),
            "share_percent": one.share_percent,
            "amount_fen": fen,
            "due_on": one.due_on,
        }
        for number, (one, fen) in enumerate(zip(milestones, amounts, strict=True), start=1)
    ]
