"""The page at `/`: where a newcomer finds what there is; and the style sheet of all pages. Static, offline."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from litestar import Response, get
from litestar.handlers import HTTPRouteHandler


def landing_handlers() -> Sequence[HTTPRouteHandler]:
    """Give the handlers of the page and of the style sheet."""
    static = files("linli.http") / "static"
    page = (static / "landing.html").read_bytes()
    style = (static / "pages.css").read_bytes()

    @get("/", sync_to_thread=False)
    def landing() -> Response[bytes]:
        """Give the page."""
        return Response(page, media_type="text/html")

    @get("/pages.css", sync_to_thread=False)
    def style_sheet() -> Response[bytes]:
        """Give the style sheet of this page and of all public ones."""
        return Response(style, media_type="text/css", headers={"cache-control": "max-age=3600"})

    @get("/favicon.ico", sync_to_thread=False, status_code=204)
    def favicon() -> None:
        """Browsers ask for it unasked; there is none."""

    return [landing, style_sheet, favicon]
