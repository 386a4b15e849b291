"""`linli schema`: the API's schema of a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

import click

from linli.cli.session import tenant_of, with_runtime
from linli.errors import Unavailable

if TYPE_CHECKING:
    from linli.registry import PluginSet
    from linli.runtime import Runtime


class NoInterface(Unavailable):
    """No interface that has a schema is installed."""

    code = "cli.no_interface"


@runtime_checkable
class PrintsSchema(Protocol):
    """An interface that can print its schema for a set of plugins."""

    def print_schema(self, plugins: PluginSet, /) -> str:
        """The schema in GraphQL's schema language."""
        ...


@click.group()
def schema() -> None:
    """The GraphQL schema."""


@schema.command("print")
@click.option("--tenant", "slug", required=True, metavar="SLUG")
def print_(slug: str) -> None:
    """Print the schema of a tenant: the types of the plugins that it has switched on."""

    async def work(runtime: Runtime) -> str:
        tenant = await tenant_of(runtime, slug)
        plugin_set = runtime.composition.plugin_set(tenant.plugins)
        for interface in runtime.composition.interfaces:
            if isinstance(interface, PrintsSchema):
                return interface.print_schema(plugin_set)
        raise NoInterface()

    click.echo(with_runtime(work))
