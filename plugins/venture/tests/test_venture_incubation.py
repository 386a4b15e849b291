"""Incubation: an organisation once at a time, with its end and reason; from a list too."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from linli.areas.locking import tree_lock
from linli.testing.imports import ImportBench
from linli_graphql.ids import from_global_id, to_global_id
from linli_venture.incubation import incubating
from linli_venture.incubation.states import INCUBATION, IncubationState
from linli_venture.proposals.applicants import add_member

TODAY = date(2026, 5, 6)
KIND, SHOWS = "venture.incubations", "id version state"
PERMISSIONS = (
    "venture.incubation.read",
    "venture.incubation.write",
    "identity.organisation.read",
    "areas.area.read",
)

LIST = """
query ($of: ID!) {
  ventureIncubations(filter: {state: {eq: INCUBATING}}) { totalCount }
  node(id: $of) { ... on Organisation {
    ventureIncubations(first: 10) { edges { node { state support startedOn endedOn endReason area { name } } } }
  } }
}"""


def local(global_id: str) -> UUID:
    return UUID(str(from_global_id(global_id)[1]))


@pytest.fixture
def clerk(world: Any) -> Any:
    return world.bench.actor(PERMISSIONS)


@pytest.fixture
def start(world: Any, clerk: Any) -> Any:
    async def started(organisation_id: UUID, day: date = TODAY, actor: Any = None) -> Any:
        values = {"organisation_id": organisation_id, "support": "场地", "started_on": day}
        return await world.act(
            "startVentureIncubation", actor or clerk, gives="VentureIncubation", shows=SHOWS, **values
        )

    return started


async def rows_of(world: Any, clerk: Any, organisation_id: UUID) -> tuple[int, list[Any]]:
    found = await world.ask(clerk, LIST, of=to_global_id("Organisation", organisation_id))
    edges = found["node"]["ventureIncubations"]["edges"]
    return found["ventureIncubations"]["totalCount"], [edge["node"] for edge in edges]


async def test_an_organisation_is_helped_leaves_and_comes_back(
    world: Any, story: Any, start: Any, clerk: Any, refused: Any
) -> None:
    unit = await world.organisation()
    first = local((await start(unit, TODAY - timedelta(days=90)))["id"])
    assert await refused(start(unit)) == "venture.already_incubated"
    left = {"on": TODAY - timedelta(days=10), "reason": "业务调整"}
    step = world.act(
        "leaveVentureIncubation", clerk, gives="VentureIncubation", shows=SHOWS, id=first, **left
    )
    assert (await step)["state"] == "LEFT"
    too_early = start(unit, TODAY - timedelta(days=11))
    assert await refused(too_early) == "venture.still_incubated_then"
    await start(unit, TODAY - timedelta(days=10))
    count, nodes = await rows_of(world, clerk, unit)
    assert count == 1
    assert [one["state"] for one in nodes] == ["LEFT", "INCUBATING"]
    assert (nodes[0]["endedOn"], nodes[0]["endReason"]) == ("2026-04-26", "业务调整")
    assert nodes[0]["area"]["name"] == "演示镇"


@pytest.mark.parametrize("state", list(IncubationState))
@pytest.mark.parametrize("action", ["graduate", "leave"])
async def test_every_step_works_where_the_table_has_it_and_nowhere_else(
    world: Any, start: Any, clerk: Any, refused: Any, state: IncubationState, action: str
) -> None:
    made = local((await start(await world.organisation()))["id"])
    ended = None if state is IncubationState.INCUBATING else TODAY
    await world.put("venture_incubation", made, state=state.value, ended_on=ended)
    values = {"id": made, "on": TODAY, **({"reason": "演示"} if action == "leave" else {})}
    step = world.act(f"{action}VentureIncubation", clerk, gives="VentureIncubation", shows=SHOWS, **values)
    if action in INCUBATION.actions_in(state):
        assert (await step)["state"] == INCUBATION.transition(state, action).target.upper()
    else:
        assert await refused(step) == "workflow.undefined_transition"


async def test_what_does_not_fit_is_refused(world: Any, start: Any, clerk: Any, refused: Any) -> None:
    unit = await world.organisation()
    assert await refused(start(unit, TODAY + timedelta(days=1))) == "future_date"
    reader = world.bench.actor([one for one in PERMISSIONS if not one.endswith("write")])
    assert await refused(start(unit, actor=reader)) == "permission_denied"
    stranger = world.bench.actor(PERMISSIONS, area_path=world.elsewhere.path)
    assert await refused(start(unit, actor=stranger)) == "not_found"
    made = local((await start(unit))["id"])
    early = {"id": made, "on": TODAY - timedelta(days=1)}
    step = world.act("graduateVentureIncubation", clerk, gives="VentureIncubation", shows=SHOWS, **early)
    assert await refused(step) == "venture.ends_before_incubation"
    await world.put("identity_organisation", other := await world.organisation(), state="closed")
    assert await refused(start(other)) == "venture.organisation_ended"


async def test_a_list_takes_organisations_in_once(world: Any) -> None:
    codes = [f"52420800MJ000000{number:02d}" for number in range(2)]
    for code in codes:
        await world.put("identity_organisation", await world.organisation(), uscc=code)
    transfers = ImportBench(world.bench)
    clerk = await transfers.account(world.tenant, PERMISSIONS)
    listed = [{"organisation": one, "support": "场地", "started_on": "2026-03-01"} for one in codes]
    assert (await transfers.import_rows(world.tenant, KIND, listed, actor=clerk)).counts == (2, 0, 0, 0)
    listed[0]["started_on"] = "2026-03-02"
    listed.append({**listed[0], "organisation": "52420800MJ00000099"})
    done = await transfers.import_rows(world.tenant, KIND, listed, actor=clerk)
    assert done.results == {1: "refused", 2: "unchanged", 3: "refused"}
    assert {number: problems[0][1] for number, problems in done.problems.items()} == {
        1: "venture.already_incubated",
        3: "venture.unknown_organisation",
    }


async def test_what_is_put_where_an_organisation_lies_keeps_the_tree_until_it_is_there(
    world: Any, clerk: Any
) -> None:
    organisation_id, person_id = await world.organisation(), await world.person("演示申报人")
    held = """select count(*) from pg_locks
        where locktype = 'advisory' and pid = pg_backend_pid() and classid = $1 and objid = $2"""
    for actor in (clerk, world.officer):
        async with world.bench.context(world.tenant, actor=actor, clock=world.clock) as ctx:
            if actor is clerk:
                await incubating.start(ctx, organisation_id=organisation_id, support="场地", started_on=TODAY)
            else:
                await add_member(ctx, organisation_id=organisation_id, person_id=person_id)
            space, key = tree_lock(ctx)
            assert await ctx.db.fetchval(held, space, key % (1 << 32)) == 1
