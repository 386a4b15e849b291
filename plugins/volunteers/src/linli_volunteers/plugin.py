"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import ImportKind, Job, Provisioner, Route, SubjectData, Subscription, hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_volunteers.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """A cancelled organisation's activities are cancelled; volunteers follow the register of people."""
    from linli_volunteers.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def jobs() -> Sequence[Job]:
    """Activities start and finish by the clock."""
    from linli_volunteers.jobs import JOBS

    return JOBS


@hookimpl
def routes() -> Sequence[Route]:
    """The page on which anybody checks a certificate."""
    from linli_volunteers.pages import ROUTES

    return ROUTES


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """Synthetic activities for demonstrations."""
    from linli_volunteers.provisioning import PROVISIONERS

    return PROVISIONERS


@hookimpl
def imports() -> Sequence[ImportKind]:
    """The numbers of residents by area, from a spreadsheet."""
    from linli_volunteers.importing import POPULATION

    return [POPULATION]


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """What is kept about volunteers: ids, times and amounts, no name."""
    from linli_volunteers.subjects import PERSONAL_DATA

    return PERSONAL_DATA
