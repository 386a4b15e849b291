"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import Job, Route, hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_points.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def jobs() -> Sequence[Job]:
    """Vouchers lapse, transfers move, the ranking is built anew."""
    from linli_points.jobs import JOBS

    return JOBS


@hookimpl
def routes() -> Sequence[Route]:
    """The page on which anybody checks a voucher."""
    from linli_points.pages import ROUTES

    return ROUTES
