"""The fields of node types: each carries its declaration and knows the ordinary way to resolve itself."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryContainer, get_object_definition
from strawberry.types.enum import StrawberryEnumDefinition
from strawberry.types.field import StrawberryField
from strawberry.types.info import Info

from linli.context import PermissionDenied
from linli_graphql.declaration import ColumnSpec, Mask, NodeSpec, ValueKind
from linli_graphql.ids import from_global_id, to_global_id
from linli_graphql.reading import Row

if TYPE_CHECKING:
    from linli_graphql.request import GraphQLRequest


class ResolvedField(StrawberryField):
    """A field with a resolver of our own and arguments given as data; the base of all below."""

    def __init__(
        self,
        *,
        description: str,
        resolve: Callable[[Any, GraphQLRequest, dict[str, Any]], Any] | None = None,
        argument_list: list[StrawberryArgument] | None = None,
        python_name: str | None = None,
        annotation: Any = None,
        deprecated: str | None = None,
    ) -> None:
        super().__init__(
            description=description, python_name=python_name, deprecation_reason=reason_of(deprecated)
        )
        self._resolve = resolve
        self._argument_list = argument_list or []
        if annotation is not None:
            self.type_annotation = StrawberryAnnotation(annotation)

    @classmethod
    def of_method(cls, method: Callable[..., Any]) -> ResolvedField:
        """A computed field from `async def name(self, request, …)`; further parameters become arguments."""

        async def call(row: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
            return await method(row, request, **arguments)

        return cls._of(method, call, skipped=2)

    @classmethod
    def of_function(cls, function: Callable[..., Any]) -> ResolvedField:
        """A root field from `async def name(request, …)`; further parameters become arguments."""

        async def call(_root: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
            return await function(request, **arguments)

        return cls._of(function, call, skipped=1)

    @classmethod
    def _of(cls, function: Callable[..., Any], call: Callable[..., Any], *, skipped: int) -> ResolvedField:
        signature = inspect.signature(function)
        namespace = function.__globals__
        parameters = list(signature.parameters.values())[skipped:]

        async def resolve(row: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
            context = await request.reading()
            with context.db.active():
                return await call(row, request, arguments)

        field = cls(
            description=summary_of(function),
            resolve=resolve,
            argument_list=[argument_of(parameter, namespace) for parameter in parameters],
            python_name=function.__name__,
        )
        field.type_annotation = StrawberryAnnotation(signature.return_annotation, namespace=namespace)
        return field

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """The field's arguments."""
        return self._argument_list

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._argument_list = value

    @property
    def is_basic_field(self) -> bool:
        """Never: every field here has a resolver."""
        return False

    @cached_property
    def is_async(self) -> bool:
        """Whether the resolver gives an awaitable."""
        return True

    def get_result(
        self, source: Any, info: Info | None, args: list[Any], kwargs: dict[str, Any]
    ) -> Awaitable[Any]:
        """Resolve the field of a row."""
        assert info is not None
        return self.resolve(source, info.context, kwargs)

    async def resolve(self, source: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
        """The field's value."""
        assert self._resolve is not None
        return await self._resolve(source, request, arguments)

    def __copy__(self) -> ResolvedField:
        """Fields are not altered after they are made, so a copy shares everything but its identity."""
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made


class ComputedField(ResolvedField):
    """A field that a plain function makes of columns of the row, and of nothing that must be waited for.

    `inputs` are those columns; they are known once the field is declared on a node.
    """

    def __init__(self, function: Callable[[Any, GraphQLRequest], Any], needs: Sequence[str]) -> None:
        signature = inspect.signature(function)
        if inspect.iscoroutinefunction(function) or len(signature.parameters) != 2:
            raise TypeError(
                f"{function.__qualname__}: with needs it is `def {function.__name__}(self, request)`"
            )
        super().__init__(description=summary_of(function), python_name=function.__name__)
        self.type_annotation = StrawberryAnnotation(
            signature.return_annotation, namespace=function.__globals__
        )
        self.function = function
        self.needs = tuple(needs)
        self.inputs: tuple[ColumnSpec, ...] = ()

    async def resolve(self, source: Row, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
        """The field's value."""
        return self.function(source, request)


class GlobalIdField(StrawberryField):
    """The global id of a row."""

    def get_result(self, source: Any, info: Any, args: Any, kwargs: Any) -> str:
        """The global id."""
        return to_global_id(source.spec.name, source.id)


class ColumnField(StrawberryField):
    """A column, masked or refused for viewers without its permission at the row's area."""

    def __init__(
        self,
        *,
        description: str,
        source: str | None = None,
        permission: str | None = None,
        mask: Mask | None = None,
        deprecated: str | None = None,
    ) -> None:
        super().__init__(description=description, deprecation_reason=reason_of(deprecated))
        self.source = source
        self.permission = permission
        self.mask = mask
        self.spec: ColumnSpec | None = None

    def __copy__(self) -> ColumnField:
        made = object.__new__(type(self))
        made.__dict__.update(self.__dict__)
        return made

    @property
    def is_basic_field(self) -> bool:
        """Whether the value is shown to everyone who sees the row."""
        return self.permission is None

    def get_result(self, source: Row, info: Info | None, args: Any, kwargs: Any) -> Any:
        """The value. Raises: PermissionDenied for a field without a mask."""
        value = source.values[self.source or self.python_name]
        if isinstance(value, str) and self.spec is not None and self.spec.kind is ValueKind.JSON:
            value = msgspec.json.decode(value)
        if value is None or self.permission is None or info is None:
            return value
        context = info.context.viewer
        area = source.values[source.spec.scope_column] if source.spec.scope_column else None
        own = source.spec.own_column
        if own and context.actor.person_id is not None and source.values[own] == context.actor.person_id:
            return value
        if context.can(self.permission, area):
            return value
        if self.mask is None:
            raise PermissionDenied(permission=self.permission)
        return self.mask.apply(str(value))


class OneField(ResolvedField):
    """The row to which a column refers."""

    def __init__(self, *, description: str, source: str, deprecated: str | None = None) -> None:
        super().__init__(description=description, deprecated=deprecated)
        self.source = source

    async def resolve(self, source: Row, request: GraphQLRequest, arguments: dict[str, Any]) -> Row | None:
        """The row, or None when there is none or the viewer may not see it."""
        target = source.spec.ones[self.python_name].target()
        row_id = source.values[self.source]
        return None if row_id is None else await request.load(target, row_id)


class ManyField(ResolvedField):
    """A connection of rows that refer to this one."""

    def __init__(self, *, description: str, source: str, deprecated: str | None = None) -> None:
        super().__init__(description=description, deprecated=deprecated)
        self.source = source

    @property
    def target(self) -> NodeSpec:
        """The node of the connection's rows."""
        from linli_graphql.nodes import target_of

        return target_of(self)

    @property
    def arguments(self) -> list[StrawberryArgument]:
        """The arguments of a connection over the target."""
        from linli_graphql.lists import list_arguments

        if not self._argument_list:
            self._argument_list = list_arguments(self.target)
        return self._argument_list

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        self._argument_list = value

    async def resolve(self, source: Row, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
        """A page of the rows; one statement for all parents of a level."""
        name = f"{source.spec.name}.{self.python_name}"
        return await request.load_page(name, self.target, arguments, self.source, source.id)


class NodeRootField(ResolvedField):
    """The root field of any node by its id, of whatever type it is."""


class NodesRootField(ResolvedField):
    """The root field of nodes by their ids, of whatever types they are."""


class SingleRootField(ResolvedField):
    """The root field of one node by its id."""

    def __init__(self, spec: NodeSpec, cls: type, name: str) -> None:
        argument = StrawberryArgument(
            python_name="id",
            graphql_name=None,
            type_annotation=StrawberryAnnotation(strawberry.ID),
            description="The global id.",
        )
        super().__init__(
            description=f"One {spec.name} by its id; null when there is none that the caller may see.",
            argument_list=[argument],
            python_name=name,
            annotation=cls | None,
        )
        self.spec = spec

    async def resolve(self, source: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Row | None:
        """The row, or None. An id of another type is answered like one that does not exist."""
        name, row_id = from_global_id(str(arguments["id"]))
        if name != self.spec.name:
            return None
        return await request.load(self.spec, row_id)


class ListRootField(ResolvedField):
    """The root field of a list of nodes."""

    def __init__(self, spec: NodeSpec, cls: type) -> None:
        from linli_graphql.connections import Connection
        from linli_graphql.lists import list_arguments

        super().__init__(
            description=f"The list of {spec.name}: {spec.description}",
            argument_list=list_arguments(spec),
            python_name=spec.plural,
            annotation=Connection[cls],  # type: ignore[valid-type]
        )
        self.spec = spec

    async def resolve(self, source: Any, request: GraphQLRequest, arguments: dict[str, Any]) -> Any:
        """A page of the list."""
        return await request.load_page(f"Query.{self.spec.plural}", self.spec, arguments, None, None)


def resolved(
    *, description: str, resolve: Callable[[Any, GraphQLRequest, dict[str, Any]], Awaitable[Any]]
) -> Any:
    """A field of a plain type, resolved by a function of its value, the request and the arguments."""
    return ResolvedField(description=description, resolve=resolve)


def computed_on(description: str, reference: Callable[[Any], tuple[type, UUID] | None]) -> Any:
    """A field of a plain type that is a node: `reference` gives its class and id, or None."""

    async def resolve(value: Any, request: GraphQLRequest, _arguments: dict[str, Any]) -> Row | None:
        found = reference(value)
        if found is None:
            return None
        cls, row_id = found
        return await request.load(cls.__node__, row_id)  # type: ignore[attr-defined]

    return resolved(description=description, resolve=resolve)


def argument_of(parameter: inspect.Parameter, namespace: dict[str, Any]) -> StrawberryArgument:
    """A field's argument from a function's parameter, described by `Annotated[T, strawberry.argument(description=…)]`.

    One of an input type is described as its type is.
    """
    default = strawberry.UNSET if parameter.default is inspect.Parameter.empty else parameter.default
    annotation = StrawberryAnnotation(parameter.annotation, namespace=namespace)
    definition = get_object_definition(annotation.evaluate()) if parameter.name == "input" else None
    return StrawberryArgument(
        python_name=parameter.name,
        graphql_name=None,
        type_annotation=annotation,
        description=definition.description if definition else None,
        default=default,
    )


def reason_of(deprecated: str | None) -> str | None:
    """The reason of a deprecation, which must say something. Raises: TypeError."""
    if deprecated is not None and not deprecated.strip():
        raise TypeError("deprecated needs a reason: what to use instead, and until when it stays")
    return deprecated


def summary_of(function: Callable[..., Any]) -> str:
    """The first paragraph of a docstring, on one line: a field's description."""
    return " ".join((function.__doc__ or "").split("\n\n")[0].split())


def enum_of(field: Any) -> type[Enum] | None:
    """The enumeration that a field gives, if it gives one."""
    found = field.type
    while isinstance(found, StrawberryContainer):
        found = found.of_type
    if not isinstance(found, StrawberryEnumDefinition):
        return None
    cls: type[Enum] = found.wrapped_cls  # type: ignore[assignment]
    return cls
