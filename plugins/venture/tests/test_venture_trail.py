"""The audit trail tells who did what, and nothing of what is sealed from those who read it."""

from __future__ import annotations

import json
from typing import Any

TRAIL = "{ auditEntries(first: 100) { nodes { action subjectTable before after } } }"
SEALED = ("venture_proposal", "venture_budget_line", "venture_score_sheet", "venture_score")


async def told(world: Any) -> str:
    """All that the trail tells of sealed rows, to whoever reads it."""
    found = await world.ask(world.bench.actor(("audit.entry.read",)), TRAIL)
    nodes = [one for one in found["auditEntries"]["nodes"] if one["subjectTable"] in SEALED]
    return json.dumps(nodes, ensure_ascii=False)


async def test_the_trail_holds_no_draft_of_a_proposal(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    call = await story.open()
    proposal = await story.written(call, applicant, "密题", plan_text="密稿", own_funds_fen=4_123_456)
    lines = [{"item": "密项", "quantity": 7, "unitPriceFen": 1_234_567}]
    await story.budget(proposal, applicant.writer, lines)
    trail = await told(world)
    for secret in ("密题", "密稿", "密项", "4123456", "1234567", "8641969"):
        assert secret not in trail
    assert "venture_proposal" in trail
    assert "venture_budget_line" in trail


async def test_the_trail_holds_no_score(world: Any, story: Any) -> None:
    applicant = await world.applicant()
    experts = [await world.expert() for _ in range(5)]
    call, _proposals = await story.drawn([applicant])
    await story.declare(call, experts[0])
    (review,) = await story.reviews_of(experts[0])
    await story.score(review, experts[0], 83, comment="密评")
    trail = await told(world)
    for secret in ("密评", "8300", '"needs": 83', '"points": 83'):
        assert secret not in trail
    assert "venture_score_sheet" in trail
