"""`/metrics` for a Prometheus server: only with `LINLI_METRICS_TOKEN`, and only for who brings it.

Source: Prometheus text exposition format 0.0.4. Figures are of the process that answers; with several web processes,
the label `process` tells whose they are.
"""

from __future__ import annotations

import hmac
import os
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Protocol, runtime_checkable

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from linli.errors import Unauthenticated
from linli.runtime import Runtime

TEXT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_ESCAPES: Final = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})


class MetricKind(StrEnum):
    """What a metric's values mean."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Sample:
    """One value. `suffix` is what a histogram adds to the metric's name."""

    value: float
    labels: Mapping[str, str] = field(default_factory=dict)
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Metric:
    """A figure of the process: its name, what it says in a sentence, and its values. Never holds a tenant's data."""

    name: str
    kind: MetricKind
    said: str
    samples: Sequence[Sample]


@runtime_checkable
class MeasuredInterface(Protocol):
    """An interface of the composition that has figures to show."""

    def metrics(self) -> Sequence[Metric]:
        """Give the figures as they are now. Called at each scrape, in the event loop: it must not wait."""
        ...


class Histogram:
    """Counts values by upper bounds."""

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = tuple(bounds)
        self._counts = [0] * (len(self._bounds) + 1)
        self._sum = 0.0

    def add(self, value: float) -> None:
        """Count a value."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def samples(self) -> list[Sample]:
        """The values for a metric: cumulative buckets, sum and count."""
        made: list[Sample] = []
        below = 0
        for bound, count in zip((*self._bounds, "+Inf"), self._counts, strict=True):
            below += count
            made.append(Sample(below, {"le": str(bound)}, "_bucket"))
        return [*made, Sample(self._sum, suffix="_sum"), Sample(below, suffix="_count")]


def metrics_handlers(runtime: Runtime, interfaces: Sequence[object]) -> Sequence[HTTPRouteHandler]:
    """Give the handler of `/metrics`; none when no token is set."""
    token = runtime.settings.metrics_token
    if not token:
        return []
    wanted = f"Bearer {token}".encode()
    measured = [one for one in interfaces if isinstance(one, MeasuredInterface)]

    @get("/metrics", sync_to_thread=False)
    def metrics(request: Request[Any, Any, Any]) -> Response[str]:
        """Give the figures of this process."""
        given = request.headers.get("authorization", "").encode()
        if not hmac.compare_digest(given, wanted):
            raise Unauthenticated()
        found = [*_of_process(runtime), *(metric for one in measured for metric in one.metrics())]
        return Response(render(found), media_type=TEXT_TYPE, headers={"cache-control": "no-store"})

    return [metrics]


def render(metrics: Sequence[Metric]) -> str:
    """The figures in Prometheus' text format."""
    return "".join(f"{line}\n" for metric in metrics for line in _lines(metric))


def _lines(metric: Metric) -> Iterator[str]:
    yield f"# HELP {metric.name} {metric.said}"
    yield f"# TYPE {metric.name} {metric.kind.value}"
    for sample in metric.samples:
        labels = {**sample.labels, "process": str(os.getpid())}
        inner = ",".join(f'{name}="{value.translate(_ESCAPES)}"' for name, value in labels.items())
        yield f"{metric.name}{sample.suffix}{{{inner}}} {sample.value:.15g}"


def _of_process(runtime: Runtime) -> Iterator[Metric]:
    redis = runtime.redis is not None and runtime.redis_health.available
    yield Metric("linli_redis_available", MetricKind.GAUGE, "Whether Redis answers.", [Sample(int(redis))])
    yield Metric(
        "linli_plugins_quarantined",
        MetricKind.GAUGE,
        "How many installed plugins are unfit.",
        [Sample(len(runtime.composition.quarantined))],
    )
