"""Relay connections. Source: the GraphQL Cursor Connections Specification."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import strawberry

from linli.plugin import Invalid

T = TypeVar("T")

PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 100


class InvalidPageSize(Invalid):
    """`first` or `last` is not from 1 to 100, or both were given."""

    code = "page_size"


@strawberry.type(description="Where a page stands in the whole list.")
class PageInfo:
    """Where a page stands in the whole list."""

    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the page's first row.")
    end_cursor: str | None = strawberry.field(description="The cursor of the page's last row.")


@strawberry.type(description="A row of a list, with its cursor.")
class Edge(Generic[T]):
    """A row of a list, with its cursor."""

    cursor: str = strawberry.field(description="Stands for this row in `after` and `before`.")
    node: T = strawberry.field(description="The row.")


@strawberry.type(description="One page of a list.")
class Connection(Generic[T]):
    """One page of a list."""

    page_info: PageInfo = strawberry.field(description="Where this page stands in the whole list.")
    edges: list[Edge[T]] = strawberry.field(description="The page's rows with their cursors.")
    nodes: list[T] = strawberry.field(description="The page's rows.")

    @strawberry.field(  # type: ignore[untyped-decorator]
        description="How many rows the whole list has that the caller may see."
    )
    async def total_count(self) -> int:
        """How many rows the whole list has that the caller may see."""
        page: Any = self
        return int(await page.count())


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page is asked for: `size` rows after or before a cursor, from the front or the back."""

    size: int
    cursor: str | None
    backwards: bool

    @classmethod
    def of(cls, first: int | None, after: str | None, last: int | None, before: str | None) -> PageRequest:
        """A request from the arguments of a connection field. Raises: InvalidPageSize."""
        backwards = last is not None or (before is not None and first is None)
        size = last if last is not None else first
        size = PAGE_SIZE_DEFAULT if size is None else size
        both = (first is not None and last is not None) or (after is not None and before is not None)
        if both or not 1 <= size <= PAGE_SIZE_MAX or (backwards and after is not None):
            raise InvalidPageSize(limit=PAGE_SIZE_MAX)
        return cls(size=size, cursor=before if backwards else after, backwards=backwards)


@dataclass(slots=True)
class Page:
    """The value behind a `Connection`."""

    page_info: PageInfo
    edges: list[Edge[Any]]
    count: Callable[[], Awaitable[int]]

    @property
    def nodes(self) -> list[Any]:
        """The page's rows."""
        return [edge.node for edge in self.edges]
