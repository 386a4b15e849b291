"""What the mutations of rewards, pools, redemptions and transfers take in."""

from __future__ import annotations

from datetime import date

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, Amount, described, input_type
from linli_points.graphql.enums import RewardKind, TransferPurpose

_REASON = "Why; at most 500 characters."
_NAME = "What it is called; at most 100 characters. Never a basic public service."
_DESCRIPTION = "What it is; at most 2,000 characters. Never a basic public service."
_VALUE = "What one costs the pool, in fen: up to 100,000,000."


@input_type
class CreatePointsRewardInput:
    """A reward, made as a draft."""

    area_id: strawberry.ID | None = described(
        "Where it is offered, with all below; null is the whole tenant."
    )
    name: str = described(_NAME)
    description: str | None = described(_DESCRIPTION, optional=True)
    kind: RewardKind = described("Service, goods, honour or incentive.")
    points: Amount = described("How many points one takes: 1 to 1,000,000,000.")
    value_fen: Amount | None = described(f"{_VALUE} Nothing by default.", optional=True)
    stock: int | None = described("How many there are; null without a limit.", optional=True)
    provider_id: strawberry.ID | None = described("The unit that hands it out.", optional=True)
    offered_until: date | None = described("The last day on which it can be redeemed.", optional=True)


@input_type
class UpdatePointsRewardInput:
    """What to change of a reward; what is left out stays. Vouchers that were given keep what they say."""

    id: strawberry.ID = described("The reward.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    name: str | None = described(_NAME, optional=True)
    description: str | None = described(_DESCRIPTION, optional=True)
    kind: RewardKind | None = described("The new kind.", optional=True)
    points: Amount | None = described("How many points one takes from now on.", optional=True)
    value_fen: Amount | None = described(_VALUE, optional=True)
    stock: int | None = described("How many are left; null lifts the limit.", optional=True)
    provider_id: strawberry.ID | None = described("The unit that hands it out; null for none.", optional=True)
    offered_until: date | None = described("The last day; null for no end.", optional=True)


@input_type
class ChangePointsRewardStockInput:
    """What comes into the stock of a reward, or goes out of it."""

    id: strawberry.ID = described("The reward.")
    by: int = described("How many come in (above zero) or go out (below).")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PointsSpendingStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The reward, redemption or transfer.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PointsSpendingReasonInput:
    """Which thing is taken back, and why."""

    id: strawberry.ID = described("The redemption or transfer.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class OpenPointsPoolInput:
    """The pool of an area for a year."""

    area_id: strawberry.ID | None = described("Whose it is; null is the whole tenant.")
    year: int = described("This year or the next.")
    residents: Amount = described("How many permanent residents there are.")
    residents_as_of: date = described("On which day they were counted.")
    source: str = described("Who says so, such as a statistical bulletin; at most 200 characters.")


@input_type
class AdjustPointsPoolInput:
    """Money that is added to a pool, or taken back."""

    id: strawberry.ID = described("The pool.")
    amount_fen: Amount = described("How much is added (above zero) or taken back (below), in fen.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ReservePointsRedemptionInput:
    """A participant's points for a reward."""

    participant_id: strawberry.ID = described("Whose points they are.")
    reward_id: strawberry.ID = described("The reward.")
    quantity: int | None = described("How many; one by default, at most 1,000.", optional=True)


@input_type
class FulfilPointsRedemptionInput:
    """A voucher for which the reward was handed out."""

    number: str = described("Its number as typed, or the address that was scanned.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class OfferPointsTransferInput:
    """Points that one participant would give to another."""

    from_participant_id: strawberry.ID = described("Who gives.")
    to_participant_id: strawberry.ID = described("Who receives.")
    points: Amount = described("How many; what is transferred in a year is limited.")
    purpose: TransferPurpose = described("Within a household, or to a charity.")


@input_type
class DeclinePointsTransferInput:
    """A transfer that the receiver does not want."""

    id: strawberry.ID = described("The transfer.")
    reason: str | None = described(_REASON, optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
