"""`/metrics`: figures for an operator's Prometheus, and for nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from linli.http.metrics import Histogram, Metric, MetricKind, Sample, render
from linli.settings import InvalidSetting, Settings

TOKEN = "metrics-token-of-the-tests"
BEARER = {"authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def measured(webs: Any) -> Any:
    """An application whose operator has set a token."""
    return await webs.start(settings={"metrics_token": TOKEN})


async def scraped(web: Any) -> dict[str, float]:
    """The figures by name and labels, without the label of the process."""
    answer = await web.client.get("/metrics", headers=BEARER)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    found = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            found[name.partition(',process="')[0].partition('process="')[0].rstrip("{")] = float(value)
    return found


async def test_without_a_setting_there_is_no_such_page(web: Any) -> None:
    assert (await web.client.get("/metrics", headers=BEARER)).status_code == 404


@pytest.mark.parametrize(
    "given", ["", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", TOKEN, "Bearer ", "Bearer é"]
)
async def test_who_lacks_the_token_is_told_nothing(measured: Any, given: str) -> None:
    answer = await measured.client.get(
        "/metrics", headers=[(b"authorization", given.encode())] if given else {}
    )
    assert answer.status_code == 401
    assert "linli_" not in answer.text


async def test_statements_and_plan_hits_are_counted(measured: Any, place: Any) -> None:
    place.web = measured
    client = await place.caller()
    before = await scraped(measured)
    for _ in range(3):
        answer = await client.post("query Metrics { areas(first: 3) { nodes { id name } } }")
        assert "errors" not in answer.json()
    after = await scraped(measured)
    change = {name: after[name] - before.get(name, 0) for name in after}
    assert change['linli_graphql_operations_total{errors="no"'] == 3
    assert change['linli_graphql_compiled_total{plan="made"'] == 1
    assert change['linli_graphql_compiled_total{plan="found"'] == 2
    assert change['linli_graphql_compiled_total{plan="none"'] == 0
    assert change["linli_graphql_statements_sum"] == 3
    assert change["linli_graphql_statements_count"] == 3
    assert change['linli_graphql_statements_bucket{le="1"'] == 3


def test_a_short_token_is_refused_at_the_start() -> None:
    with pytest.raises(InvalidSetting):
        Settings.from_environment({"LINLI_METRICS_TOKEN": "short"})
    assert Settings.from_environment({"LINLI_METRICS_TOKEN": TOKEN}).metrics_token == TOKEN
    assert Settings(data_dir=Path()).metrics_token == ""


def test_a_histogram_is_cumulative() -> None:
    histogram = Histogram((1, 5))
    for value in (0, 1, 3, 9):
        histogram.add(value)
    assert [(one.suffix, dict(one.labels), one.value) for one in histogram.samples()] == [
        ("_bucket", {"le": "1"}, 2),
        ("_bucket", {"le": "5"}, 3),
        ("_bucket", {"le": "+Inf"}, 4),
        ("_sum", {}, 13),
        ("_count", {}, 4),
    ]


def test_labels_are_escaped() -> None:
    text = render([Metric("linli_x", MetricKind.GAUGE, "A figure.", [Sample(1.5, {"of": 'a"\\\nb'})])])
    assert text.startswith(
        '# HELP linli_x A figure.\n# TYPE linli_x gauge\nlinli_x{of="a\\"\\\\\\nb",process="'
    )
    assert text.endswith('"} 1.5\n')
