"""What a person gets of their own points, and what stays of them after an erasure."""

from __future__ import annotations

from typing import Any

from linli.ledger.verify import verify
from linli_graphql.ids import to_global_id
from linli_points.subjects import PERSONAL_DATA


async def test_an_export_has_ones_own_and_nothing_of_others(desk: Any) -> None:
    person, other = await desk.person(), await desk.person("演示李四")
    claim = await desk.posted(await desk.participant(person), note="说明")
    await desk.posted(await desk.participant(other))
    async with desk.context() as ctx:
        found = {part.name: await part.export(ctx, [person]) for part in PERSONAL_DATA}
    assert [to_global_id("PointsClaim", one["id"]) for one in found["points.claim"]] == [claim]
    assert found["points.claim"][0]["note"] == "说明"
    assert len(found["points.participant"]) == len(found["points.evidence"]) == 1
    assert "verified_by" not in found["points.claim"][0]


async def test_after_an_erasure_no_text_is_left_and_the_books_agree(desk: Any) -> None:
    person = await desk.person()
    participant = await desk.participant(person)
    await desk.posted(participant, note="说明")
    await desk.call(
        "choosePointsRanking", desk.resident(person), id=participant, ranked=True, nickname="热心人"
    )
    async with desk.context() as ctx:
        kept = [one for part in PERSONAL_DATA for one in await part.erase(ctx, [person])]
        again = [one for part in PERSONAL_DATA for one in await part.erase(ctx, [person])]
        texts = await ctx.db.fetchrow(
            "select c.note, e.reference, p.nickname, p.ranked from points_claim c"
            " join points_evidence e on e.tenant_id = $1 and e.claim_id = c.id"
            " join points_participant p on p.tenant_id = $1 and p.id = c.participant_id where c.tenant_id = $1",
            ctx.tenant_id,
        )
    assert tuple(texts) == ("", "—", "", False)
    assert {one.what for one in kept} == {one.what for one in again} == {"points"}
    assert await desk.balance(participant) == 5
    assert (await verify(desk.bench.database, desk.tenant)).problems == []
