"""What a declaration offers is served by an index that begins with the tenant, and the compiled statement uses keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from graphql import OperationDefinitionNode, parse

from linli.testing.factories import Bench
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import to_global_id
from linli_graphql.testing import GraphQLBench

INDEXED = """
select distinct c.relname, a.attname
from pg_index i join pg_class c on c.oid = i.indrelid
join pg_attribute t on t.attrelid = c.oid and t.attnum = i.indkey[0] and t.attname = 'tenant_id'
join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[1]
where i.indpred is null
"""
# Of a few values each: a page in the order of the key finds its rows soon, and an index would not be chosen.
FEW_VALUES = {
    "state",
    "status",
    "synthetic",
    "level",
    "depth",
    "unit",
    "role",
    "part",
    "entry_kind",
    "category",
}
MANY_AREAS = """
insert into areas_area (tenant_id, id, code, name, name_pinyin, name_initials, level, parent_id, path, depth, state,
  valid_from)
select $1, gen_random_uuid(), n::text, '社区', 'shequ', 'sq', 'area', $2, $3 || lpad(n::text, 3, '0') || '.', 2,
  'active', '2020-01-01' from generate_series(1, 500) n
"""


def offered(spec: NodeSpec) -> Iterator[tuple[str, str]]:
    """The filters and orders of a node, each with its column."""
    for name in spec.filters:
        if name == "area":
            yield "filter area", "area_path"
        else:
            yield f"filter {name}", (spec.columns.get(name) or spec.ones[name]).column
    for name in spec.orders:
        yield f"order {name}", spec.columns[name].column


async def test_every_filter_order_and_relation_has_an_index_that_begins_with_the_tenant(
    api: GraphQLBench,
) -> None:
    plugins = api.bench.composition.plugin_set(api.bench.composition.names)
    specs = api.interface.schema_for(plugins).specs
    async with api.bench.database.owner() as db:
        indexed = {(row["relname"], row["attname"]) for row in await db.fetch(INDEXED)}
    missing = [
        f"{spec.name} {said}: {spec.table_name} ({column})"
        for spec in specs.values()
        for said, column in offered(spec)
        if (spec.table_name, column) not in indexed and column not in FEW_VALUES
    ]
    missing += [
        f"{spec.name}.{name}: {many.target().table_name} ({many.column})"
        for spec in specs.values()
        for name, many in spec.manys.items()
        if (many.target().table_name, many.column) not in indexed
    ]
    assert len(specs) > 20
    assert missing == []


async def plan_of(api: GraphQLBench, tenant: Any, document: str) -> list[dict[str, Any]]:
    """The nodes of the plan of a document's one statement, for somebody who may see everything."""
    actor = api.bench.actor(api.bench.composition.plugin_set(tenant.plugins).permissions)
    schema, request = await api._request(tenant, actor, "en")
    parsed = parse(document)
    [operation] = [one for one in parsed.definitions if isinstance(one, OperationDefinitionNode)]
    prepared = api.compiler._prepare(request, schema, parsed, operation, {})
    assert prepared is not None, f"not compiled: {document}"
    statement, values, *_rest = prepared
    async with api.bench.database.unit_of_work(tenant.id, read_only=True) as db:
        explained = await db.fetchval(f"explain (format json) {statement.sql}", *values)
    return list(_nodes(json.loads(explained)[0]["Plan"]))


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


async def test_one_row_is_read_by_its_key_behind_a_one_time_filter(api: GraphQLBench, bench: Bench) -> None:
    tenant = await bench.tenant()
    area = await bench.area(tenant)
    async with bench.database.unit_of_work(tenant.id) as db:
        await db.execute(MANY_AREAS, tenant.id, area.id, area.path)
    async with bench.database.owner() as db:
        await db.execute("analyze areas_area")
    global_id = to_global_id("Area", area.id)
    nodes = await plan_of(api, tenant, f'{{ area(id: "{global_id}") {{ name parent {{ name }} }} }}')
    scans = [node for node in nodes if node["Node Type"].endswith("Scan") and "Relation Name" in node]
    assert {node["Relation Name"] for node in scans} == {"areas_area"}
    assert all("tenant_id = " in node["Index Cond"] for node in scans)
    assert all(re.search(r"\bid = ", node["Index Cond"]) for node in scans)
    assert any("app.tenant_id" in node.get("One-Time Filter", "") for node in nodes)
