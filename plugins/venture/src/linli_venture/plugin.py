"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from collections.abc import Sequence

from linli.plugin import SubjectData, hookimpl


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
