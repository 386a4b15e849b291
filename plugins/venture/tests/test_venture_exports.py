"""The score book as a spreadsheet, the whole way: nothing before the ranking, all of it after, for whom it is."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from linli_graphql.testing import EXPORTING, export_desk

WEIGHTS = {
    "needs": 20,
    "plan": 25,
    "budget": 15,
    "team": 15,
    "innovation": 10,
    "sustainability": 10,
    "risk": 5,
}
READER = (
    "venture.review.read",
    "venture.call.read",
    "venture.proposal.read",
    "venture.expert.read",
    *EXPORTING,
)
SCORES = ("proposal.number", "expert.code", "criterion.key", "criterion.weight", "points")
SHEETS = ("proposal.number", "expert.code", "total", "needs", "comment")
RANKS = ("proposal.number", "rank", "reviews", "scoreNumerator", "scoreDenominator")


def points_of(proposal: int, expert: int) -> dict[str, int]:
    """What a reviewer gives: other points for each line of each sheet."""
    return {key: 40 + 7 * place + 3 * expert - proposal for place, key in enumerate(WEIGHTS)}


async def test_the_score_book_leaves_after_the_ranking_and_agrees_with_a_recount(
    world: Any, story: Any, tmp_path: Path
) -> None:
    applicants = [await world.applicant(), await world.applicant()]
    experts = [await world.expert() for _ in range(5)]
    call, proposals = await story.drawn(applicants)
    given: dict[tuple[str, str], dict[str, int]] = {}
    for place, expert in enumerate(experts):
        await story.declare(call, expert)
        for review in await story.reviews_of(expert, "DECLARED"):
            proposal = await world.value(
                "select proposal_id from venture_review where tenant_id = $1 and id = $2", review
            )
            number = await world.value(
                "select number from venture_proposal where tenant_id = $1 and id = $2", proposal
            )
            points = points_of(proposals.index(proposal), place)
            given[number, expert.code] = points
            await story.score(review, expert, points, comment=f"密语{place}")
    async with export_desk(world.bench, tmp_path) as desk:
        reader = await desk.clerk(world.tenant, READER)
        for connection, columns in (
            ("ventureScores", SCORES),
            ("ventureScoreSheets", SHEETS),
            ("ventureDefenceScores", ()),
            ("ventureRankings", RANKS),
        ):
            blind = await reader.export(connection, *columns)
            assert blind.rows == [], "nobody reads scores before the ranking"
            assert "密语" not in blind.text
        await story.step("rankVentureCall", world.officer, call)
        book = await reader.export("ventureScores", *SCORES)
        found: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
        for number, code, key, weight, points in book.rows:
            assert weight == WEIGHTS[key]
            found[number, code][key] = int(points)
        assert found == given
        assert len(book.rows) == 70
        sheets = await reader.export("ventureScoreSheets", *SHEETS)
        assert {(row[0], row[1]): (row[2], row[3]) for row in sheets.rows} == {
            key: (total_of(points), points["needs"]) for key, points in given.items()
        }
        ranks = await reader.export("ventureRankings", *RANKS, orderBy="RANK_ASC")
        scores = {number: score_of(given, number) for number, _code in given}
        best = sorted(scores.values(), reverse=True)
        assert {row[0]: (row[1], row[2], Fraction(int(row[3]), int(row[4]))) for row in ranks.rows} == {
            number: (1 + best.index(score), 5, score) for number, score in scores.items()
        }
        for name in ("演示专家", "演示执笔人"):
            assert name not in book.text + sheets.text + ranks.text
        await check_who_may(world, desk, reader, book.id)


async def check_who_may(world: Any, desk: Any, reader: Any, export_id: str) -> None:
    """Who may not read scores, or not export, gets nothing; a file is for who asked for it; names stay behind."""
    rights = set(READER)
    for missing in ("venture.review.read", "transfer.export.run"):
        other = await desk.clerk(world.tenant, rights - {missing})
        with pytest.raises(AssertionError, match="permission_denied"):
            await other.start("ventureScores")
        assert (await other.fetch(export_id)).status_code == 404
    assert (await desk.client.get(f"/transfer/exports/{export_id}/file")).status_code == 401
    stranger = await desk.clerk(world.tenant, READER, area=world.elsewhere)
    for connection in ("ventureScores", "ventureScoreSheets", "ventureRankings", "ventureProposals"):
        assert (await stranger.export(connection)).rows == []
    with pytest.raises(AssertionError, match="permission_denied"):
        await reader.start("ventureExperts", "code", "person.fullName")
    assert "演示专家" not in (await reader.export("ventureExperts")).text


def total_of(points: dict[str, int]) -> int:
    """A sheet's weighted total in hundredths of a point."""
    return sum(WEIGHTS[key] * one for key, one in points.items())


def score_of(given: dict[tuple[str, str], dict[str, int]], number: str) -> Fraction:
    """A proposal's score in points, from its sheets: the mean without the highest and the lowest."""
    totals = sorted(total_of(points) for (of, _code), points in given.items() if of == number)
    return Fraction(sum(totals[1:-1]), 100 * (len(totals) - 2))
