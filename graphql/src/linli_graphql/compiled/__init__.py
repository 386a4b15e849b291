"""The read compiler: a query's selection becomes one statement in which PostgreSQL builds the JSON.

It serves the common case, and says so when it cannot serve: then the ordinary executor answers, with equal results.
"""

from linli_graphql.compiled.answer import Compiler

__all__ = ["Compiler"]
