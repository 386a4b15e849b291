"""The GraphQL interface as the composition knows it: claims, schemas, handlers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from litestar.types import ControllerRouterHandler

from linli.db.migrations import MigrationSet
from linli.http.metrics import Metric
from linli.i18n import TextSource, read_texts
from linli.jobs import Job
from linli.registry import PluginSet
from linli.runtime import Runtime
from linli_graphql import idempotency
from linli_graphql.compiled import Compiler
from linli_graphql.contribution import Contribution
from linli_graphql.exporting import export_job
from linli_graphql.schema import PluginSetSchema
from linli_graphql.tally import Tally

_SCHEMAS_MAX = 128


class GraphQLInterface:
    """One per composition. Makes the schema of a set of plugins when it is first asked for, and keeps it."""

    name = "graphql"

    def __init__(self) -> None:
        self.compiler = Compiler()
        self.tally = Tally()
        self._schemas: OrderedDict[str, PluginSetSchema] = OrderedDict()

    @property
    def migration_sets(self) -> tuple[MigrationSet, ...]:
        """The interface's own tables."""
        return (MigrationSet(app="graphql", package="linli_graphql.migrations", prefix="graphql_"),)

    @property
    def texts(self) -> tuple[TextSource, ...]:
        """The interface's own messages."""
        return (read_texts("graphql", Path(__file__).parent / "texts"),)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The interface's own jobs."""
        return (
            Job(name="graphql.purge_idempotency_keys", handler=idempotency.purge, schedule="41 3 * * *"),
            export_job(self.schema_for),
        )

    def claims(self, plugin: str, contribution: Any) -> Sequence[str]:
        """What a plugin's contribution claims: root fields, added fields and all types of its package.

        Raises: TypeError when it is not a `Contribution`; Strawberry's errors when no schema can be made of it.
        """
        if not isinstance(contribution, Contribution):
            raise TypeError(f"{plugin}: graphql() must return a linli_graphql.plugin.Contribution")
        schema = PluginSetSchema([kernel_contribution(), contribution])
        return tuple(dict.fromkeys([*contribution.claims(), *schema.types_of(contribution)]))

    def kernel_claims(self) -> Sequence[str]:
        """The names that the kernel's own API takes."""
        own = ("graphql field Query.node", "graphql field Query.nodes", "graphql type Node")
        return (*own, *kernel_contribution().claims())

    def schema_for(self, plugins: PluginSet) -> PluginSetSchema:
        """The schema of a set of plugins."""
        schema = self._schemas.get(plugins.key)
        if schema is None:
            added = [contribution for _plugin, contribution in plugins.contributions("graphql")]
            schema = PluginSetSchema([kernel_contribution(), *added])
            self._schemas[plugins.key] = schema
            if len(self._schemas) > _SCHEMAS_MAX:
                self._schemas.popitem(last=False)
        self._schemas.move_to_end(plugins.key)
        return schema

    def print_schema(self, plugins: PluginSet) -> str:
        """The schema of a set of plugins in the schema definition language."""
        return self.schema_for(plugins).text()

    def metrics(self) -> Sequence[Metric]:
        """What the API counts of itself."""
        return self.tally.metrics(self.compiler)

    def handlers(self, runtime: Runtime) -> Sequence[ControllerRouterHandler]:
        """The routes of the interface."""
        self.schema_for(
            runtime.composition.plugin_set(runtime.composition.names)
        )  # most tenants have this one
        from linli_graphql.graphiql import graphiql_handlers
        from linli_graphql.transport import graphql_handler

        return [graphql_handler(self, runtime), *graphiql_handlers()]


def kernel_contribution() -> Contribution:
    """The kernel's part of every schema."""
    from linli_graphql.kernel import CONTRIBUTION

    return CONTRIBUTION
