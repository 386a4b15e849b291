"""The public page on which anybody checks a voucher, and its QR code: no script, no style, no network, no name."""

from __future__ import annotations

import io
from collections.abc import Mapping
from html import escape
from typing import Final

# For QR codes: segno is pure Python without dependencies and writes SVG by itself. `qrcode` needs further packages for
# pictures and leaves SVG to templates; drawing the codes ourselves is not what we exist for.
import segno

from linli.plugin import Context, Route, RouteResponse
from linli_points import vouchers

_PAGE: Final = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{tenant}</p>
<table>
{rows}
</table>
<p>{note}</p>
</main>
</body>
</html>
"""
_NOTHING: Final = "—"
_TYPED_SHOWN_MAX: Final = 40
_QR_SCALE: Final = 6
_QR_BORDER: Final = 4


async def voucher(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """Tell whether a voucher is good. A number that does not exist gets the same page, with dashes."""
    typed = parameters["number"]
    found = await vouchers.check(ctx, typed)

    def text(key: str) -> str:
        return ctx.plugins.texts.translate(f"points.page.{key}", ctx.locale)

    shown = {
        "number": typed[:_TYPED_SHOWN_MAX],
        "state": text(found.state if found else "not_found"),
        "reward": found.reward if found else _NOTHING,
        "quantity": str(found.quantity) if found else _NOTHING,
        "good_until": found.good_until.isoformat() if found else _NOTHING,
    }
    rows = "\n".join(
        f"<tr><th>{escape(text(name))}</th><td>{escape(value)}</td></tr>" for name, value in shown.items()
    )
    page = _PAGE.format(
        lang=escape(ctx.locale),
        title=escape(text("title")),
        tenant=escape(ctx.tenant.name),
        rows=rows,
        note=escape(text("note")),
    )
    return RouteResponse(200, "text/html; charset=utf-8", page.encode())


async def voucher_code(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """The QR code of a voucher's page. Any number of the right form gets one: it does not tell which exist."""
    number = vouchers.number_in(parameters["number"])
    if number is None:
        return RouteResponse(404, "text/plain; charset=utf-8", b"")
    drawn = io.BytesIO()
    code = segno.make(vouchers.address_of(ctx, number), error="m", micro=False)
    code.save(drawn, kind="svg", scale=_QR_SCALE, border=_QR_BORDER, title=number)
    return RouteResponse(200, "image/svg+xml", drawn.getvalue())


ROUTES: Final = (
    Route("vouchers/{number}", voucher, summary="Check a voucher"),
    Route("vouchers/{number}/qr.svg", voucher_code, summary="The QR code of a voucher"),
)
