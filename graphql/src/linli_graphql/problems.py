"""Refusals as data: every mutation's payload lists its problems."""

from __future__ import annotations

import strawberry

from linli.plugin import LinliError
from linli_graphql.naming import camel


@strawberry.type(description="Why something was refused. The code is stable; the message is for people.")
class Problem:
    """Why something was refused."""

    code: str = strawberry.field(description="Stable; for programs.")
    message: str = strawberry.field(description="In the caller's language; for people.")
    path: list[str] = strawberry.field(description="The input at fault, such as [input, name]; may be empty.")


def problem_of(error: LinliError, translate: Translate) -> Problem:
    """The problem that tells of an error."""
    return Problem(code=error.code, message=translate(error), path=[camel(str(part)) for part in error.path])


class Translate:
    """Finds an error's message in the texts of a plugin set."""

    def __init__(self, texts: object, locale: str) -> None:
        self._texts = texts
        self._locale = locale

    def __call__(self, error: LinliError) -> str:
        """The message in the caller's language."""
        return str(self._texts.translate(f"problems.{error.code}", self._locale, **error.details))  # type: ignore[attr-defined]
