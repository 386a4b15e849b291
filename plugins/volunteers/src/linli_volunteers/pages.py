"""The public page on which anybody checks a certificate: no script, no style, no network."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

from linli.plugin import Context, Route, RouteResponse
from linli_volunteers import certificates

_PAGE = """<!doctype html>
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


async def verify(ctx: Context, parameters: Mapping[str, str]) -> RouteResponse:
    """Tell whether a certificate is valid. A number that does not exist gets the same page, with dashes."""
    typed = parameters["number"]
    found = await certificates.check(ctx, typed)

    def text(key: str) -> str:
        return ctx.plugins.texts.translate(f"volunteers.page.{key}", ctx.locale)

    shown = {
        "number": typed[:_TYPED_SHOWN_MAX],
        "state": text(found.state if found else "not_found"),
        "name": found.masked_name if found else _NOTHING,
        "hours": f"{found.minutes / 60:.2f}" if found else _NOTHING,
        "as_of": found.as_of.isoformat() if found else _NOTHING,
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


ROUTES: Final = (Route("verify/{number}", verify, summary="Check a certificate of service"),)
