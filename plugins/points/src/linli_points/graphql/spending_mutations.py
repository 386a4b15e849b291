"""What can be done with rewards, pools, redemptions and transfers; each calls one service, which has the rules."""

from __future__ import annotations

from typing import Any

from linli.plugin import Context
from linli_graphql.plugin import Outcome, mutation, values_of
from linli_points import own, pools, redemptions, rewards, tables, transfers, vouchers
from linli_points.graphql.spending_inputs import (
    AdjustPointsPoolInput,
    ChangePointsRewardStockInput,
    CreatePointsRewardInput,
    DeclinePointsTransferInput,
    FulfilPointsRedemptionInput,
    OfferPointsTransferInput,
    OpenPointsPoolInput,
    PointsSpendingReasonInput,
    PointsSpendingStepInput,
    ReservePointsRedemptionInput,
    UpdatePointsRewardInput,
)
from linli_points.graphql.spending_nodes import PointsPool, PointsRedemption, PointsReward, PointsTransfer
from linli_points.graphql.spending_types import MyPointsTransfer, PointsVoucher, my_transfer

_REWARD = {"id": "PointsReward"}
_POOL = {"id": "PointsPool"}
_REDEMPTION = {"id": "PointsRedemption"}
_TRANSFER = {"id": "PointsTransfer"}
_SIDES: dict[str, tuple[Any, str]] = {
    "mine": (MyPointsTransfer, "The transfer as its two sides see it; null in a repeated call.")
}

_VOUCHER: dict[str, tuple[Any, str]] = {
    "voucher": (
        PointsVoucher,
        "The voucher, for a provider who may not see the row; null in a repeated call.",
    )
}


@mutation(gives=PointsReward)
async def create_points_reward(ctx: Context, input: CreatePointsRewardInput) -> tables.Reward:
    """Make the draft of a reward."""
    return await rewards.create(
        ctx, **values_of(input, ids={"area_id": "Area", "provider_id": "Organisation"})
    )


@mutation(gives=PointsReward)
async def update_points_reward(ctx: Context, input: UpdatePointsRewardInput) -> tables.Reward:
    """Change a reward."""
    values = values_of(input, ids={**_REWARD, "provider_id": "Organisation"})
    return await rewards.update(ctx, values.pop("id"), **values)


@mutation(gives=PointsReward)
async def change_points_reward_stock(ctx: Context, input: ChangePointsRewardStockInput) -> tables.Reward:
    """Add to the stock of a reward, or take from it."""
    values = values_of(input, ids=_REWARD)
    return await rewards.change_stock(ctx, values.pop("id"), **values)


@mutation(gives=PointsReward)
async def offer_points_reward(ctx: Context, input: PointsSpendingStepInput) -> tables.Reward:
    """Let participants redeem a reward."""
    values = values_of(input, ids=_REWARD)
    return await rewards.offer(ctx, values.pop("id"), **values)


@mutation(gives=PointsReward)
async def withdraw_points_reward(ctx: Context, input: PointsSpendingStepInput) -> tables.Reward:
    """Offer a reward no longer."""
    values = values_of(input, ids=_REWARD)
    return await rewards.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=PointsPool)
async def open_points_pool(ctx: Context, input: OpenPointsPoolInput) -> tables.Pool:
    """Open and fund the pool of an area for a year."""
    return await pools.open_pool(ctx, **values_of(input, ids={"area_id": "Area"}))


@mutation(gives=PointsPool)
async def adjust_points_pool(ctx: Context, input: AdjustPointsPoolInput) -> tables.Pool:
    """Add money to a pool, or take back what is neither held nor spent."""
    values = values_of(input, ids=_POOL)
    return await pools.adjust(ctx, values.pop("id"), **values)


@mutation(gives=PointsRedemption)
async def reserve_points_redemption(ctx: Context, input: ReservePointsRedemptionInput) -> tables.Redemption:
    """Set aside a participant's points, who may be the caller, for a reward."""
    ids = {"participant_id": "PointsParticipant", "reward_id": "PointsReward"}
    return await redemptions.reserve(ctx, **values_of(input, ids=ids))


@mutation(gives=PointsRedemption)
async def issue_points_redemption(ctx: Context, input: PointsSpendingStepInput) -> tables.Redemption:
    """Make a voucher good."""
    values = values_of(input, ids=_REDEMPTION)
    return await redemptions.issue(ctx, values.pop("id"), **values)


@mutation(gives=PointsRedemption, extra=_VOUCHER)
async def fulfil_points_redemption(ctx: Context, input: FulfilPointsRedemptionInput) -> Outcome:
    """Confirm that the reward was handed out for a voucher; its points are spent."""
    fulfilled = await redemptions.fulfil(ctx, **values_of(input))
    return Outcome(fulfilled, {"voucher": await vouchers.check(ctx, fulfilled.number)})


@mutation(gives=PointsRedemption)
async def cancel_points_redemption(ctx: Context, input: PointsSpendingReasonInput) -> tables.Redemption:
    """Take a redemption back; all that was set aside is given back."""
    values = values_of(input, ids=_REDEMPTION)
    return await redemptions.cancel(ctx, values.pop("id"), **values)


@mutation(gives=PointsTransfer, extra=_SIDES)
async def offer_points_transfer(ctx: Context, input: OfferPointsTransferInput) -> Outcome:
    """Offer points of one participant to another; they are set aside at once."""
    ids = {"from_participant_id": "PointsParticipant", "to_participant_id": "PointsParticipant"}
    return await _seen(ctx, await transfers.offer(ctx, **values_of(input, ids=ids)))


@mutation(gives=PointsTransfer, extra=_SIDES)
async def accept_points_transfer(ctx: Context, input: PointsSpendingStepInput) -> Outcome:
    """Take points that were offered; they move when the cooling-off is over."""
    values = values_of(input, ids=_TRANSFER)
    return await _seen(ctx, await transfers.accept(ctx, values.pop("id"), **values))


@mutation(gives=PointsTransfer, extra=_SIDES)
async def decline_points_transfer(ctx: Context, input: DeclinePointsTransferInput) -> Outcome:
    """Do not take points that were offered."""
    values = values_of(input, ids=_TRANSFER)
    return await _seen(ctx, await transfers.decline(ctx, values.pop("id"), **values))


@mutation(gives=PointsTransfer, extra=_SIDES)
async def cancel_points_transfer(ctx: Context, input: PointsSpendingReasonInput) -> Outcome:
    """Take back points that have not moved yet."""
    values = values_of(input, ids=_TRANSFER)
    return await _seen(ctx, await transfers.cancel(ctx, values.pop("id"), **values))


@mutation(gives=PointsTransfer, extra=_SIDES)
async def post_points_transfer(ctx: Context, input: PointsSpendingStepInput) -> Outcome:
    """Move the points of a transfer whose cooling-off is over; otherwise the clock does."""
    values = values_of(input, ids=_TRANSFER)
    return await _seen(ctx, await transfers.post(ctx, values.pop("id"), **values))


async def _seen(ctx: Context, transfer: tables.Transfer) -> Outcome:
    """The receiver may not see the row itself, so that the payload has both sides' view of it too."""
    return Outcome(transfer, {"mine": my_transfer(await own.two_sided(ctx, transfer.id))})


SPENDING_MUTATIONS = (
    create_points_reward,
    update_points_reward,
    change_points_reward_stock,
    offer_points_reward,
    withdraw_points_reward,
    open_points_pool,
    adjust_points_pool,
    reserve_points_redemption,
    issue_points_redemption,
    fulfil_points_redemption,
    cancel_points_redemption,
    offer_points_transfer,
    accept_points_transfer,
    decline_points_transfer,
    cancel_points_transfer,
    post_points_transfer,
)
