"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import Job, SubjectData, files, hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_venture.graphql import CONTRIBUTION

    return CONTRIBUTION


@hookimpl
def personal_data() -> Sequence[SubjectData]:
    """What is kept about people who gave money."""
    from linli_venture.money.subjects import MONEY_PERSONAL_DATA

    return MONEY_PERSONAL_DATA


@hookimpl
def jobs() -> Sequence[Job]:
    """Milestones become overdue."""
    from linli_venture.grants.jobs import GRANT_JOBS

    return GRANT_JOBS


@hookimpl
def file_kinds() -> Sequence[files.FileKind]:
    """The evidence of milestones, and receipts."""
    from linli_venture.grants.evidence import FILE_KINDS

    return FILE_KINDS
