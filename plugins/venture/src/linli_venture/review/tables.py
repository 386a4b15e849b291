"""The tables of the review. `migrations/m0004_review.py` has their keys, references and checks."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Expert(AreaTable, tablename="venture_expert"):
    """Somebody who can be drawn as a reviewer; the code stands for them wherever the public looks."""

    code = Text()
    person_id = UUID()
    employer_id = UUID(default=None, null=True)
    expertise = Array(base_column=Text())
    state = Text(default="active")


class Draw(AreaTable, tablename="venture_draw"):
    """The draw of a call's reviewers: the seed, and the list from which anybody can recompute it. Never changed."""

    call_id = UUID()
    seed = Text()
    content = JSONB(help_text="see `drawing.py`")
    digest = Text(help_text="SHA-256 of the list in canonical JSON")
    drawn_by = UUID(default=None, null=True)
    drawn_at = Timestamptz()


class Declaration(AreaTable, tablename="venture_declaration"):
    """What interests an expert declared in the applicants of a call."""

    call_id = UUID()
    expert_id = UUID()
    person_id = UUID()
    interests = JSONB(help_text="[{organisation_id, kind}]")
    declared_at = Timestamptz()


class Review(AreaTable, tablename="venture_review"):
    """An expert's place in the order that was drawn for a proposal, and what became of it."""

    call_id = UUID()
    proposal_id = UUID()
    expert_id = UUID()
    person_id = UUID()
    place = Integer()
    state = Text(default="drawn")
    reason = Text(default="", help_text="why it was added, given up or replaced")
    submitted_at = Timestamptz(default=None, null=True)


class ScoreSheet(AreaTable, tablename="venture_score_sheet"):
    """A review's result. `total` is in hundredths of a point. Only `sealed` ever changes.

    What was scored is left out of the audit trail, which others read at any stage.
    """

    hidden_columns: ClassVar[frozenset[str]] = frozenset({"total", "needs", "comment"})

    call_id = UUID()
    proposal_id = UUID()
    review_id = UUID()
    expert_id = UUID()
    person_id = UUID()
    total = Integer()
    needs = Integer()
    comment = Text(default="")
    sealed = Boolean(default=True)
    submitted_at = Timestamptz()


class Score(AreaTable, tablename="venture_score"):
    """A line of a sheet: points from 0 to 100 for a criterion. Only `sealed` ever changes."""

    hidden_columns: ClassVar[frozenset[str]] = frozenset({"points"})

    call_id = UUID()
    proposal_id = UUID()
    sheet_id = UUID()
    criterion_id = UUID()
    expert_id = UUID()
    person_id = UUID()
    points = Integer()
    sealed = Boolean(default=True)


class DefenceScore(AreaTable, tablename="venture_defence_score"):
    """A reviewer's points from 0 to 100 for a defence. Only `sealed` ever changes."""

    hidden_columns: ClassVar[frozenset[str]] = frozenset({"points", "comment"})

    call_id = UUID()
    proposal_id = UUID()
    review_id = UUID()
    expert_id = UUID()
    person_id = UUID()
    points = Integer()
    comment = Text(default="")
    sealed = Boolean(default=True)
    submitted_at = Timestamptz()


class Ranking(AreaTable, tablename="venture_ranking"):
    """A proposal's rank with the derivation of each number: never changed. A final one takes the written one's place.

    The score is `score_numerator / score_denominator` points, the needs score likewise.
    """

    call_id = UUID()
    proposal_id = UUID()
    stage = Text(help_text="`written`, or `final` after a defence")
    rank = Integer()
    reviews = Integer()
    score_numerator = BigInt()
    score_denominator = Integer()
    needs_numerator = Integer()
    needs_denominator = Integer()
    derivation = JSONB()
