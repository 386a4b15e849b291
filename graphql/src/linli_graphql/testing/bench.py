"""Runs documents against the schema of a tenant, as an actor of the test's choice."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest
from graphql import OperationDefinitionNode, parse

from linli.context import Actor
from linli.runtime import Runtime
from linli.settings import Settings
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli_graphql.compiled import Compiler
from linli_graphql.documents import DocumentCache
from linli_graphql.execution import ordinary
from linli_graphql.interface import GraphQLInterface
from linli_graphql.refusals import DocumentRefused, all_formatted, shown
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a document gave: the data, the formatted errors, and how many statements its reads took."""

    data: dict[str, Any] | None
    errors: list[dict[str, Any]]
    statements: int

    @property
    def codes(self) -> list[str]:
        """The codes of the errors."""
        return [error["extensions"]["code"] for error in self.errors]

    def __getitem__(self, field: str) -> Any:
        """The value of a root field; fails the test when there are errors."""
        assert not self.errors, self.errors
        assert self.data is not None
        return self.data[field]


class GraphQLBench:
    """Executes documents in the way the transport does, without HTTP.

    With `audits_reads` off, looking at administrative data leaves no trace, so that two runs read the same.
    """

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.documents = DocumentCache()
        self.interface = next(
            one for one in bench.composition.interfaces if isinstance(one, GraphQLInterface)
        )
        self.compiler = Compiler()
        self.audits_reads = True
        self.runtime = Runtime(
            settings=Settings(data_dir=Path(), secret_key="graphql-test"),  # noqa: S106 (signs test cursors)
            database=bench.database,
            catalogue=bench.catalogue,
            composition=bench.composition,
        )

    async def execute(
        self,
        tenant: Tenant,
        actor: Actor,
        document: str,
        variables: dict[str, Any] | None = None,
        *,
        locale: str = "zh-CN",
    ) -> Outcome:
        """Run a document in the tenant's present schema."""
        schema, request = await self._request(tenant, actor, locale)
        try:
            prepared = self.documents.get(schema._schema, document)
            result = await ordinary(schema, request, prepared, variables or {})
            translate = await request.translator()
            errors = all_formatted(result.errors or [], translate, "test")
            await self._finish(request)
        except DocumentRefused as refused:
            translate = await request.translator()
            return Outcome(None, [shown(fault, translate, "test") for fault in refused.faults], 0)
        finally:
            await request.close()
        return Outcome(result.data, errors, request.statements)

    async def compiled(
        self, tenant: Tenant, actor: Actor, document: str, variables: dict[str, Any] | None = None
    ) -> CompiledOutcome:
        """Run a document by the read compiler alone."""
        schema, request = await self._request(tenant, actor, "zh-CN")
        parsed = parse(document)
        operation = next(one for one in parsed.definitions if isinstance(one, OperationDefinitionNode))
        body = await self.compiler.answer(request, schema, parsed, operation, variables)
        await self._finish(request)
        return CompiledOutcome(None if body is None else msgspec.json.decode(body), request.statements)

    async def _finish(self, request: GraphQLRequest) -> None:
        if self.audits_reads:
            await request.finish()
        else:
            await request.close()

    async def _request(
        self, tenant: Tenant, actor: Actor, locale: str
    ) -> tuple[PluginSetSchema, GraphQLRequest]:
        tenant = await self.bench.catalogue.by_id(tenant.id)
        plugins = self.bench.composition.plugin_set(tenant.plugins)
        schema = self.interface.schema_for(plugins)
        request = GraphQLRequest(
            runtime=self.runtime,
            tenant=tenant,
            actor=actor,
            plugins=plugins,
            locale=locale,
            request_id="test",
            specs=schema.specs,
            schema=schema,
        )
        return schema, request


@dataclass(frozen=True, slots=True)
class CompiledOutcome:
    """What the read compiler gave: None when it left the document to the ordinary executor."""

    data: dict[str, Any] | None
    statements: int


@pytest.fixture
def api(bench: Bench) -> GraphQLBench:
    """Runs documents against tenants of the `bench`."""
    return GraphQLBench(bench)
