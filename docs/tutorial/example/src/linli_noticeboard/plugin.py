"""What the kernel asks this plugin when the process starts."""

from __future__ import annotations

from linli.plugin import hookimpl


@hookimpl
def graphql() -> object:
    """The node type and the mutations."""
    from linli_noticeboard.graphql import CONTRIBUTION

    return CONTRIBUTION
