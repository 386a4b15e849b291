"""The public page on which anybody checks a certificate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Route, RouteResponse, public_page
from linli_volunteers import certificates

_TEXTS: Final = "volunteers.page"
_TYPED_SHOWN_MAX: Final = 40


async def verify(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """Tell whether a certificate is valid. A number that does not exist gets the same page, with dashes."""
    typed = parameters["number"]
    found = await certificates.check(ctx, typed)
    state = found.state if found else "not_found"
    shown = {
        "number": typed[:_TYPED_SHOWN_MAX],
        "state": ctx.plugins.texts.translate(f"{_TEXTS}.{state}", ctx.locale),
        "name": found.masked_name if found else None,
        "hours": f"{found.minutes / 60:.2f}" if found else None,
        "as_of": found.as_of.isoformat() if found else None,
    }
    return public_page(ctx, texts=_TEXTS, shown=shown)


ROUTES: Final = (Route("verify/{number}", verify, summary="Check a certificate of service"),)
