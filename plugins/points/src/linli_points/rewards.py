"""Rewards: what points can be exchanged for, in an area and all below it. Never a basic public service."""

from __future__ import annotations

from datetime import date
from typing import Any, Final, TypedDict, Unpack
from uuid import UUID

from linli.plugin import Context, Facts, Organisation, Required, changeable, checks, place_for, rows
from linli_points.checked import allowed_reward, in_range
from linli_points.errors import NotPresent, OutOfStock
from linli_points.states import REWARD
from linli_points.tables import Participant, Reward
from linli_points.terms import RewardKind, RewardState

PERMISSION: Final = "points.reward"
NAME_MAX: Final = 100
DESCRIPTION_MAX: Final = 2_000
POINTS_MAX: Final = 1_000_000_000
VALUE_FEN_MAX: Final = 100_000_000
STOCK_MAX: Final = 10_000_000

_OPTIONAL: Final = frozenset({"description", "stock", "provider_id", "offered_until"})
_UNLIMITED: Final = """
select * from points_reward where tenant_id = $1 and id = $2 and stock is null for share"""


class RewardChanges(TypedDict, total=False):
    """What may be changed of a reward; what is left out stays. Vouchers that were given keep what they say."""

    name: str
    description: str | None
    kind: str
    points: int
    value_fen: int
    stock: int | None
    provider_id: UUID | None
    offered_until: date | None


async def create(
    ctx: Context, *, area_id: UUID | None, reward_id: UUID | None = None, **values: Unpack[RewardChanges]
) -> Reward:
    """Draft a reward for an area and all below it (None: the whole tenant). Without `stock` there is no limit.

    `points` is what one takes of the participant, `value_fen` what it costs the pool.
    Raises: PermissionDenied, NotFound, AreaRetired, Required, TooLong, GatesBasicService, UnknownValue,
    NumberOutOfRange, NotPresent.
    """
    place = await place_for(ctx, area_id, f"{PERMISSION}.write")
    checked = await _checked(ctx, {"value_fen": 0, **values})
    for name in ("name", "kind", "points"):
        if name not in checked:
            raise Required(path=(name,))
    return await rows.insert(
        ctx, Reward, id=reward_id, area_id=place.area_id, area_path=place.area_path, **checked
    )


async def update(
    ctx: Context, reward_id: UUID, *, expected_version: int | None = None, **changes: Unpack[RewardChanges]
) -> Reward:
    """Change a reward; `stock` sets or, with None, lifts the limit.

    Raises: NotFound, PermissionDenied, StaleVersion, and what `create` does.
    """
    reward = await changeable(ctx, Reward, reward_id, PERMISSION)
    return await rows.update(ctx, reward, expected_version=expected_version, **await _checked(ctx, changes))


async def change_stock(
    ctx: Context, reward_id: UUID, *, by: int, expected_version: int | None = None
) -> Reward:
    """Add to the stock, or take from it, whatever is redeemed meanwhile. A reward without a limit gets one.

    Raises: NotFound, PermissionDenied, OutOfStock, NumberOutOfRange, StaleVersion.
    """
    in_range(by, -STOCK_MAX, STOCK_MAX, "by")
    reward = await changeable(ctx, Reward, reward_id, PERMISSION)
    left = reward.stock or 0
    if left + by < 0:
        raise OutOfStock(path=("by",), left=left)
    stock = in_range(left + by, 0, STOCK_MAX, "by")
    return await rows.update(ctx, reward, action="stock", expected_version=expected_version, stock=stock)


async def offer(ctx: Context, reward_id: UUID, *, expected_version: int | None = None) -> Reward:
    """Let participants redeem the reward.

    Raises: NotFound, PermissionDenied, GatesBasicService, UndefinedTransition, StaleVersion.
    """
    reward = await changeable(ctx, Reward, reward_id, PERMISSION)
    allowed_reward(reward.name, "name")
    allowed_reward(reward.description, "description")
    return await _turn(ctx, reward, "offer", expected_version)


async def withdraw(ctx: Context, reward_id: UUID, *, expected_version: int | None = None) -> Reward:
    """Offer the reward no longer; vouchers that were given stay good.

    Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion.
    """
    reward = await changeable(ctx, Reward, reward_id, PERMISSION)
    return await _turn(ctx, reward, "withdraw", expected_version)


async def held(ctx: Context, reward_id: UUID) -> Reward:
    """The reward as it will stay until this transaction ends; many may redeem one without a limit at a time.

    Raises: NotFound.
    """
    row = await ctx.db.fetchrow(_UNLIMITED, ctx.tenant_id, reward_id)
    return rows.from_record(Reward, row) if row else await rows.get(ctx, Reward, reward_id, lock=True)


def is_offered_to(ctx: Context, reward: Reward, participant: Participant) -> bool:
    """Whether a participant can redeem the reward today, where they are."""
    in_time = reward.offered_until is None or ctx.today() <= reward.offered_until
    here: bool = participant.area_path.startswith(reward.area_path)
    return bool(reward.state == RewardState.OFFERED and in_time and here)


async def take(ctx: Context, reward: Reward, quantity: int) -> None:
    """Take from the stock of a reward that is `held`. Raises: OutOfStock."""
    left: int | None = reward.stock
    if left is None:
        return
    if left < quantity:
        raise OutOfStock(path=("quantity",), left=left)
    await rows.update(ctx, reward, action="redeem", stock=left - quantity)


async def give_back(ctx: Context, reward_id: UUID, quantity: int) -> None:
    """Put back into the stock what was taken; nothing for a reward without a limit."""
    reward = await held(ctx, reward_id)
    if reward.stock is not None:
        await rows.update(ctx, reward, action="return", stock=min(STOCK_MAX, reward.stock + quantity))


async def _turn(ctx: Context, reward: Reward, action: str, expected_version: int | None) -> Reward:
    state = REWARD.apply(reward.state, action, Facts(actor_id=ctx.actor.id))
    return await rows.update(ctx, reward, action=action, expected_version=expected_version, state=state)


async def _checked(ctx: Context, given: RewardChanges) -> dict[str, Any]:
    values: dict[str, Any] = dict(given)
    for name in values:
        if values[name] is None and name not in _OPTIONAL:
            raise Required(path=(name,))
    if "name" in given:
        values["name"] = allowed_reward(checks.line(given["name"], "name", NAME_MAX), "name")
    if "description" in given:
        text = checks.optional_line(given["description"], "description", DESCRIPTION_MAX)
        values["description"] = allowed_reward(text, "description")
    if "kind" in given:
        values["kind"] = checks.one_of(given["kind"], tuple(RewardKind), "kind")
    if "points" in given:
        in_range(given["points"], 1, POINTS_MAX, "points")
    if "value_fen" in given:
        in_range(given["value_fen"], 0, VALUE_FEN_MAX, "value_fen")
    if (stock := given.get("stock")) is not None:
        in_range(stock, 0, STOCK_MAX, "stock")
    if (provider_id := given.get("provider_id")) is not None:
        provider = await rows.find(ctx, Organisation, provider_id)
        if provider is None or provider.state != "active":
            raise NotPresent(path=("provider_id",))
    return values
