"""The tables of needs and calls. `migrations/m0002_calls.py` has their keys, references and checks."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    Boolean,
    Date,
    Integer,
    Text,
    Timestamptz,
)

from linli.plugin import AreaTable, EncryptedText


class Need(AreaTable, tablename="venture_need"):
    """What residents of an area lack, as a survey found it."""

    title = Text()
    description = Text(default="")
    category = Text()
    beneficiaries = Integer(help_text="how many people it concerns")
    source = Text(help_text="who asked whom, and when")
    surveyed_on = Date()
    state = Text(default="recorded")


class Call(AreaTable, tablename="venture_call"):
    """A call for proposals with its rules, which are frozen when it is published.

    `opens_at` and `closes_at` are the first and the last moment in time. Shares and weights add up to 100.
    """

    number = Text(default=None, null=True)
    title = Text()
    guide = Text(default="")
    pool_id = UUID()
    opens_at = Timestamptz()
    closes_at = Timestamptz()
    cap_fen = BigInt(help_text="the most that one project gets")
    grant_percent_max = Integer(help_text="the most of a budget that is granted, in per cent")
    floor_grade = Text(default=None, null=True, help_text="the lowest grade that may apply; null is any")
    categories = Array(base_column=Text())
    tranche_shares = Array(base_column=Integer())
    midterm_tranche = Integer(
        default=0, help_text="the first that waits for the midterm appraisal; 0 is none"
    )
    final_tranche = Integer(default=0, help_text="the first that waits for the final appraisal; 0 is none")
    reviews_min = Integer()
    defence_percent = Integer(default=0, help_text="what the defence counts of the final score; 0 is none")
    anonymous = Boolean(default=True, help_text="whether reviewers see who applies")
    notice_days = Integer(help_text="working days of the public notice")
    correction_days = Integer(help_text="working days for the one formal correction")
    state = Text(default="draft")
    rules_version = Integer(default=0)
    drafted_by = Array(base_column=UUID(), help_text="the accounts that wrote on the draft")
    published_by = UUID(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    ranked_at = Timestamptz(default=None, null=True)
    shortlisted_at = Timestamptz(default=None, null=True)
    defended_at = Timestamptz(default=None, null=True)
    seed_commitment = Text(default="", help_text="SHA-256 of the draw's seed, from the publication on")
    cancel_reason = Text(default="")


class Criterion(AreaTable, tablename="venture_criterion"):
    """A line of a call's scoring sheet: points from 0 to 100, which count with a weight."""

    call_id = UUID()
    position = Integer()
    key = Text()
    title = Text()
    weight = Integer()


class CallVersion(AreaTable, tablename="venture_call_version"):
    """The rules of a call as they were published, or amended: never changed."""

    call_id = UUID()
    number = Integer()
    rules = JSONB()
    digest = Text(help_text="SHA-256 of the rules in canonical JSON")
    note = Text(default="", help_text="what was amended, and why")
    made_by = UUID(default=None, null=True)
    made_at = Timestamptz()


class DrawSeed(AreaTable, tablename="venture_draw_seed"):
    """The seed of a call's draw, hidden until the draw is made."""

    call_id = UUID()
    seed = EncryptedText(purpose="venture.draw", limit=64)
