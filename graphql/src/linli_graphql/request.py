"""One GraphQL request: who asks, the read-only unit of work, and the loaders that batch its reads."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, suppress
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from strawberry.dataloader import DataLoader

from linli.audit.record import Change, record
from linli.db.failures import DatabaseBusy
from linli.db.unit_of_work import UnitOfWork
from linli.plugin import Actor, Context
from linli.registry import PluginSet
from linli.runtime import Runtime
from linli.tenancy.catalogue import Tenant
from linli.tenancy.wording import tenant_catalogue
from linli_graphql.connections import Page
from linli_graphql.declaration import NodeSpec
from linli_graphql.lists import list_request
from linli_graphql.problems import Translate
from linli_graphql.reading import Row, read_by_ids, read_pages

if TYPE_CHECKING:
    from linli_graphql.schema import PluginSetSchema

READ_TIMEOUT_S = 10.0


class GraphQLRequest(msgspec.Struct, eq=False):
    """The context value of an execution. `close()` ends its unit of work.

    `administrative` are the tables of which reading is to be audited.
    """

    runtime: Runtime
    tenant: Tenant
    actor: Actor
    plugins: PluginSet
    locale: str = "zh-CN"
    request_id: str = ""
    origin: str = ""
    specs: dict[str, NodeSpec] = {}
    schema: PluginSetSchema | None = None
    statements: int = 0
    _translate: Translate | None = None
    administrative: set[str] = set()
    _stack: AsyncExitStack | None = None
    _context: Context | None = None
    _opening: asyncio.Lock | None = None
    _loaders: dict[object, DataLoader[Any, Any]] = {}

    async def translator(self) -> Translate:
        """Messages in the caller's language and the tenant's wording; read when first something is refused."""
        if self._translate is None:
            texts = self.plugins.texts
            with suppress(DatabaseBusy):
                async with self.runtime.database.unit_of_work(self.tenant.id, read_only=True) as unit:
                    texts = await tenant_catalogue(self.context_in(unit))
            self._translate = Translate(texts, self.locale)
        return self._translate

    @property
    def viewer(self) -> Context:
        """The context of reads; there is one once something was read."""
        assert self._context is not None, "nothing was read yet"
        return self._context

    def today(self) -> date:
        """The day that it is in the tenant, also while nothing was read yet."""
        return self.runtime.clock.now().astimezone(ZoneInfo(self.tenant.time_zone)).date()

    async def reading(self) -> Context:
        """The context of reads, in one read-only transaction that is opened at first use."""
        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._context is None:
                self._stack = AsyncExitStack()
                unit = await self._stack.enter_async_context(
                    self.runtime.database.unit_of_work(
                        self.tenant.id, read_only=True, statement_timeout_s=READ_TIMEOUT_S
                    )
                )
                self._context = self.context_in(unit)
            return self._context

    def context_in(self, unit: UnitOfWork) -> Context:
        """A context of this request in a unit of work."""
        return self.runtime.context(
            self.tenant,
            self.actor,
            unit,
            locale=self.locale,
            request_id=self.request_id,
            origin=self.origin,
        )

    async def load(self, spec: NodeSpec, row_id: UUID) -> Row | None:
        """One row; the rows of a level are read together."""
        self.note(spec)
        key = ("one", spec.name)
        if key not in self._loaders:

            async def read(ids: Sequence[UUID]) -> Sequence[Row | None]:
                return await read_by_ids(await self.reading(), spec, list(ids))

            self._loaders[key] = DataLoader(load_fn=read)
        found: Row | None = await self._loaders[key].load(row_id)
        return found

    async def load_page(
        self,
        name: str,
        spec: NodeSpec,
        arguments: dict[str, Any],
        parent_column: str | None,
        parent_id: UUID | None,
    ) -> Page:
        """A page of a list; the pages of all parents of a level are read together."""
        self.note(spec)
        request = list_request(
            name,
            spec,
            arguments,
            secret=self.runtime.settings.secret_key,
            tenant=str(self.tenant.id),
            parent=parent_column,
        )
        if parent_id is None:
            return (await read_pages(await self.reading(), request, None))[0]
        key = ("page", name, repr(sorted(arguments.items(), key=lambda item: item[0])))
        if key not in self._loaders:

            async def read(parents: Sequence[UUID]) -> Sequence[Page]:
                return await read_pages(await self.reading(), request, list(parents))

            self._loaders[key] = DataLoader(load_fn=read)
        page: Page = await self._loaders[key].load(parent_id)
        return page

    async def load_value(
        self, name: str, read: Callable[[Context, Sequence[UUID]], Awaitable[Sequence[Any]]], row_id: UUID
    ) -> Any:
        """What `read` gives for a row; the rows of a level are asked for together, in one call. For computed fields."""
        key = ("value", name)
        if key not in self._loaders:

            async def load(ids: Sequence[UUID]) -> Sequence[Any]:
                context = await self.reading()
                with context.db.active():
                    return await read(context, list(ids))

            self._loaders[key] = DataLoader(load_fn=load)
        return await self._loaders[key].load(row_id)

    async def finish(self) -> None:
        """End the request: close it, and enter in the audit trail which administrative nodes were read."""
        await self.close()
        if not self.administrative:
            return
        async with self.runtime.database.unit_of_work(self.tenant.id) as unit:
            for table in sorted(self.administrative):
                await record(self.context_in(unit), Change("read", table))
        self.administrative.clear()

    def note(self, spec: NodeSpec) -> None:
        """Remember that a node is read: reading an administrative one is itself audited."""
        if spec.administrative:
            self.administrative.add(spec.table_name)

    async def close(self) -> None:
        """End the read-only transaction and forget what was loaded; a later read begins anew."""
        self._loaders.clear()
        if self._opening is None:
            return  # nothing was read through it
        async with self._opening:
            if self._context is not None:
                self.statements += self._context.db.statements
            self._context = None
            stack, self._stack = self._stack, None
            if stack is not None:
                await stack.aclose()
