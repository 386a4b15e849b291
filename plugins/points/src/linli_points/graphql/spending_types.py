"""Plain types: a voucher, one's own points and transfers, the ranking, the liability."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli_graphql.plugin import Amount, expose, to_global_id
from linli_points import own
from linli_points.graphql.enums import ParticipantKind, ParticipantState, TransferPurpose, TransferState
from linli_points.liability import LiabilityStatus
from linli_points.ranking import RankedBy

expose(
    LiabilityStatus,
    "Whether the liability has a ratio.",
    {
        "DEFINED": "It has one.",
        "NOT_DEFINED": "No money is left, so there is none.",
        "SUPPRESSED": "Fewer than five have points there, so they are not shown.",
    },
    name="PointsLiabilityStatus",
)
expose(
    RankedBy,
    "What the ranking counts.",
    {"EARNED": "Points of claims that were posted in the year and stand.", "BALANCE": "Points held now."},
    name="PointsRankedBy",
)


@strawberry.type(description="What anybody may know of a voucher: nobody's name is in it.")
class PointsVoucher:
    """What anybody may know of a voucher: nobody's name is in it."""

    number: str = strawberry.field(description="Its number.")
    state: str = strawberry.field(
        description="The word `issued` for a good one; `reserved`, `fulfilled` or `void`."
    )
    reward: str = strawberry.field(description="What it is for.")
    quantity: int = strawberry.field(description="How many.")
    good_until: date = strawberry.field(description="The last day on which it is, or was, good.")


@strawberry.type(description="What somebody, or a household to which they belong, has.")
class PointsParticipation:
    """What somebody, or a household to which they belong, has."""

    participant_id: strawberry.ID = strawberry.field(description="The PointsParticipant.")
    kind: ParticipantKind = strawberry.field(description="Oneself or a household.")
    state: ParticipantState = strawberry.field(description="Whether it takes part now.")
    nickname: str = strawberry.field(description="Under which name it is ranked; empty for none.")
    ranked: bool = strawberry.field(description="Whether it is shown in the ranking.")
    available: Amount = strawberry.field(description="The points that can be spent.")
    reserved: Amount = strawberry.field(description="The points that vouchers and transfers hold.")


@strawberry.type(description="The giver or receiver of a transfer, as the other side may know them.")
class PointsTransferSide:
    """The giver or receiver of a transfer, as the other side may know them."""

    participant_id: strawberry.ID = strawberry.field(description="The PointsParticipant.")
    kind: ParticipantKind = strawberry.field(description="Person, household or unit.")
    name: str = strawberry.field(description="A person's name is masked.")


@strawberry.type(description="A transfer as its two sides see it.")
class MyPointsTransfer:
    """A transfer as its two sides see it."""

    transfer_id: strawberry.ID = strawberry.field(description="The PointsTransfer.")
    version: int = strawberry.field(description="Counts its changes; give it back as expectedVersion.")
    purpose: TransferPurpose = strawberry.field(description="Within a household, or to a charity.")
    points: Amount = strawberry.field(description="How many.")
    state: TransferState = strawberry.field(description="Where it stands.")
    giver: PointsTransferSide = strawberry.field(description="Who gives.")
    receiver: PointsTransferSide = strawberry.field(description="Who receives.")
    offered_at: datetime = strawberry.field(description="When they were offered.")
    due_at: datetime | None = strawberry.field(description="When the cooling-off is over.")
    posted_at: datetime | None = strawberry.field(description="When they moved.")
    ended_at: datetime | None = strawberry.field(description="When it was declined or cancelled.")
    end_reason: str = strawberry.field(description="Why; empty when no reason was given.")


@strawberry.type(description="Somebody's place in the ranking; those with as many points share it.")
class PointsRankingPlace:
    """Somebody's place in the ranking; those with as many points share it."""

    position: int = strawberry.field(description="Counted from 1.")
    nickname: str = strawberry.field(description="The name that they chose for it.")
    points: Amount = strawberry.field(description="How many points.")


@strawberry.type(description="The ranking of those who chose to be in it, by nickname.")
class PointsRanking:
    """The ranking of those who chose to be in it, by nickname."""

    by: RankedBy = strawberry.field(description="What it counts.")
    year: int = strawberry.field(description="For which year points earned are counted.")
    as_of: datetime = strawberry.field(description="When it was counted.")
    places: list[PointsRankingPlace] = strawberry.field(description="The best, as many as were asked for.")
    own: list[PointsRankingPlace] = strawberry.field(
        description="Where the caller and their households stand, if they chose to be ranked."
    )


@strawberry.type(description="Outstanding points by their value, against what is left in a year's pools.")
class PointsLiability:
    """Outstanding points by their value, against what is left in a year's pools."""

    status: LiabilityStatus = strawberry.field(description="Whether there is a ratio.")
    year: int = strawberry.field(description="The year of the pools.")
    as_of: date = strawberry.field(description="The day of both amounts.")
    outstanding_points: Amount | None = strawberry.field(
        description="What is held there; null when fewer than five hold any."
    )
    value_fen: Amount = strawberry.field(description="What a point is taken to be worth, in fen.")
    numerator_fen: Amount | None = strawberry.field(description="Outstanding points by their value.")
    left_fen: Amount = strawberry.field(description="The denominator: what the pools have not spent.")
    held_fen: Amount = strawberry.field(description="How much of that vouchers hold already.")
    ratio: float | None = strawberry.field(description="Numerator divided by denominator.")
    source: str = strawberry.field(description="Where the numerator / the denominator come from.")


def participation(found: own.Participation) -> PointsParticipation:
    """The type's value for what a service found."""
    return PointsParticipation(
        participant_id=_participant(found.participant_id),
        kind=found.kind,
        state=found.state,
        nickname=found.nickname,
        ranked=found.ranked,
        available=Amount(found.available),
        reserved=Amount(found.reserved),
    )


def my_transfer(found: own.TwoSided) -> MyPointsTransfer:
    """The type's value for what a service found."""
    return MyPointsTransfer(
        transfer_id=strawberry.ID(to_global_id("PointsTransfer", found.transfer_id)),
        version=found.version,
        purpose=found.purpose,
        points=Amount(found.points),
        state=found.state,
        giver=_side(found.giver),
        receiver=_side(found.receiver),
        offered_at=found.offered_at,
        due_at=found.due_at,
        posted_at=found.posted_at,
        ended_at=found.ended_at,
        end_reason=found.end_reason,
    )


def _side(side: own.Side) -> PointsTransferSide:
    return PointsTransferSide(
        participant_id=_participant(side.participant_id), kind=side.kind, name=side.name
    )


def _participant(participant_id: object) -> strawberry.ID:
    return strawberry.ID(to_global_id("PointsParticipant", participant_id))  # type: ignore[arg-type]
