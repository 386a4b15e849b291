"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import (
    ImportKind,
    Job,
    Provisioner,
    SubjectData,
    Subscription,
    documents,
    files,
    hookimpl,
)


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_social_workers.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """Social workers follow the register of people."""
    from linli_social_workers.subscriptions import SUBSCRIPTIONS

    return SUBSCRIPTIONS


@hookimpl
def jobs() -> Sequence[Job]:
    """Registrations lapse and people are reminded by the clock; whoever is paid is told."""
    from linli_social_workers.jobs import JOBS

    return JOBS


@hookimpl
def imports() -> Sequence[ImportKind]:
    """The official list of exam results."""
    from linli_social_workers.importing import IMPORTS

    return IMPORTS


@hookimpl
def document_kinds() -> Sequence[documents.DocumentKind]:
    """The certificate of registration, and statements of education and of allowances."""
    from linli_social_workers.papers import DOCUMENT_KINDS

    return DOCUMENT_KINDS


@hookimpl
def file_kinds() -> Sequence[files.FileKind]:
    """What shows hours of education, and what an application for registration takes."""
    from linli_social_workers.attachments import FILE_KINDS

    return FILE_KINDS


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """Synthetic social workers, as many as the place's report counts."""
    from linli_social_workers.provisioning import PROVISIONERS

    return PROVISIONERS


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """What is kept about social workers."""
    from linli_social_workers.subjects import PERSONAL_DATA

    return PERSONAL_DATA
