"""Mutations: one transaction each, refusals as problems, repeatable by an idempotency key.

@mutation(gives=SocialOrganisation)
async def register_social_organisation(ctx: Context, input: RegisterInput) -> tables.Registration:
    '''Enter a social organisation into the register.'''
    return await service.register(ctx, name=input.name, …)
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from linli.plugin import LinliError
from linli_graphql import idempotency
from linli_graphql.fields import ResolvedField, argument_of, summary_of
from linli_graphql.naming import pascal, snake
from linli_graphql.nodes import node_of
from linli_graphql.problems import Problem, ProblemValue
from linli_graphql.request import GraphQLRequest


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a mutation's function may return besides a row: the row and extra values of the payload.

    Extra values (a secret that is shown once) are not stored, so a repeated call gives null for them.
    """

    row: Any
    extra: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PayloadValue:
    """The value behind a payload type."""

    row_id: UUID | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    problems: list[ProblemValue] = field(default_factory=list)


class MutationField(ResolvedField):
    """A root field of the mutation type, made by `@mutation`."""

    def __init__(
        self,
        function: Callable[..., Awaitable[Any]],
        gives: type | None,
        extra: dict[str, tuple[Any, str]],
        deprecated: str | None = None,
    ) -> None:
        self.function = function
        self.name_in_python: str = function.__name__
        parameters = list(inspect.signature(function).parameters.values())[1:]
        self._wants_request = any(one.name == "request" for one in parameters)
        parameters = [one for one in parameters if one.name != "request"]
        self._has_input = any(one.name == "input" for one in parameters)
        namespace = function.__globals__
        super().__init__(
            description=summary_of(function),
            argument_list=[*(argument_of(one, namespace) for one in parameters), _KEY_ARGUMENT],
            python_name=self.name_in_python,
            annotation=_payload_type(self.name_in_python, gives, extra),
            deprecated=deprecated,
        )

    async def resolve(self, source: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> PayloadValue:
        """Run the function in a transaction of its own; a `LinliError` undoes it and becomes a problem."""
        await request.close()  # frees the read connection, and lets the payload see what is written now
        key = arguments.pop("idempotency_key", None)
        key = None if key is strawberry.UNSET else key
        try:
            async with request.runtime.database.unit_of_work(request.tenant.id) as unit:
                ctx = request.context_in(unit)
                secret = request.runtime.settings.secret_key
                attempt = idempotency.Attempt(self.name_in_python, key, arguments, secret)
                replayed = await idempotency.begin(ctx, attempt)
                if replayed is not None:
                    return PayloadValue(row_id=replayed.row_id)
                injected = {"request": request} if self._wants_request else {}
                outcome = await self.function(ctx, **arguments, **injected)
                value = _value(outcome)
                await idempotency.finish(ctx, attempt, value.row_id)
            return value
        except LinliError as error:
            return PayloadValue(problems=[ProblemValue(self._placed(error))])

    def _placed(self, error: LinliError) -> LinliError:
        """The error with the path that the caller knows: a service names a field of the input."""
        if self._has_input and error.path and error.path[0] not in ("input", "idempotency_key"):
            error.path = ("input", *error.path)
        return error


def mutation(
    *,
    gives: type | None = None,
    extra: dict[str, tuple[Any, str]] | None = None,
    deprecated: str | None = None,
) -> Callable[[Callable[..., Awaitable[Any]]], MutationField]:
    """Declare a mutation. The function takes the context and the input; it returns the row that it wrote.

    A parameter named `request` gets the `GraphQLRequest`; the path of a refusal is put below `input`.

    `gives` is the node class of that row. `extra` adds payload fields: name → (type, description).
    `deprecated` is the reason not to use it any more: name what to use instead.
    """

    def declare(function: Callable[..., Awaitable[Any]]) -> MutationField:
        return MutationField(function, gives, extra or {}, deprecated)

    return declare


def _value(outcome: Any) -> PayloadValue:
    if isinstance(outcome, Outcome):
        return PayloadValue(row_id=getattr(outcome.row, "id", None), extra=outcome.extra)
    return PayloadValue(row_id=outcome if isinstance(outcome, UUID) else getattr(outcome, "id", None))


def _payload_type(name: str, gives: type | None, extra: dict[str, tuple[Any, str]]) -> type:
    fields: dict[str, Any] = {}
    if gives is not None:
        fields[snake(gives.__name__)] = _row_field(gives)
    for label, (annotation, said) in extra.items():
        fields[label] = _extra_field(label, annotation, said)
    body: dict[str, Any] = {**fields, "__annotations__": {"problems": list[Problem]}}
    body["problems"] = strawberry.field(description="Why it was refused; empty when it was done.")
    made: type = type(f"{pascal(name)}Payload", (), body)
    return strawberry.type(made, description=f"What {pascal(name)} gives back.")


def _row_field(gives: type) -> ResolvedField:
    async def resolve(value: PayloadValue, request: GraphQLRequest, _arguments: dict[str, Any]) -> Any:
        return None if value.row_id is None else await request.load(node_of(gives), value.row_id)

    return ResolvedField(
        description="The row as it is now; null when the request was refused.",
        resolve=resolve,
        annotation=gives | None,
    )


def _extra_field(label: str, annotation: Any, said: str) -> ResolvedField:
    async def resolve(value: PayloadValue, _request: GraphQLRequest, _arguments: dict[str, Any]) -> Any:
        return value.extra.get(label)

    return ResolvedField(description=said, resolve=resolve, annotation=annotation | None)


_KEY_ARGUMENT = StrawberryArgument(
    python_name="idempotency_key",
    graphql_name=None,
    type_annotation=StrawberryAnnotation(str | None),
    description="A key of the caller's (at most 100 characters): the same call with the same key is done once.",
    default=strawberry.UNSET,
)
