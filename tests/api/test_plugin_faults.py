"""A faulty plugin beside healthy ones: one clear sentence that names it, and everybody else goes on."""

from __future__ import annotations

from pathlib import Path

import pytest

from linli.db.database import Database
from linli.registry import Composition, compose, discover
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins
from linli_graphql.interface import GraphQLInterface
from linli_graphql.testing import GraphQLBench

COLLIDING = '''
@hookimpl
def graphql():
    from linli_graphql.plugin import Contribution, GraphQLRequest, query

    @query
    async def {field}(request: GraphQLRequest) -> str:
        """A field."""
        return "taken"

    return Contribution(queries=[{field}])
'''
FAULTS = {
    "plugins.collision": {"plugin": COLLIDING.format(field="persons")},
    "plugins.unfit_version": {"kernel": ">=9"},
    "plugins.hook_failed": {"plugin": "@hookimpl\ndef jobs():\n    raise RuntimeError('broken')"},
    "plugins.unknown_hook": {"plugin": "@hookimpl\ndef subscribtions():\n    return []"},
}


def composed(fakes: FakePlugins) -> Composition:
    return compose([*discover(), *fakes.candidates], interfaces=[GraphQLInterface()], kernel_version="0.1.0")


@pytest.mark.parametrize("code", sorted(FAULTS))
async def test_a_faulty_plugin_is_named_and_the_tenants_go_on(
    code: str, tmp_path: Path, database: Database
) -> None:
    with FakePlugins(tmp_path) as fakes:
        fakes.add("faulty", **FAULTS[code])  # type: ignore[arg-type]
        composition = composed(fakes)
        assert composition.quarantined["faulty"].error.code == code
        assert "faulty" in composition.quarantined["faulty"].sentence
        assert composition.names == {
            "migrants",
            "organisations",
            "points",
            "social_workers",
            "venture",
            "volunteers",
        }
        bench = Bench(database, composition)
        api = GraphQLBench(bench)
        tenant = await bench.tenant(plugins=["faulty", "volunteers"])
        everything = composition.plugin_set(composition.names).permissions
        document = (
            "{ persons { totalCount } volunteerActivities { totalCount } plugins { name quarantined } }"
        )
        outcome = await api.execute(tenant, bench.actor(everything), document)
        told = {one["name"]: one["quarantined"] for one in outcome["plugins"]}
        assert "faulty" in told["faulty"]
        assert told["volunteers"] is None


async def test_two_plugins_that_take_one_field_are_both_named(tmp_path: Path) -> None:
    with FakePlugins(tmp_path) as fakes:
        fakes.add("first", COLLIDING.format(field="weather"))
        fakes.add("second", COLLIDING.format(field="weather"))
        sentence = composed(fakes).quarantined["second"].sentence
    assert "first" in sentence
    assert "second" in sentence
    assert "Query.weather" in sentence
