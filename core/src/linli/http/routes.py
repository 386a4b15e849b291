"""Public pages of plugins: GET only, without log-in, below `/p/{tenant}/{plugin}/`."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from linli.errors import Invalid

if TYPE_CHECKING:
    from linli.context import Context

_PATH: Final = re.compile(r"[a-z0-9_-]+(/([a-z0-9._-]+|\{[a-z_]+\}))*")


class BadRoutePath(Invalid):
    """A route's path is not `word/word/{parameter}` (`given`)."""

    code = "plugins.bad_route_path"


@dataclass(frozen=True, slots=True)
class RouteResponse:
    """What a page answers: a status, a media type such as `text/html; charset=utf-8`, and the body."""

    status: int
    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Route:
    """One page. `handler` gets a read-only context and the path's parameters; `path` starts without a slash.

    A page with a `title`, the key of a text, is listed among the tenant's pages at `/p/{tenant}`; its path has no
    parameters. Raises: BadRoutePath.
    """

    path: str
    handler: Callable[[Context, Mapping[str, str]], Awaitable[RouteResponse]]
    summary: str
    title: str = ""

    def __post_init__(self) -> None:
        if not _PATH.fullmatch(self.path) or (self.title and "{" in self.path):
            raise BadRoutePath(given=self.path)

    @property
    def shape(self) -> str:
        """The path with its parameters' names left out: two routes of one shape would collide."""
        return re.sub(r"\{[a-z_]+\}", "{}", self.path)
