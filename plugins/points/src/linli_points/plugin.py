"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import ImportKind, Job, Provisioner, Route, SubjectData, Subscription, hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_points.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """Posted hours of service earn points; participants follow the register."""
    from linli_points.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def jobs() -> Sequence[Job]:
    """Claims are posted after their notice, vouchers lapse, transfers move, standards are received."""
    from linli_points.jobs import JOBS

    return JOBS


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """The default standard, and demonstrations."""
    from linli_points.provisioning import PROVISIONERS

    return PROVISIONERS


@hookimpl
def imports() -> Sequence[ImportKind]:
    """Claims collected on paper, and the rules of a standard."""
    from linli_points.importing import IMPORTS

    return IMPORTS


@hookimpl
def routes() -> Sequence[Route]:
    """The page on which anybody checks a voucher."""
    from linli_points.pages import ROUTES

    return ROUTES


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """What is kept about people who take part."""
    from linli_points.subjects import PERSONAL_DATA

    return PERSONAL_DATA
