"""What the kernel asks this plugin at start; each hook points to the module that has the answer."""

from __future__ import annotations

from linli.plugin import hookimpl


@hookimpl
def graphql() -> object:
    """Node types, queries and mutations."""
    from linli_venture.graphql import CONTRIBUTION

    return CONTRIBUTION
