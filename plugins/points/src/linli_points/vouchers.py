"""Vouchers: the number of a redemption, by which anybody can tell whether it is good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import Context, normal_number, public_address, rows
from linli_points.tables import Redemption, Reward
from linli_points.terms import RedemptionState

SCANNED_MAX: Final = 500
ADDRESS_SETTING: Final = "points.public_address"

_SHOWN: Final = {
    RedemptionState.RESERVED: "reserved",
    RedemptionState.ISSUED: "issued",
    RedemptionState.FULFILLED: "fulfilled",
}
_OPEN: Final = (RedemptionState.RESERVED, RedemptionState.ISSUED)


@dataclass(frozen=True, slots=True)
class Voucher:
    """What anybody may know of a voucher: nobody's name is in it.

    `state` is `issued` for a good one, `reserved`, `fulfilled`, or `void` for one that was cancelled or is too late.
    """

    redemption_id: UUID
    reward_id: UUID
    number: str
    state: str
    reward: str
    quantity: int
    good_until: date


async def check(ctx: Context, typed: str) -> Voucher | None:
    """What anybody may know of the voucher with a number, as it was typed or scanned; None when there is none."""
    found = await find(ctx, typed)
    reward = await rows.find(ctx, Reward, found.reward_id) if found else None
    if found is None or reward is None:
        return None
    state = _SHOWN.get(RedemptionState(found.state), "void")
    if found.state in _OPEN and is_expired(ctx, found):
        state = "void"
    return Voucher(
        found.id, reward.id, found.number, state, reward.name, found.quantity, last_day(ctx, found)
    )


async def find(ctx: Context, typed: str) -> Redemption | None:
    """The redemption behind a number that was typed, or an address that was scanned; not held."""
    number = number_in(typed)
    return await rows.find_by(ctx, Redemption, number=number) if number else None


def number_in(typed: str) -> str | None:
    """The number as it is printed, from what was typed or from a scanned address that ends with it."""
    if len(typed) > SCANNED_MAX:
        return None
    return normal_number(typed.strip().rstrip("/").rpartition("/")[2])


def is_expired(ctx: Context, redemption: Redemption) -> bool:
    """Whether the time of a voucher is over."""
    return bool(redemption.expires_at <= ctx.now())


def last_day(ctx: Context, redemption: Redemption) -> date:
    """The last day on which a voucher is, or was, good."""
    return ctx.day_of(redemption.expires_at - timedelta(microseconds=1))


def path_of(ctx: Context, number: str) -> str:
    """The path of the public page of a voucher."""
    return f"/p/{ctx.tenant.slug}/points/vouchers/{number}"


def address_of(ctx: Context, number: str) -> str:
    """What the QR code of a voucher holds: the page's address, or its path where no address of use is set."""
    return public_address(ctx, path_of(ctx, number), setting=ADDRESS_SETTING)
