"""What an actor sees of nodes: found out by every way that the API has, which must all agree.

A test says who may see what; this asks by lists in every order, counts, cursors, filters, sums, single look-ups,
fields and relations, and fails when two of them tell of different rows.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from linli.context import Actor
from linli.tenancy.catalogue import Tenant
from linli_graphql.declaration import NodeSpec, OneSpec, ValueKind
from linli_graphql.ids import NODES_MAX
from linli_graphql.naming import camel
from linli_graphql.testing.bench import GraphQLBench
from linli_graphql.testing.questions import (
    ROWS_MAX,
    Ask,
    column_of,
    filter_text,
    global_id,
    listing,
    orders,
    packed,
    together,
)

_DENIED: Final = "permission_denied"
_PAGE: Final = "totalCount pageInfo { startCursor endCursor } nodes { id }"
_IDS: Final = "totalCount nodes { id }"
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an actor sees: the ids of the rows of each node, as `<node>_<uuid>`.

    `links` says of each relation that leads out of the nodes whether it showed anything; `answers` is all that was
    answered, and `cursors` has an order of each node's list with a cursor of it.
    """

    ids: dict[str, frozenset[str]] = field(default_factory=dict)
    links: dict[tuple[str, str], bool] = field(default_factory=dict)
    answers: list[Any] = field(default_factory=list)
    cursors: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """All that was answered, as one text."""
        return json.dumps(self.answers, ensure_ascii=False)


class Sight:
    """Looks at nodes of a tenant, of which `rows` has all that the database has: at most 100 of each node."""

    def __init__(
        self, api: GraphQLBench, tenant: Tenant, specs: Mapping[str, NodeSpec], rows: Rows, *, at: str = ""
    ) -> None:
        self._api = api
        self._tenant = tenant
        self._specs = specs
        self._rows = rows
        self._at = at

    async def of(
        self,
        actor: Actor,
        *,
        cursors: Mapping[str, tuple[str, str]] | None = None,
        filters: bool = True,
    ) -> Seen:
        """What an actor sees; `cursors` are those of somebody else, which are tried as well.

        Filters, half of the work, may be left out where the same rows are looked at again.
        """
        seen = Seen()
        await self._lists(actor, seen)
        await self._sums(actor, seen)
        if filters:
            await self._filters(actor, seen)
        await self._look_ups(actor, seen)
        await self._fields(actor, seen)
        await self._connections(actor, seen)
        await self._foreign_cursors(actor, seen, cursors or {})
        return seen

    async def _lists(self, actor: Actor, seen: Seen) -> None:
        """Every order has the same rows, as many as are counted, and cursors only where there are rows."""
        asks = [listing(spec, order, _PAGE) for spec in self._specs.values() for order in orders(spec)]
        found: dict[str, frozenset[str]] = {}
        async for ask, page in self._asked(actor, asks):
            ids = _ids(page)
            at = (self._at, ask.spec.name, ask.key)
            assert found.setdefault(ask.spec.name, ids) == ids, at
            if page is not None:
                assert page["totalCount"] == len(ids), at
                assert (page["pageInfo"]["startCursor"] is not None) is bool(ids), at
                assert (page["pageInfo"]["endCursor"] is not None) is bool(ids), at
            if ids:
                seen.cursors[ask.spec.name] = ask.key, page["pageInfo"]["startCursor"]
        seen.ids.update(found)

    async def _sums(self, actor: Actor, seen: Seen) -> None:
        """Groups count, and add up, the rows that are seen and nothing else."""
        asks = []
        for spec in self._specs.values():
            for group in ("", *spec.groups) if spec.groups or spec.sums else ():
                monthly = group in spec.columns and spec.columns[group].kind in (
                    ValueKind.DATE,
                    ValueKind.MOMENT,
                )
                by = f"(groupBy: {group.upper()}{'_MONTH' if monthly else ''})" if group else ""
                text = f"{camel(spec.plural)}Aggregate{by} {{ count sums {{ name value }} }}"
                asks.append(Ask(spec, f"{camel(spec.plural)}Aggregate", text, group))
        async for ask, groups in self._asked(actor, asks):
            rows = self._visible(ask.spec, seen)
            at = (self._at, ask.spec.name, ask.key)
            assert sum(one["count"] for one in groups or ()) == len(rows), at
            told: Counter[str] = Counter()
            for group in groups or ():
                told.update({one["name"]: one["value"] for one in group["sums"]})
            for name in ask.spec.sums:
                column = ask.spec.columns[name].column
                assert told[camel(name)] == sum(row[column] for row in rows), (*at, name)

    async def _filters(self, actor: Actor, seen: Seen) -> None:
        """A filter finds of the rows that are seen those that have the value, and none of the others."""
        asks = []
        for spec in self._specs.values():
            for name in spec.filters:
                values = dict.fromkeys(row[column_of(spec, name)] for row in self._rows[spec.name])
                tried = 2 if seen.ids[spec.name] else 1
                for value in [one for one in values if one not in (None, "")][:tried]:
                    text = f"{camel(spec.plural)}(first: 100, filter: {filter_text(spec, name, value)}) {{ {_IDS} }}"
                    asks.append(Ask(spec, camel(spec.plural), text, (name, value)))
        async for ask, page in self._asked(actor, asks):
            name, value = ask.key
            column = column_of(ask.spec, name)
            rows = self._visible(ask.spec, seen)
            later = ask.spec.columns[name].kind is ValueKind.MOMENT if name in ask.spec.columns else False
            held = [
                row
                for row in rows
                if row[column] is not None and (row[column] >= value if later else row[column] == value)
            ]
            at = (self._at, ask.spec.name, name)
            assert _ids(page) == {global_id(ask.spec, row["id"]) for row in held}, at
            assert page is None or page["totalCount"] == len(held), at

    async def _look_ups(self, actor: Actor, seen: Seen) -> None:
        """An id leads to a row that is seen; every other is answered like one that does not exist."""
        groups: dict[tuple[str | None, bool], list[str]] = {}
        for spec in self._specs.values():
            own = [global_id(spec, row["id"]) for row in self._rows[spec.name]]
            groups.setdefault(together(spec), []).extend(own)
        found: set[str] = set()
        for named in groups.values():
            for start in range(0, len(named), NODES_MAX):
                given = {"ids": named[start : start + NODES_MAX]}
                document = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
                answer = await self._run(actor, document, given=given)
                found |= {one["id"] for one in (answer and answer["nodes"]) or () if one}
        assert found == set().union(*seen.ids.values()), self._at
        asks = []
        for spec in self._specs.values():
            own = [global_id(spec, row["id"]) for row in self._rows[spec.name]]
            hidden = [one for one in own if one not in found]
            for one in (hidden or own)[-1:]:
                single = spec.name[0].lower() + spec.name[1:]
                asks.append(Ask(spec, single, f'{single}(id: "{one}") {{ id }}', one))
        one_of_each = {together(ask.spec): ask for ask in asks}.values()
        asks += [replace(ask, name="node", text=f'node(id: "{ask.key}") {{ id }}') for ask in one_of_each]
        async for ask, row in self._asked(actor, asks):
            assert bool(row) is (ask.key in found), (self._at, ask.name, ask.key)

    async def _fields(self, actor: Actor, seen: Seen) -> None:
        """A row that is seen has its values; a relation leads only to what is seen."""
        for spec in self._specs.values():
            rows = {global_id(spec, row["id"]): row for row in self._visible(spec, seen)}
            seen.links.update(
                {(spec.name, name): False for name, one in spec.ones.items() if self._leaves(one)}
            )
            if not rows:
                continue
            led = [f"{camel(name)} {{ id }}" for name in spec.ones]
            text = " ".join(["id", *(camel(name) for name in spec.columns), *led])
            document = f"{{ {camel(spec.plural)}(first: {ROWS_MAX}) {{ nodes {{ {text} }} }} }}"
            found = await self._run(actor, document, twice=True)
            seen.answers.append(found)
            nodes = found[camel(spec.plural)]["nodes"] if found else []
            assert {one["id"] for one in nodes} == rows.keys(), (self._at, spec.name)
            for node in nodes:
                row = rows[node["id"]]
                for name, column in spec.columns.items():
                    told = node[camel(name)] is not None
                    assert told is (row[column.column] is not None), (self._at, spec.name, name)
                for name, one in spec.ones.items():
                    told = node[camel(name)] is not None
                    if self._leaves(one):
                        seen.links[spec.name, name] |= told
                        continue
                    target = one.target()
                    there = row[one.column] is not None
                    may = there and global_id(target, row[one.column]) in seen.ids[target.name]
                    assert told is may, (self._at, spec.name, name)

    async def _connections(self, actor: Actor, seen: Seen) -> None:
        """A connection of a row has those rows that are seen and belong to it."""
        for spec in self._specs.values():
            if not seen.ids[spec.name]:
                continue
            for name, many in spec.manys.items():
                target = many.target()
                inner = f"id {camel(name)}(first: 50) {{ {_IDS} }}"
                document = f"{{ {camel(spec.plural)}(first: {ROWS_MAX}) {{ nodes {{ {inner} }} }} }}"
                found = await self._run(actor, document, twice=True)
                at = (self._at, spec.name, name)
                if found is None:
                    assert not seen.ids.get(target.name), at
                    continue
                seen.answers.append(found)
                for node in found[camel(spec.plural)]["nodes"]:
                    page = node[camel(name)]
                    assert page["totalCount"] == len(_ids(page)), at
                    if target.name in self._specs:
                        own = [
                            global_id(target, row["id"])
                            for row in self._rows[target.name]
                            if global_id(spec, row[many.column]) == node["id"]
                        ]
                        assert _ids(page) == seen.ids[target.name] & set(own), at

    async def _foreign_cursors(
        self, actor: Actor, seen: Seen, cursors: Mapping[str, tuple[str, str]]
    ) -> None:
        """Somebody else's cursor leads to nothing that is not seen anyway."""
        asks = []
        for name, (order, cursor) in cursors.items():
            spec, by = self._specs[name], f", orderBy: {order}" if order else ""
            text = f'{camel(spec.plural)}(first: 100, after: "{cursor}"{by}) {{ {_IDS} }}'
            asks.append(Ask(spec, camel(spec.plural), text, order))
        async for ask, page in self._asked(actor, asks):
            ids = seen.ids[ask.spec.name]
            assert _ids(page) <= ids, (self._at, ask.spec.name)
            assert page is None or page["totalCount"] == len(ids), (self._at, ask.spec.name)

    def _leaves(self, one: OneSpec) -> bool:
        return one.target().name not in self._specs

    def _visible(self, spec: NodeSpec, seen: Seen) -> list[Mapping[str, Any]]:
        ids = seen.ids[spec.name]
        return [row for row in self._rows[spec.name] if global_id(spec, row["id"]) in ids]

    async def _asked(self, actor: Actor, asks: Iterable[Ask]) -> Any:
        """The answer to each, None where it is refused; as many in one document as go together."""
        for pack in packed(asks):
            document = "{ " + " ".join(f"a{place}: {ask.text}" for place, ask in enumerate(pack)) + " }"
            found = await self._run(actor, document)
            for place, ask in enumerate(pack):
                yield ask, None if found is None else found[f"a{place}"]

    async def _run(
        self, actor: Actor, document: str, *, twice: bool = False, given: Mapping[str, Any] | None = None
    ) -> Any:
        """What is answered, with `twice` by both ways of reading alike; what is refused is null in it."""
        outcome = await self._api.execute(self._tenant, actor, document, dict(given or {}))
        if outcome.errors:
            assert set(outcome.codes) == {_DENIED}, (self._at, document, outcome.errors)
        elif twice:
            compiled = await self._api.compiled(self._tenant, actor, document)
            assert compiled.data is None or compiled.data == outcome.data, (self._at, document)
        return outcome.data


def _ids(page: Any) -> frozenset[str]:
    return frozenset(one["id"] for one in page["nodes"]) if page else frozenset()
