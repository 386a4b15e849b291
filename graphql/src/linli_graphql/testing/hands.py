"""Two ways to take the same steps: by calling services, and by sending the mutations that stand for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any, Protocol
from uuid import UUID

import pytest

from linli.clock import Clock
from linli.context import Actor, Context
from linli.errors import LinliError
from linli.tenancy.catalogue import Tenant
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.testing.bench import GraphQLBench


class Refused(Exception):
    """What either hand raises: the code of a refusal and the last part of its path, named as the service names it."""

    def __init__(self, code: str, at: str) -> None:
        super().__init__(code, at)
        self.code = code
        self.at = at


@dataclass(frozen=True, slots=True)
class Act:
    """A service, and the mutation for it: the type of node that it gives, and of its input.

    `about` is the type of its `id` where it gives another. An act that is `unseen` may give no node to an actor who
    may take the step but not read the row.
    """

    service: Callable[..., Awaitable[Any]]
    gives: str
    input: str
    about: str = ""
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Repertoire:
    """What the tests of a plugin do: acts by the names of their mutations, and how their values are written.

    `id_types` has the node type of each value that is another row's id. Texts in `codes` are values of enumerations.
    Values in `leading` are given to a service by place.
    """

    acts: Mapping[str, Act]
    id_types: Mapping[str, str]
    codes: Collection[str] = ()
    leading: Collection[str] = ("id",)


class World(Protocol):
    """Where hands act: a tenant with a clock that stands, and the officer who acts when nobody else is named."""

    tenant: Tenant
    clock: Clock
    officer: Actor

    def context(self, actor: Actor | None = None) -> AbstractAsyncContextManager[Context]:
        """A context of the actor, in one transaction."""
        ...


class Hand(Protocol):
    """Takes a step."""

    async def act(self, name: str, /, actor: Actor | None = None, **values: Any) -> UUID:
        """Take the step with this name; gives the id of the row that it made or changed. Raises: Refused."""
        ...


class ServiceHand:
    """Acts by calling the services."""

    def __init__(self, world: World, repertoire: Repertoire) -> None:
        self._world = world
        self._repertoire = repertoire

    async def act(self, name: str, /, actor: Actor | None = None, **values: Any) -> UUID:
        """See `Hand.act`."""
        service = self._repertoire.acts[name].service
        places = [values.pop(key) for key in self._repertoire.leading if key in values]
        try:
            async with self._world.context(actor) as ctx:
                row = await service(ctx, *places, **values)
        except LinliError as error:
            raise Refused(error.code, str(error.path[-1]) if error.path else "") from error
        return UUID(str(row.id))


class ApiHand:
    """Acts through the API, on the clock of the world."""

    def __init__(self, world: World, repertoire: Repertoire, api: GraphQLBench) -> None:
        self._world = world
        self._repertoire = repertoire
        self._api = api
        api.runtime.clock = world.clock

    async def act(self, name: str, /, actor: Actor | None = None, **values: Any) -> UUID:
        """See `Hand.act`."""
        act = self._repertoire.acts[name]
        field = act.gives[0].lower() + act.gives[1:]
        document = (
            f"mutation($input: {act.input}!) {{ {name}(input: $input)"
            f" {{ {field} {{ id }} problems {{ code message path }} }} }}"
        )
        given = {_camel(key): self._written(act, key, value) for key, value in values.items()}
        world = self._world
        outcome = await self._api.execute(world.tenant, actor or world.officer, document, {"input": given})
        payload = outcome[name]
        if payload["problems"]:
            problem = payload["problems"][0]
            assert problem["message"] != f"problems.{problem['code']}", "there is no text for it"
            assert payload[field] is None
            raise Refused(problem["code"], _snake(problem["path"][-1]) if problem["path"] else "")
        if act.unseen and payload[field] is None:
            return UUID(str(values["id"]))
        return from_global_id(payload[field]["id"])[1]

    def _written(self, act: Act, key: str, value: Any) -> Any:
        if isinstance(value, UUID):
            return to_global_id(self._repertoire.id_types.get(key, act.about or act.gives), value)
        if isinstance(value, Enum):
            return value.name
        if key in self._repertoire.codes and isinstance(value, str) and value.isascii():
            return value.upper()
        return value.isoformat() if isinstance(value, date | datetime) else value


async def refusal(step: Awaitable[object]) -> tuple[str, str]:
    """The code and place of what a step is refused with; fails the test when it is not."""
    with pytest.raises(Refused) as caught:
        await step
    return caught.value.code, caught.value.at


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
