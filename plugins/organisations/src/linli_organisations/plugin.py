"""The hooks: what the kernel asks this plugin once, when the process starts."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import Job, Provisioner, SubjectData, Subscription, hookimpl
from linli_organisations import provisioning
from linli_organisations.jobs import EXPIRE_GRADINGS
from linli_organisations.subjects import PERSONAL_DATA
from linli_organisations.subscriptions import FOLLOW_MERGES, FOLLOW_MOVES


@hookimpl
def graphql() -> object:
    """Give the types, queries and mutations."""
    from linli_organisations.graphql import CONTRIBUTION  # GraphQL is loaded by processes that serve it

    return CONTRIBUTION


@hookimpl
def subscriptions() -> Sequence[Subscription]:
    """Give the handlers that follow merged people and moved organisations."""
    return [FOLLOW_MERGES, FOLLOW_MOVES]


@hookimpl
def jobs() -> Sequence[Job]:
    """Give the daily job that ends grades."""
    return [EXPIRE_GRADINGS]


@hookimpl
def provisioners() -> Sequence[Provisioner]:
    """Give the default categories, and the demonstration's organisations."""
    return [
        Provisioner("categories", provisioning.load_categories),
        Provisioner("demo", provisioning.load_demo),
    ]


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """Give what is kept about officers and assessors who are in the register of people."""
    return PERSONAL_DATA
