"""Two tenants seen through the API: asks as one or the other, with every permission, and compares answers."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, ClassVar, Final
from uuid import UUID

from graphql import GraphQLObjectType

from linli.context import Actor
from linli.db.database import Database
from linli.db.unit_of_work import UnitOfWork
from linli.ids import new_id
from linli.testing.isolation import Pair, Seeded
from linli.testing.isolation.attacks import undone
from linli.testing.isolation.pair import VARIANTS
from linli.testing.isolation.values import candidates
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import to_global_id
from linli_graphql.isolation.calls import Call, Calls
from linli_graphql.naming import camel
from linli_graphql.testing import GraphQLBench, Outcome

_OTHER_VARIANT: Final = 9  # of values that no seeded row has

# What the kernel's rules want and no check constraint tells.
KERNEL_VALUES: Final[Mapping[str, Any]] = {
    "scopes": ["areas.area.read"],
    "permissions": ["areas.area.read"],
    "password": "Isolation-2024",
    "value": 5,
    "name": "试验九",
    "text": "x1",
    "code": "x1",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What a call gave, ready to be compared: without request ids, and with the asked-for ids made alike."""

    text: str
    outcome: Outcome

    @property
    def problems(self) -> list[Mapping[str, Any]]:
        """The problems of a mutation's payload."""
        payloads = [value for value in (self.outcome.data or {}).values() if isinstance(value, dict)]
        return [problem for payload in payloads for problem in payload.get("problems", ())]

    @property
    def codes(self) -> list[str]:
        """The codes of all refusals, in payload and errors."""
        return [*(problem["code"] for problem in self.problems), *self.outcome.codes]


class SchemaProbe:
    """The full plugin set's schema over a pair of tenants, asked by B about what is A's.

    With `compiled`, the read compiler answers what it can, as it does over HTTP; `compiled_answers` counts that.
    """

    across_tenants: ClassVar[bool] = True

    def __init__(
        self, pair: Pair, *, values: Mapping[str, Any] | None = None, compiled: bool = False
    ) -> None:
        self.pair = pair
        self.compiled = compiled
        self.compiled_answers = 0
        self.api = GraphQLBench(pair.bench)
        plugins = pair.composition.plugin_set(pair.composition.names)
        made = self.api.interface.schema_for(plugins)
        self.schema = made._schema
        self.specs: Mapping[str, NodeSpec] = made.specs
        self.permissions = frozenset(plugins.permissions)
        self.calls = Calls(
            self.schema, self.specs, values={**KERNEL_VALUES, **(values or {})}, texts=self._column_texts()
        )
        self._undoing = GraphQLBench(pair.bench)
        self._undoing.runtime = dataclasses.replace(self.api.runtime, database=_Undoing(pair.database))

    @property
    def query(self) -> GraphQLObjectType:
        """The type of all root fields that read."""
        assert self.schema.query_type is not None
        return self.schema.query_type

    @property
    def mutation(self) -> GraphQLObjectType:
        """The type of all root fields that write."""
        assert self.schema.mutation_type is not None
        return self.schema.mutation_type

    def actor(self, seeded: Seeded, *, area_path: str = "") -> Actor:
        """An account of a tenant with every permission there is, at the whole tenant or one area."""
        actor = self.pair.bench.actor(
            self.permissions, area_path=area_path, account_id=seeded.id_in("identity_account")
        )
        return dataclasses.replace(actor, person_id=seeded.id_in("identity_person"))

    async def ask(
        self, call: Call, *, seeded: Seeded | None = None, actor: Actor | None = None, undo: bool = False
    ) -> Answer:
        """Run a call, as tenant B with every permission by default; with `undo` nothing of it stays."""
        seeded = seeded or self.pair.b
        bench = self._undoing if undo else self.api
        actor = actor or self.actor(seeded)
        if self.compiled:
            fast = await bench.compiled(seeded.tenant, actor, call.document, call.variables)
            if fast.data is not None:
                self.compiled_answers += 1
                outcome = Outcome(fast.data, [], fast.statements)
                return Answer(_canonical(outcome), outcome)
        outcome = await bench.execute(seeded.tenant, actor, call.document, call.variables)
        return Answer(_canonical(outcome), outcome)

    def own(self, seeded: Seeded, spec: NodeSpec, variant: int = 1) -> str | None:
        """The global id of a seeded row of a node, or None when the table holds none."""
        row_id = seeded.id_in(spec.table_name, variant)
        return None if row_id is None else to_global_id(spec.name, row_id)

    @staticmethod
    def missing(spec: NodeSpec) -> str:
        """A well-formed id of a node that nobody has."""
        return to_global_id(spec.name, new_id())

    def hides(self, spec: NodeSpec) -> bool:
        """Whether a list of the node may be refused although the account holds its permission: never, here."""
        return False

    def foreign(self, spec: NodeSpec) -> str | None:
        """The global id of a row that must stay hidden: of tenant A."""
        return self.own(self.pair.a, spec)

    async def fingerprint(self) -> Mapping[str, str]:
        """A hash of all that must stay unchanged, by table."""
        return await self.pair.fingerprint(self.pair.a)

    @cached_property
    def traces(self) -> tuple[str, ...]:
        """Texts that only what must stay hidden has: ids as they are and as global ids, the tenant's own."""
        a = self.pair.a
        ids = [row["id"] for rows in a.rows.values() for row in rows.values() if "id" in row]
        seeded = [one for spec in self.specs.values() for v in VARIANTS if (one := self.own(a, spec, v))]
        return (*seeded, *(str(one) for one in ids), str(a.tenant.id), a.tenant.slug)

    def betrays(self, answer: Answer) -> list[str]:
        """The traces of tenant A in an answer."""
        return [trace for trace in self.traces if trace in answer.text]

    async def rows_of(self, seeded: Seeded, spec: NodeSpec) -> set[str]:
        """The global ids of all rows of a node that a tenant has now, but for those that are sealed to the account."""
        unsealed, person = self.unsealed(seeded, spec, "$2")
        sql = f"select t.id from {spec.table_name} t where t.tenant_id = $1{unsealed}"
        async with undone(self.pair.database, seeded.tenant.id) as db:
            rows = await db.fetch(sql, seeded.tenant.id, *person)
        return {to_global_id(spec.name, UUID(bytes=row["id"].bytes)) for row in rows}

    def unsealed(self, seeded: Seeded, spec: NodeSpec, place: str) -> tuple[str, list[UUID | None]]:
        """The condition that a row is not sealed to the account, and its parameter: the account's person at `place`."""
        if spec.sealed_column is None:
            return "", []
        owned = spec.owned("t", place)
        return f" and (not t.{spec.sealed_column} or {owned})", [self.actor(seeded).person_id]

    def _column_texts(self) -> dict[str, str]:
        """For names of text columns a value that the table's checks accept."""
        found: dict[str, str] = {}
        for table in self.pair.tables.values():
            for column in table.columns:
                if column.type == "text":
                    values = candidates(column, table.checks, _OTHER_VARIANT)
                    text = next(str(one) for one in values if one)
                    found.setdefault(camel(column.name), text)
        return found


class _Undoing(Database):
    """The same pools, but no unit of work of a tenant is ever committed."""

    def __init__(self, inner: Database) -> None:
        self.__dict__.update(inner.__dict__)
        self._inner = inner

    @asynccontextmanager
    async def unit_of_work(self, tenant_id: UUID, **options: Any) -> AsyncIterator[UnitOfWork]:
        """A unit of work that is rolled back at its end."""
        async with undone(self._inner, tenant_id) as db:
            yield db


def _canonical(outcome: Outcome) -> str:
    errors = [
        {"message": one["message"], "code": one["extensions"]["code"], "path": one.get("path")}
        for one in outcome.errors
    ]
    return json.dumps(
        {"data": outcome.data, "errors": errors}, ensure_ascii=False, sort_keys=True, default=str
    )
