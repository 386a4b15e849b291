"""The public page on which anybody checks a voucher, and its QR code: no name stands there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Route, RouteResponse, public_page, qr_code
from linli_points import vouchers

_TEXTS: Final = "points.page"
_TYPED_SHOWN_MAX: Final = 40


async def voucher(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """Tell whether a voucher is good. A number that does not exist gets the same page, with dashes."""
    typed = parameters["number"]
    found = await vouchers.check(ctx, typed)
    state = found.state if found else "not_found"
    shown = {
        "number": typed[:_TYPED_SHOWN_MAX],
        "state": ctx.plugins.texts.translate(f"{_TEXTS}.{state}", ctx.locale),
        "reward": found.reward if found else None,
        "quantity": str(found.quantity) if found else None,
        "good_until": found.good_until.isoformat() if found else None,
    }
    return public_page(ctx, texts=_TEXTS, shown=shown)


async def voucher_code(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """The QR code of a voucher's page. Any number of the right form gets one: it does not tell which exist."""
    number = vouchers.number_in(parameters["number"])
    return qr_code(vouchers.address_of(ctx, number) if number else None, title=number or "")


ROUTES: Final = (
    Route("vouchers/{number}", voucher, summary="Check a voucher"),
    Route("vouchers/{number}/qr.svg", voucher_code, summary="The QR code of a voucher"),
)
