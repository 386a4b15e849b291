"""What the API counts of itself, for operators: operations, statements, and how often a compiled read was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from linli.http.metrics import Histogram, Metric, MetricKind, Sample
from linli_graphql.compiled import Compiler

_STATEMENTS: Final = (0, 1, 2, 3, 5, 10, 20, 50)


class Tally:
    """Counts the executed operations of a process."""

    def __init__(self) -> None:
        self._good = 0
        self._with_errors = 0
        self._statements = Histogram(_STATEMENTS)

    def add(self, *, statements: int, good: bool) -> None:
        """Count an operation that was executed, and the statements that its reads took."""
        if good:
            self._good += 1
        else:
            self._with_errors += 1
        self._statements.add(statements)

    def metrics(self, compiler: Compiler) -> Sequence[Metric]:
        """The figures as they are now."""
        return [
            Metric(
                "linli_graphql_operations_total",
                MetricKind.COUNTER,
                "Operations that were executed, by whether the response has errors.",
                [Sample(self._good, {"errors": "no"}), Sample(self._with_errors, {"errors": "yes"})],
            ),
            Metric(
                "linli_graphql_statements",
                MetricKind.HISTOGRAM,
                "SQL statements that the reads of an operation took.",
                self._statements.samples(),
            ),
            Metric(
                "linli_graphql_compiled_total",
                MetricKind.COUNTER,
                "Queries by how they were answered: plan found, plan made, or left to the ordinary executor.",
                [
                    Sample(compiler.hits, {"plan": "found"}),
                    Sample(compiler.misses, {"plan": "made"}),
                    Sample(compiler.fallbacks, {"plan": "none"}),
                ],
            ),
        ]
