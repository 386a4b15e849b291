"""An outsider recomputes a draw: with a browser and SHA-256, no log-in, and nothing of this plugin's code."""

from __future__ import annotations

import hashlib
import html
import json
import re
from pathlib import Path
from typing import Any

from linli_graphql.testing import export_desk

ROW = re.compile(r"<tr><th>(.*?)</th><td>(.*?)</td></tr>", re.DOTALL)
LINK = re.compile(r'<h2><a href="(.*?)">(.*?)</a></h2>')
HEAD = re.compile(r"<h2>(.*?)</h2>")


def rows_of(text: str) -> dict[str, str]:
    return {name: html.unescape(value) for name, value in ROW.findall(text)}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def drawn_by_hand(seed: str, listed: str, number: str) -> list[str]:
    """The order of a proposal's experts, as the note on the page and the documentation say."""
    content, digest = json.loads(listed), sha256(listed)
    [proposal] = [one for one in content["proposals"] if one["number"] == number]
    codes = [
        one["code"]
        for one in content["experts"]
        if proposal["category"] in one["expertise"] and one["code"] not in proposal["excluded"]
    ]
    return sorted(codes, key=lambda code: sha256(f"{seed}|{digest}|{number}|{code}"))


async def test_an_outsider_recomputes_the_draw_from_the_public_pages(
    world: Any, story: Any, tmp_path: Path
) -> None:
    applicants = [await world.applicant() for _ in range(3)]
    experts = [await world.expert() for _ in range(7)]
    others = [await world.expert(expertise=("助残",)) for _ in range(2)]
    await world.act(
        "addVentureMember",
        world.officer,
        gives="VentureMember",
        organisation_id=applicants[0].organisation_id,
        person_id=experts[0].actor.person_id,
    )
    call, proposals = await story.closed(applicants)
    async with export_desk(world.bench, tmp_path) as desk:

        async def read(path: str) -> str:
            answer = await desk.client.get(f"/p/{world.tenant.slug}/venture/calls/2026-1{path}")
            assert answer.status_code == 200
            return answer.text

        committed = rows_of(await read(""))["抽签种子承诺(SHA-256)"]
        before = rows_of(await read("/draw"))
        assert (before["抽签种子"], before["抽签种子承诺(SHA-256)"]) == ("—", committed)
        await story.step("drawVentureReviewers", world.officer, call)
        text = await read("/draw")
        top, *parts, file = text.split("<section>")
        [(address, called)] = LINK.findall(file)
        assert called == "下载名单(JSON)"
        listed = (await desk.client.get(address)).text
        assert (await desk.client.get(address.replace("2026-1", "2026-9"))).status_code == 404
    shown = rows_of(top)
    seed = shown["抽签种子"]
    assert sha256(seed) == committed, "the seed is the one that was committed to before the call opened"
    assert sha256(listed) == shown["名单摘要(SHA-256)"]
    orders = {}
    for part in parts:
        row, number = rows_of(part), HEAD.findall(part)[0]
        drawn, following = row["抽中专家"].split(", "), row["候补顺序"]
        orders[number] = [*drawn, *(following.split(", ") if following != "—" else ())]
        assert len(drawn) == 5
        assert orders[number] == drawn_by_hand(seed, listed, number)
    assert len(orders) == len(proposals)
    tied = experts[0].code
    assert not any(tied in order for order in orders.values()), (
        "who acts for an applicant is drawn for nobody"
    )
    assert not any(one.code in order for one in others for order in orders.values()), "another field"
    for place, code in enumerate(orders["2026-1-001"][:5]):
        sql = """select r.place from venture_review r
            join venture_expert e on e.tenant_id = $1 and e.id = r.expert_id
            join venture_proposal p on p.tenant_id = $1 and p.id = r.proposal_id
            where r.tenant_id = $1 and p.number = '2026-1-001' and e.code = $2"""
        assert await world.value(sql, code) == place + 1, "and these were asked to review"
    for name in ("演示专家", "演示执笔人", "演示同事"):
        assert name not in text
