"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import ImportKind, Job, Provisioner, Route, SubjectData, Subscription, files, hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_venture.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def imports() -> Sequence[ImportKind]:
    """The organisations in incubation, from a spreadsheet."""
    from linli_venture.incubation.importing import INCUBATIONS

    return [INCUBATIONS]


@hookimpl
def jobs() -> Sequence[Job]:
    """Calls close, corrections end and milestones become overdue by the clock."""
    from linli_venture.calls.jobs import CALL_JOBS
    from linli_venture.grants.jobs import GRANT_JOBS
    from linli_venture.proposals.jobs import PROPOSAL_JOBS

    return (*CALL_JOBS, *PROPOSAL_JOBS, *GRANT_JOBS)


@hookimpl
def routes() -> Sequence[Route]:
    """The public pages of calls and of money."""
    from linli_venture.grants.pages import MONEY_ROUTES
    from linli_venture.pages import CALL_ROUTES

    return (*CALL_ROUTES, *MONEY_ROUTES)


@hookimpl
def file_kinds() -> Sequence[files.FileKind]:
    """Attachments of proposals, evidence of milestones, receipts."""
    from linli_venture.grants.evidence import GRANT_FILES
    from linli_venture.proposals.attachments import PROPOSAL_FILES

    return (*PROPOSAL_FILES, *GRANT_FILES)


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """Who acts for an applicant, and who gave money."""
    from linli_venture.money.subjects import MONEY_PERSONAL_DATA
    from linli_venture.subjects import PERSONAL_DATA

    return (*PERSONAL_DATA, *MONEY_PERSONAL_DATA)


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """A demonstration."""
    from linli_venture.provisioning import PROVISIONERS

    return PROVISIONERS


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """Applicants, experts and donations follow the registers."""
    from linli_venture.following import FOLLOWING
    from linli_venture.money.subscriptions import MONEY_SUBSCRIPTIONS

    return (*FOLLOWING, *MONEY_SUBSCRIPTIONS)
