"""Random documents over the whole schema, for viewers of every kind: both ways of reading give the same.

`LINLI_DIFFERENTIAL_EXAMPLES` raises the number of examples (by default 150 with a fixed seed; nightly 20,000).
"""

from __future__ import annotations

import os
from dataclasses import replace

import msgspec
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from linli.context import Actor
from linli.identity import people
from linli.testing.factories import Bench
from linli.testing.isolation import Pair
from linli_graphql.ids import to_global_id
from linli_graphql.random_documents import Documents
from linli_graphql.testing import GraphQLBench

EXAMPLES = int(os.environ.get("LINLI_DIFFERENTIAL_EXAMPLES", "150"))


STRANGE = ('a"b\\c', "😀𠮷", "tab\tnew\nline", "\u0001\u001f", "名" * 100, "O'Brien; --", "</script>", " ")


async def test_random_documents_give_the_same_both_ways(pair: Pair) -> None:
    bench, api = pair.bench, GraphQLBench(pair.bench)
    api.audits_reads = False
    tenant = pair.a.tenant
    await _strange_people(pair)
    plugins = bench.composition.plugin_set(bench.composition.names)
    schema = api.interface.schema_for(plugins)
    ids = []
    for spec in schema.specs.values():
        async with bench.database.unit_of_work(tenant.id) as db:
            rows = await db.fetch(
                f"select id from {spec.table_name} where tenant_id = $1 order by id limit 3", tenant.id
            )
        ids += [to_global_id(spec.name, row["id"]) for row in rows]
    documents = Documents(schema._schema, ids=ids)
    actors = await _actors(bench, pair, list(plugins.permissions))
    counts = {"compiled": 0, "all": 0}
    loop_documents: list[tuple[str, str]] = []

    @seed(20_261_122)
    @settings(max_examples=EXAMPLES, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(documents.strategy(), st.sampled_from(sorted(actors)))
    def collect(document: str, label: str) -> None:
        loop_documents.append((document, label))

    collect()
    for document, label in loop_documents:
        fast = await api.compiled(tenant, actors[label], document)
        counts["all"] += 1
        if fast.data is None:
            continue
        counts["compiled"] += 1
        slow = await api.execute(tenant, actors[label], document)
        assert not slow.errors, (label, document, slow.errors)
        assert msgspec.json.encode(fast.data) == msgspec.json.encode(slow.data), (label, document)
    assert counts["compiled"] > counts["all"] // 4, counts


async def _strange_people(pair: Pair) -> None:
    async with pair.bench.context(pair.a.tenant) as ctx:
        for i, name in enumerate(STRANGE):
            person = await people.register(ctx, area_id=pair.a.place(1 + i % 2).id, full_name=f"甲{i}")
            await ctx.db.execute(
                "update identity_person set full_name = $3 where tenant_id = $1 and id = $2",
                ctx.tenant_id,
                person.id,
                name,
            )


async def _actors(bench: Bench, pair: Pair, permissions: list[str]) -> dict[str, Actor]:
    tenant = pair.a.tenant
    async with bench.database.unit_of_work(tenant.id) as db:
        path = await db.fetchval(
            "select path from areas_area where tenant_id = $1 order by depth desc, path limit 1", tenant.id
        )
        person = await db.fetchval("select id from identity_person where tenant_id = $1 limit 1", tenant.id)
    reading = [name for name in permissions if name.endswith(".read")]
    return {
        "everything": bench.actor(permissions),
        "reading": bench.actor(reading),
        "one area": bench.actor(permissions, area_path=path),
        "own": replace(bench.actor(reading), grants=(), person_id=person),
        "own and reading in one area": replace(bench.actor(reading, area_path=path), person_id=person),
    }
