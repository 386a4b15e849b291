"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import (
    HandoverFields,
    ImportKind,
    Job,
    Provisioner,
    Route,
    SubjectData,
    Subscription,
    documents,
    hookimpl,
)


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_migrants.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """What is kept about newcomers."""
    from linli_migrants.subjects import PERSONAL_DATA

    return PERSONAL_DATA


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """Stays follow the register of people."""
    from linli_migrants.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def jobs() -> Sequence[Job]:
    """Visits, permits and the exchange with the authority go on by the clock."""
    from linli_migrants.permit_jobs import PERMIT_JOBS
    from linli_migrants.visit_jobs import VISIT_JOBS

    return (*VISIT_JOBS, *PERMIT_JOBS)


@hookimpl
def document_kinds() -> Sequence[documents.DocumentKind]:
    """The acceptance slip."""
    from linli_migrants.slips import SLIP

    return (SLIP,)


@hookimpl
def routes() -> Sequence[Route]:
    """The page on which anybody checks an acceptance slip."""
    from linli_migrants.pages import ROUTES

    return ROUTES


@hookimpl
def imports() -> Sequence[ImportKind]:
    """A list of newcomers from a spreadsheet."""
    from linli_migrants.importing import IMPORTS

    return IMPORTS


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """Synthetic newcomers for demonstrations."""
    from linli_migrants.provisioning import PROVISIONERS

    return PROVISIONERS


@hookimpl
def handover_fields() -> Sequence[HandoverFields]:
    """What of a stay and a permit can be handed over to another place."""
    from linli_migrants.handing_over import HANDOVER

    return HANDOVER
