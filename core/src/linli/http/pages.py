"""Public pages that tell of one thing, such as a certificate: a table, a code to scan; no script, no network.

A page may go on with sections, one for each thing of a list: tables of two columns fit the width of a phone.

They are printed too: what a person holds in hand is this page.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import TYPE_CHECKING, Final

# For QR codes: segno is pure Python without dependencies and writes SVG by itself. `qrcode` needs further packages for
# pictures and leaves SVG to templates; drawing the codes ourselves is not what we exist for.
import segno

from linli.http.routes import RouteResponse

if TYPE_CHECKING:
    from linli.context import Context

NOTHING: Final = "—"
Link = tuple[str, str]
"""What a link says, and its address."""
ADDRESS_MAX: Final = 200
_QR_SCALE: Final = 6
_QR_BORDER: Final = 4
_DOCUMENT: Final = """<!doctype html>
<html lang="{lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>{title}</title>
<link rel="stylesheet" href="/pages.css">
</head>
<body>
<main>{trail}
<h1>{title}</h1>
{content}
</main>
</body>
</html>
"""
_PAGE: Final = """<table>
{rows}
</table>{image}{form}{sections}
<p class="note">{note}</p>"""
_FORM: Final = """
<form method="post" enctype="multipart/form-data" action="{address}">
<p><input type="file" name="file" accept="application/pdf" required> <button>{label}</button></p>
</form>"""
_SECTION: Final = """
<section>
<h2>{heading}</h2>{table}
</section>"""
_TABLE: Final = """
<table>
{rows}
</table>"""


@dataclass(frozen=True, slots=True)
class PageSection:
    """One thing of a list on a page: its heading, which may lead to another page, and its rows."""

    heading: str
    shown: Mapping[str, str | None] = field(default_factory=dict)
    address: str = ""


def notice_page(locale: str, *, title: str, sentence: str) -> bytes:
    """A page with one sentence, where there is nothing else to show. Everything is escaped."""
    return _document(locale, escape(title), f"<p>{escape(sentence)}</p>")


def public_page(
    ctx: Context,
    *,
    texts: str,
    shown: Mapping[str, str | None],
    image: str = "",
    upload: str = "",
    sections: Sequence[PageSection] = (),
    within: Sequence[Link] = (),
) -> RouteResponse:
    """A page whose rows are `shown` in their order; None is a dash, so that a number nobody has looks like any other.

    The words are the texts `<texts>.title`, `<texts>.note` and `<texts>.<key>` for each row. `image` is the address of
    a picture below the table, `upload` the one that a PDF can be sent to from the page (`<texts>.upload`). The rows of
    `sections` have texts likewise. Above stands whose page it is, with a link to the tenant's pages, and what the page
    lies `within`: names of pages and their addresses. Everything is escaped.
    """

    def text(key: str) -> str:
        return escape(ctx.plugins.texts.translate(f"{texts}.{key}", ctx.locale))

    def rows(shown: Mapping[str, str | None]) -> str:
        return "\n".join(
            f"<tr><th>{text(key)}</th><td>{escape(NOTHING if value is None else value)}</td></tr>"
            for key, value in shown.items()
        )

    def section(one: PageSection) -> str:
        heading = _link(one.heading, one.address) if one.address else escape(one.heading)
        return _SECTION.format(
            heading=heading, table=_TABLE.format(rows=rows(one.shown)) if one.shown else ""
        )

    content = _PAGE.format(
        rows=rows(shown),
        image=f'\n<p><img src="{escape(image)}" alt="QR"></p>' if image else "",
        form=_FORM.format(address=escape(upload), label=text("upload")) if upload else "",
        sections="".join(section(one) for one in sections),
        note=text("note"),
    )
    trail = [(ctx.tenant.name, f"/p/{ctx.tenant.slug}"), *within]
    return RouteResponse(
        200, "text/html; charset=utf-8", _document(ctx.locale, text("title"), content, trail)
    )


def index_page(locale: str, *, title: str, sentence: str, links: Sequence[Link]) -> bytes:
    """A page that leads to others: their titles and addresses; the sentence stands where there are none."""
    items = "\n".join(f"<li>{_link(said, address)}</li>" for said, address in links)
    content = f"<ul>\n{items}\n</ul>" if items else f"<p>{escape(sentence)}</p>"
    return _document(locale, escape(title), content)


def public_address(ctx: Context, path: str, *, setting: str) -> str:
    """A public page's address: below the one that the tenant's setting holds, or its path where that is of no use."""
    base = str(ctx.setting(setting)).strip().rstrip("/")
    usable = base.startswith(("https://", "http://")) and len(base) <= ADDRESS_MAX
    return (base if usable else "") + path


def qr_code(address: str | None, *, title: str) -> RouteResponse:
    """A QR code as SVG; without an address, nothing is found."""
    if address is None:
        return RouteResponse(404, "text/plain; charset=utf-8", b"")
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", scale=_QR_SCALE, border=_QR_BORDER, title=title)
    return RouteResponse(200, "image/svg+xml", drawn.getvalue())


def _link(said: str, address: str) -> str:
    return f'<a href="{escape(address)}">{escape(said)}</a>'


def _document(locale: str, title: str, content: str, trail: Sequence[Link] = ()) -> bytes:
    """A whole page; title and content are HTML already, the trail's names are not."""
    links = " › ".join(_link(said, address) for said, address in trail)
    above = f"\n<nav>{links}</nav>" if links else ""
    return _DOCUMENT.format(lang=escape(locale), title=title, content=content, trail=above).encode()
