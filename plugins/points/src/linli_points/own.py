"""What somebody sees of their own points: balances, and transfers that they or their households give or receive.

A transfer has two sides and a household several members, so that these are asked for by side, not by owner of the row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, ledger, mask_name
from linli_points.checked import in_range
from linli_points.parties import own_participants
from linli_points.terms import ParticipantKind, ParticipantState, TransferPurpose, TransferState

FIRST_MAX: Final = 100

_SIDES: Final = """
select t.id, t.purpose, t.points, t.state, t.version, t.offered_at, t.due_at, t.posted_at, t.ended_at, t.end_reason,
    g.id as giver_id, g.kind as giver_kind, gp.full_name as giver_person, coalesce(gh.name, gu.name) as giver_name,
    r.id as receiver_id, r.kind as receiver_kind, rp.full_name as receiver_person,
    coalesce(rh.name, ru.name) as receiver_name
from points_transfer t
join points_participant g on g.tenant_id = $1 and g.id = t.from_participant_id
left join identity_person gp on gp.tenant_id = $1 and gp.id = g.person_id
left join identity_household gh on gh.tenant_id = $1 and gh.id = g.household_id
left join identity_organisation gu on gu.tenant_id = $1 and gu.id = g.organisation_id
join points_participant r on r.tenant_id = $1 and r.id = t.to_participant_id
left join identity_person rp on rp.tenant_id = $1 and rp.id = r.person_id
left join identity_household rh on rh.tenant_id = $1 and rh.id = r.household_id
left join identity_organisation ru on ru.tenant_id = $1 and ru.id = r.organisation_id
where t.tenant_id = $1"""
_ONE: Final = f"{_SIDES} and t.id = $2"
_OWN: Final = f"""{_SIDES} and (t.from_participant_id = any($2::uuid[]) or t.to_participant_id = any($2::uuid[]))
order by t.offered_at desc, t.id desc limit $3"""


@dataclass(frozen=True, slots=True)
class Participation:
    """What somebody, or a household to which they belong, has."""

    participant_id: UUID
    kind: ParticipantKind
    state: ParticipantState
    nickname: str
    ranked: bool
    available: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Side:
    """The giver or receiver of a transfer, as the other may know them: a person's name is masked."""

    participant_id: UUID
    kind: ParticipantKind
    name: str


@dataclass(frozen=True, slots=True)
class TwoSided:
    """A transfer as its two sides see it."""

    transfer_id: UUID
    version: int
    purpose: TransferPurpose
    points: int
    state: TransferState
    giver: Side
    receiver: Side
    offered_at: datetime
    due_at: datetime | None
    posted_at: datetime | None
    ended_at: datetime | None
    end_reason: str


async def participations(ctx: Context) -> list[Participation]:
    """What the actor and the households to which they belong today have."""
    found = []
    for one in await own_participants(ctx):
        held = await ledger.balance(ctx, one.account_id)
        found.append(
            Participation(
                participant_id=one.id,
                kind=ParticipantKind(one.kind),
                state=ParticipantState(one.state),
                nickname=one.nickname,
                ranked=one.ranked,
                available=held.available,
                reserved=held.reserved,
            )
        )
    return found


async def transfers(ctx: Context, *, first: int = 20) -> Sequence[TwoSided]:
    """The latest transfers that the actor or their households give or receive. Raises: NumberOutOfRange."""
    in_range(first, 1, FIRST_MAX, "first")
    ids = [one.id for one in await own_participants(ctx)]
    return [_two_sided(row) for row in await ctx.db.fetch(_OWN, ctx.tenant_id, ids, first)]


async def two_sided(ctx: Context, transfer_id: UUID) -> TwoSided:
    """A transfer as its two sides see it, for an actor who was found to be one of them."""
    row = await ctx.db.fetchrow(_ONE, ctx.tenant_id, transfer_id)
    assert row is not None
    return _two_sided(row)


def _two_sided(row: Mapping[str, Any]) -> TwoSided:
    return TwoSided(
        transfer_id=_uuid(row["id"]),
        version=row["version"],
        purpose=TransferPurpose(row["purpose"]),
        points=row["points"],
        state=TransferState(row["state"]),
        giver=_side(row, "giver"),
        receiver=_side(row, "receiver"),
        offered_at=row["offered_at"],
        due_at=row["due_at"],
        posted_at=row["posted_at"],
        ended_at=row["ended_at"],
        end_reason=row["end_reason"],
    )


def _side(row: Mapping[str, Any], which: str) -> Side:
    person = row[f"{which}_person"]
    return Side(
        participant_id=_uuid(row[f"{which}_id"]),
        kind=ParticipantKind(row[f"{which}_kind"]),
        name=mask_name(person) if person else row[f"{which}_name"] or "",
    )


def _uuid(value: Any) -> UUID:
    return UUID(bytes=value.bytes)
