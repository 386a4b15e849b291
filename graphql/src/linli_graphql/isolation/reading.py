"""Everything that can be read, asked as tenant B: no trace of A, and A's ids answered like missing ones."""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLObjectType,
    get_named_type,
    is_required_argument,
)

from linli.context import PermissionDenied
from linli.testing.isolation import Seeded
from linli_graphql.cursors import InvalidCursor
from linli_graphql.declaration import NodeSpec
from linli_graphql.isolation.calls import Path
from linli_graphql.isolation.probe import Answer, SchemaProbe
from linli_graphql.naming import camel

_PAGE: Final = 100
_GARBAGE: Final = "AAAA"
_ANY_NODE: Final = ("node", "nodes")
_OUR_FAULTS: Final = ("internal", "database_busy", "graphql.validation_failed")


class ReadingAttack:
    """Asks every root field, relation, filter, order and cursor. `answered` are the fields that gave a value."""

    def __init__(self, probe: SchemaProbe) -> None:
        self.probe = probe
        self.answered: set[str] = set()
        self.findings: list[str] = []

    async def run(self) -> list[str]:
        """All that tells B of A, and every field that could not be asked; nothing when all is well."""
        for name in self.probe.query.fields:
            await self.root(name)
            await self.references(name)
        for spec in self.probe.specs.values():
            await self.listed(spec)
            await self.filtered(spec)
            if self.probe.across_tenants:
                await self.cursors(spec)
        if self.probe.across_tenants:
            self.findings += [f"{one} was never answered" for one in sorted(self.readable() - self.answered)]
        return self.findings

    def readable(self) -> set[str]:
        """Every field of every type that a query can reach, as `Type.field`."""
        found: set[str] = set()
        waiting: list[Any] = [self.probe.query]
        while waiting:
            kind = waiting.pop()
            if isinstance(kind, GraphQLObjectType) and kind.name + "." not in found:
                found.add(kind.name + ".")
                found |= {f"{kind.name}.{name}" for name in kind.fields}
                waiting += [get_named_type(item.type) for item in kind.fields.values()]
        nodes = (self.probe.schema.type_map[name] for name in self.probe.specs)
        assert all(kind.name + "." in found for kind in nodes)
        return {one for one in found if not one.endswith(".")}

    async def root(self, name: str) -> None:
        """B asks a root field with its own ids: it is answered, and without a trace of A."""
        refused = []
        candidates = self._own_ids(name)
        for given in candidates:
            call = self.probe.calls.build("query", name, given)
            answer = await self.probe.ask(call)
            self._check_traces(f"Query.{name}", answer)
            if answer.outcome.errors and not self._hidden_below(name, answer):
                refused.append(answer.text)
            else:
                self.answered |= call.selected
        about = self._about(name)
        if about is not None and self.probe.hides(about):
            return
        strict = about is not None or (name in _ANY_NODE and self.probe.across_tenants)
        if len(refused) == len(candidates) or (refused and strict):
            self.findings.append(f"Query.{name} is not answered to its own tenant: {refused[:2]}")

    def _hidden_below(self, name: str, answer: Answer) -> bool:
        """Whether the row was shown, and only what it leads to is refused: a node of the whole tenant."""
        shown = (answer.outcome.data or {}).get(name) is not None
        return (
            shown and not self.probe.across_tenants and set(answer.outcome.codes) == {PermissionDenied.code}
        )

    async def references(self, name: str) -> None:
        """For every id among a root field's arguments and every node: A's id and a missing one are alike."""
        for place in self.probe.calls.id_places(self.probe.query.fields[name]):
            for spec in self._asked_for(name):
                foreign = self.probe.foreign(spec)
                if foreign is None:
                    if self.probe.across_tenants:
                        self.findings.append(f"{spec.name}: there is no row to ask for")
                    continue
                light = self._about(name) is not spec
                pair = (foreign, self.probe.missing(spec))
                texts = [await self._asked(name, place, one, light=light) for one in pair]
                if texts[0] != texts[1]:
                    where = ".".join(map(str, place))
                    self.findings.append(
                        f"Query.{name}({where}: {spec.name}): {texts[0]} but missing: {texts[1]}"
                    )

    async def listed(self, spec: NodeSpec) -> None:
        """In every order, a list and its count have exactly the rows of B."""
        for order in self._orders(spec):
            given: dict[Path, Any] = {("first",): _PAGE, ("orderBy",): order}
            before = await self.probe.rows_of(self.probe.pair.b, spec)
            answer = await self.probe.ask(self.probe.calls.build("query", _plural(spec), given, light=True))
            after = await self.probe.rows_of(self.probe.pair.b, spec)  # reading may itself be audited
            if self.probe.hides(spec) and answer.outcome.codes == [PermissionDenied.code]:
                continue
            page = answer.outcome[_plural(spec)]
            ids = {edge["node"]["id"] for edge in page["edges"]}
            if not len(before) <= page["totalCount"] <= len(after) or not ids <= after:
                self.findings.append(f"{spec.plural} by {order}: {page['totalCount']} of {len(after)} rows")
            self._check_traces(f"{spec.plural} by {order}", answer)

    async def filtered(self, spec: NodeSpec) -> None:
        """Every operator of every filter, with values that A's and B's rows share: only B's are found."""
        argument = self.probe.query.fields[_plural(spec)].args.get("filter")
        if argument is None:
            return
        kind = get_named_type(argument.type)
        assert isinstance(kind, GraphQLInputObjectType)
        for label, item in kind.fields.items():
            operators = get_named_type(item.type)
            assert isinstance(operators, GraphQLInputObjectType)
            for operator in operators.fields:
                place: Path = ("filter", label, operator)
                value = self._filter_value(spec, label, operator, operators)
                call = self.probe.calls.build(
                    "query", _plural(spec), {("first",): _PAGE, place: value}, light=True
                )
                answer = await self.probe.ask(call)
                name = f"{spec.plural}({label}.{operator})"
                self._check_traces(name, answer)
                if self.probe.hides(spec) and answer.outcome.codes == [PermissionDenied.code]:
                    continue
                if answer.outcome.errors:
                    self.findings.append(f"{name} cannot be asked: {answer.outcome.errors[:2]}")
                    continue
                page = answer.outcome[_plural(spec)]
                expected = await self.probe.rows_of(self.probe.pair.b, spec)
                if not {one["id"] for one in page["nodes"]} <= expected or page["totalCount"] > len(expected):
                    self.findings.append(f"{name}: finds rows that are not B's")

    async def cursors(self, spec: NodeSpec) -> None:
        """A's cursors, of the list in every order and of each relation, are garbage to B."""
        for order in self._orders(spec):
            await self._cursor(spec, _plural(spec), {("orderBy",): order}, None)
        for many in spec.manys.values():
            await self._cursor(spec, _single(spec), {}, camel(many.name))

    async def _cursor(self, spec: NodeSpec, root: str, given: dict[Path, Any], inner: str | None) -> None:
        a, b = self.probe.pair.a, self.probe.pair.b
        made = await self._page(a, spec, root, given, inner)
        page = made.outcome[root][inner] if inner else made.outcome[root]
        cursor = page["pageInfo"]["startCursor"]
        if cursor is None:
            return  # an empty relation gives no cursor
        for argument in ("after", "before"):
            place: Path = (f".{inner}", argument) if inner else (argument,)
            taken, garbage = [
                await self._page(b, spec, root, {**given, place: one}, inner) for one in (cursor, _GARBAGE)
            ]
            if set(taken.codes) != {InvalidCursor.code} or taken.text != garbage.text:
                name = f"{root}{f'.{inner}' if inner else ''}({argument})"
                self.findings.append(f"{name}: the other's cursor gives {taken.text}, garbage {garbage.text}")

    async def _page(
        self, seeded: Seeded, spec: NodeSpec, root: str, given: dict[Path, Any], inner: str | None
    ) -> Answer:
        """A page of a list, or with `inner` of a relation of the tenant's own row."""
        own: dict[Path, Any] = {("id",): self.probe.own(seeded, spec)} if inner else {}
        call = self.probe.calls.build("query", root, {**given, **own}, light=inner is None)
        return await self.probe.ask(call, seeded=seeded)

    async def _asked(self, name: str, place: Path, value: str, *, light: bool) -> str:
        call = self.probe.calls.build("query", name, {place: value}, light=light)
        answer = await self.probe.ask(call)
        if set(answer.codes) & set(_OUR_FAULTS):
            self.findings.append(f"{name}: a fault of our own: {answer.text}")
        return answer.text.replace(value, "…")

    def _about(self, name: str) -> NodeSpec | None:
        """The node of which a root field gives one or a list; None for `node`, `nodes` and a plugin's own queries."""
        return next(
            (spec for spec in self.probe.specs.values() if name in (_single(spec), _plural(spec))), None
        )

    def _asked_for(self, name: str) -> list[NodeSpec]:
        """The nodes whose ids are tried in a field: all, or where the field's own node is known, what it refers to."""
        spec = self._about(name)
        every = list(self.probe.specs.values())
        if spec is None:
            return every
        wanted = [spec, self.probe.specs["Area"], *(one.target() for one in spec.ones.values())]
        unrelated = next(one for one in every if one not in wanted)
        return list({one.name: one for one in (*wanted, unrelated)}.values())

    def _own_ids(self, name: str) -> list[dict[Path, Any]]:
        """B's ids for a root field: of its own node for a single one, of every node otherwise, and none at all."""
        b = self.probe.pair.b
        found = self.probe.query.fields[name]
        places = [place for place in self.probe.calls.id_places(found) if place[0] != "filter"]
        spec = self._about(name)
        if not places:
            return [{}]
        if spec is not None:
            return [{place: self.probe.own(b, spec, v) for place in places} for v in _variants(b, spec)]
        given: list[dict[Path, Any]] = [
            {place: self.probe.own(b, one) for place in places} for one in self.probe.specs.values()
        ]
        optional = not any(is_required_argument(found.args[str(place[0])]) for place in places)
        return [*([{}] if optional else []), *given]

    def _orders(self, spec: NodeSpec) -> list[str]:
        kind = get_named_type(self.probe.query.fields[_plural(spec)].args["orderBy"].type)
        assert isinstance(kind, GraphQLEnumType)
        return list(kind.values)

    def _filter_value(self, spec: NodeSpec, label: str, operator: str, kind: GraphQLInputObjectType) -> Any:
        """A value that the seeded rows have; references are B's own."""
        item = kind.fields[operator]
        many = str(item.type).startswith("[")
        named = get_named_type(item.type)
        if named.name == "ID":
            one = next((ref for ref in spec.ones.values() if camel(ref.name) == label), None)
            target = one.target() if one else self.probe.specs["Area"]
            value: Any = self.probe.own(self.probe.pair.b, target)
        else:
            column = next(held.column for held in spec.columns.values() if camel(held.name) == label)
            value = _plain(self.probe.pair.a.rows[spec.table_name][1][column])
            if isinstance(named, GraphQLEnumType):
                value = next((key for key, one in named.values.items() if _plain(one.value) == value), None)
            if value is None:
                value = self.probe.calls.value(named, (label,), {})
        return [value] if many else value

    def _check_traces(self, name: str, answer: Answer) -> None:
        if set(answer.codes) & set(_OUR_FAULTS):
            self.findings.append(f"{name}: a fault of our own: {answer.text}")
        found = self.probe.betrays(answer)
        if found:
            self.findings.append(f"{name}: shows {found[:3]} of the other tenant")


def _variants(seeded: Seeded, spec: NodeSpec) -> list[int]:
    return sorted(seeded.rows.get(spec.table_name, {}))


def _plural(spec: NodeSpec) -> str:
    return camel(spec.plural)


def _single(spec: NodeSpec) -> str:
    return spec.name[0].lower() + spec.name[1:]


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date | datetime) else value
