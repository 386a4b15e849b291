"""Every mutation, called as tenant B with ids of A: refused like missing ones, and nothing of A is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from graphql import get_named_type

from linli.ids import new_id
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import InvalidId
from linli_graphql.isolation.calls import CannotBuild, Path
from linli_graphql.isolation.probe import Answer, SchemaProbe
from linli_graphql.naming import snake

_KEY: Final = "isolation"
_OUR_FAULTS: Final = ("internal", "database_busy", "graphql.validation_failed")


class MutationAttack:
    """Calls every mutation for every id in its arguments.

    `called` are the mutations that were called; `vacuous` the ids for which even B's own row gives the answer of
    a missing one, so that the comparison says nothing: give better `values` to the probe, or in `own` the id of
    a better row of B for a place such as `enrolVolunteer(input.activityId)`, which is then filled in every call.
    """

    def __init__(self, probe: SchemaProbe, *, own: Mapping[str, str] | None = None) -> None:
        self.probe = probe
        self._given_own = own or {}
        self.called: set[str] = set()
        self.compared: set[str] = set()
        self.vacuous: set[str] = set()
        self.findings: list[str] = []

    async def run(self) -> list[str]:
        """All that tells B of A or changes A's rows, and every mutation that could not be called."""
        if self.probe.across_tenants:
            await self._leave_keys()
        before = await self.probe.fingerprint()
        for name in self.probe.mutation.fields:
            try:
                await self._mutation(name)
            except CannotBuild as error:
                self.findings.append(f"{name} cannot be called: {error}")
            else:
                self.called.add(name)
        after = await self.probe.fingerprint()
        changed = [table for table in before if before[table] != after[table]]
        if changed:
            self.findings.append(f"hidden rows were changed: {changed}")
        return self.findings

    def places(self) -> set[str]:
        """All places of ids in the arguments of all mutations."""
        fields = self.probe.mutation.fields.items()
        return {_named(name, place) for name, found in fields for place in self.probe.calls.id_places(found)}

    async def _mutation(self, name: str) -> None:
        found = self.probe.mutation.fields[name]
        required = self.probe.calls.id_places(found, required=True)
        targets = await self._targets(name, self.probe.calls.id_places(found), required)
        own = {
            place: self._own(name, place, targets[place], i)
            for i, place in enumerate(targets)
            if place in required or _named(name, place) in self._given_own
        }
        for place, spec in targets.items():
            await self._compare(name, place, spec, own)
        if self.probe.across_tenants:
            await self._replay(name, own)

    async def _targets(self, name: str, places: list[Path], required: list[Path]) -> dict[Path, NodeSpec]:
        """For each place the node whose ids are accepted there: found by asking with ids that nobody has."""
        guesses = {place: self._likely(name, place) for place in places}
        found: dict[Path, NodeSpec] = {}
        for place in [*required, *(one for one in places if one not in required)]:
            others = {
                one: self.probe.missing(found.get(one) or guesses[one][0]) for one in required if one != place
            }
            for spec in guesses[place]:
                answer = await self._ask(name, {**others, place: self.probe.missing(spec)}, undo=True)
                if not any(
                    one["code"] == InvalidId.code and _at(place, one["path"]) for one in answer.problems
                ):
                    found[place] = spec
                    break
            else:
                self.findings.append(f"{_named(name, place)}: an id of no node is accepted")
        return found

    def _likely(self, name: str, place: Path) -> list[NodeSpec]:
        """All nodes: first those that the field's name, or what the mutation gives, speak of."""
        payload = get_named_type(self.probe.mutation.fields[name].type)
        given = {get_named_type(item.type).name for item in payload.fields.values()}
        label = next(part for part in reversed(place) if isinstance(part, str)).removesuffix("Id").lower()

        def rank(spec: NodeSpec) -> tuple[bool, bool]:
            return (label == "" or not spec.name.lower().endswith(label), spec.name not in given)

        return sorted(self.probe.specs.values(), key=rank)

    async def _compare(self, name: str, place: Path, spec: NodeSpec, own: dict[Path, Any]) -> None:
        """A's id and a missing one are answered alike, and not as B's own is."""
        foreign, missing = self.probe.foreign(spec), self.probe.missing(spec)
        if foreign is None:
            return
        mine = self._own(name, place, spec, 0)
        where = f"{_named(name, place)[:-1]}: {spec.name})"
        answers = {
            asked: (await self._ask(name, {**own, place: asked})).text.replace(asked, "…")
            for asked in (str(foreign), missing)
        }
        texts = list(answers.values())
        if texts[0] != texts[1]:
            self.findings.append(f"{where}: {texts[0]} but missing: {texts[1]}")
        control = await self._ask(name, {**own, place: mine}, undo=True)
        if control.text.replace(str(mine), "…") == texts[1]:
            self.vacuous.add(f"{where}: {texts[1]}")
        self.compared.add(_named(name, place))

    async def _replay(self, name: str, own: dict[Path, Any]) -> None:
        """An idempotency key that A used means nothing in B."""
        first, second = [
            await self._ask(name, {**own, ("idempotencyKey",): key}, undo=True) for key in (_KEY, f"{_KEY}-2")
        ]
        if (first.problems, first.codes) != (second.problems, second.codes):
            self.findings.append(
                f"{name}: the other's idempotency key gives {first.text}, a new one {second.text}"
            )

    async def _ask(self, name: str, given: dict[Path, Any], *, undo: bool = False) -> Answer:
        answer = await self.probe.ask(self.probe.calls.build("mutation", name, given), undo=undo)
        if set(answer.codes) & set(_OUR_FAULTS):
            self.findings.append(f"{name}: a fault of our own for {given}: {answer.text}")
        text = answer.text
        for value in given.values():
            text = text.replace(str(value), "…")
        betrayed = [trace for trace in self.probe.traces if trace in text]
        if betrayed:
            self.findings.append(f"{name}: shows {betrayed[:3]} of the other tenant")
        return answer

    def _own(self, name: str, place: Path, spec: NodeSpec, index: int) -> str | None:
        """B's id for a place: of one row for the first, of another for the next."""
        b = self.probe.pair.b
        if (given := self._given_own.get(_named(name, place))) is not None:
            return given
        if not self.probe.across_tenants:
            return self.probe.own(b, spec)
        return self.probe.own(b, spec, 1 + index % 2) or self.probe.own(b, spec)

    async def _leave_keys(self) -> None:
        """As if A's account, with B's id, had used a key for every mutation."""
        a, b = self.probe.pair.a, self.probe.pair.b
        actor = self.probe.actor(b)
        async with self.probe.pair.database.unit_of_work(a.tenant.id) as db:
            for name in self.probe.mutation.fields:
                await db.execute(
                    "insert into graphql_idempotency (tenant_id, id, principal, field, key, request_hash, row_id)"
                    " values ($1, $2, $3, $4, $5, 'x', $6) on conflict do nothing",
                    a.tenant.id,
                    new_id(),
                    f"{actor.kind.value}:{actor.id}",
                    snake(name),
                    _KEY,
                    a.id_in("identity_person"),
                )


def _at(place: Path, path: list[str]) -> bool:
    """Whether a problem is about the argument at a place."""
    return [part for part in place if isinstance(part, str)] == [part for part in path if not part.isdigit()]


def _named(name: str, place: Path) -> str:
    return f"{name}({'.'.join(map(str, place))})"
