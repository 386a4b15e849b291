"""Refusals as data: every mutation's payload lists its problems."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import strawberry

from linli.i18n import Catalogue
from linli.plugin import LinliError
from linli_graphql.fields import resolved
from linli_graphql.naming import camel

if TYPE_CHECKING:
    from linli_graphql.request import GraphQLRequest


class Translate:
    """Finds an error's message in the texts of a plugin set."""

    def __init__(self, texts: Catalogue, locale: str) -> None:
        self._texts = texts
        self._locale = locale

    def __call__(self, error: LinliError) -> str:
        """The message in the caller's language."""
        return self.text(error.code, error.details)

    def text(self, code: str, details: Mapping[str, Any] | str) -> str:
        """The message of a code and details that were stored, perhaps as JSON."""
        given = json.loads(details) if isinstance(details, str) else details
        return self._texts.translate(f"problems.{code}", self._locale, **given)


@dataclass(frozen=True, slots=True)
class ProblemValue:
    """The value behind a `Problem`: its message is looked up only when it is asked for."""

    error: LinliError

    @property
    def code(self) -> str:
        """The error's code."""
        return self.error.code

    @property
    def path(self) -> list[str]:
        """The error's path, in the API's spelling."""
        return [camel(str(part)) for part in self.error.path]


async def _message(value: ProblemValue, request: GraphQLRequest, _arguments: dict[str, Any]) -> str:
    return (await request.translator())(value.error)


@strawberry.type(description="Why something was refused. The code is stable; the message is for people.")
class Problem:
    """Why something was refused."""

    code: str = strawberry.field(description="Stable; for programs.")
    message: str = resolved(description="In the caller's language; for people.", resolve=_message)
    path: list[str] = strawberry.field(description="The input at fault, such as [input, name]; may be empty.")
