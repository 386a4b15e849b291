"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import ImportKind, Job, Provisioner, SubjectData, Subscription, hookimpl


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
    """Registrations lapse by the clock."""
    from linli_social_workers.jobs import JOBS

    return JOBS


@hookimpl
def imports() -> Sequence[ImportKind]:
    """The official list of exam results."""
    from linli_social_workers.importing import IMPORTS

    return IMPORTS


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
