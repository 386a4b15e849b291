"""Two ways to take the same steps: by calling services, and by sending the mutations that stand for them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, fields, is_dataclass
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
from linli_graphql.naming import camel, snake
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
        given = {key: self._written(act, key, value) for key, value in values.items()}
        world = self._world
        found = await send(
            self._api,
            world.tenant,
            actor or world.officer,
            name,
            takes=act.input,
            gives=act.gives,
            values=given,
        )
        if act.unseen and found is None:
            return UUID(str(values["id"]))
        assert found is not None
        return from_global_id(found["id"])[1]

    def _written(self, act: Act, key: str, value: Any) -> Any:
        if key in self._repertoire.codes and isinstance(value, str) and value.isascii():
            return value.upper()
        return written(value, key, self._repertoire.id_types, act.about or act.gives)


async def send(
    api: GraphQLBench,
    tenant: Tenant,
    actor: Actor,
    name: str,
    *,
    takes: str,
    gives: str,
    shows: str = "id",
    values: Mapping[str, Any],
) -> dict[str, Any] | None:
    """Send a mutation with the values of its input; gives what is shown of the node that it gives, if it gives one.

    Raises: Refused.
    """
    field = gives[0].lower() + gives[1:]
    document = (
        f"mutation($input: {takes}!) {{ {name}(input: $input)"
        f" {{ {field} {{ {shows} }} problems {{ code message path }} }} }}"
    )
    given = {"input": {camel(key): value for key, value in values.items()}}
    payload = (await api.execute(tenant, actor, document, given))[name]
    found: dict[str, Any] | None = payload[field]
    if payload["problems"]:
        problem = payload["problems"][0]
        assert problem["message"] != f"problems.{problem['code']}", "there is no text for it"
        assert found is None
        raise Refused(problem["code"], snake(problem["path"][-1]) if problem["path"] else "")
    return found


def written(value: Any, key: str, id_types: Mapping[str, str], otherwise: str) -> Any:
    """A value as an input of the API has it; `id_types` are the nodes of ids by their keys, or `otherwise`."""
    if isinstance(value, UUID):
        return to_global_id(id_types.get(key, otherwise), value)
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [written(one, key, id_types, otherwise) for one in value]
    if is_dataclass(value) and not isinstance(value, type):
        given = {one.name: getattr(value, one.name) for one in fields(value)}
        return {camel(name): written(one, name, id_types, otherwise) for name, one in given.items()}
    return value


async def refusal(step: Awaitable[object]) -> tuple[str, str]:
    """The code and place of what a step is refused with; fails the test when it is not."""
    with pytest.raises(Refused) as caught:
        await step
    return caught.value.code, caught.value.at
