"""What the kernel asks this plugin at start."""

from __future__ import annotations

from linli.plugin import hookimpl


@hookimpl
def graphql() -> object:
    """One node type, and a connection of it on the people of the register."""
    from linli_benchpoints.graphql import CONTRIBUTION

    return CONTRIBUTION
