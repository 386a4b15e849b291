"""The tables of applicants and proposals. `migrations/m0003_proposals.py` has their keys, references and checks."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Member(AreaTable, tablename="venture_member"):
    """A person who acts for an organisation that applies. Lies where the organisation does."""

    organisation_id = UUID()
    person_id = UUID()


class Proposal(AreaTable, tablename="venture_proposal"):
    """A project of an organisation for a call; lies in the call's area.

    `budget_fen` is the sum of the lines, `grant_fen` what of it own funds do not cover. While it is `sealed`, only
    those who act for the organisation read it: the audit trail
    tells that something was written, and the submissions tell what.
    """

    hidden_columns: ClassVar[frozenset[str]] = frozenset(
        {
            "title",
            "category",
            "need_id",
            "summary",
            "needs_text",
            "plan_text",
            "team_text",
            "innovation_text",
            "sustainability_text",
            "risk_text",
            "starts_on",
            "ends_on",
            "budget_fen",
            "own_funds_fen",
            "grant_fen",
        }
    )

    call_id = UUID()
    organisation_id = UUID()
    need_id = UUID(default=None, null=True)
    number = Text(default=None, null=True)
    title = Text()
    category = Text(default="")
    summary = Text(default="")
    needs_text = Text(default="")
    plan_text = Text(default="")
    team_text = Text(default="")
    innovation_text = Text(default="")
    sustainability_text = Text(default="")
    risk_text = Text(default="")
    starts_on = Date(default=None, null=True)
    ends_on = Date(default=None, null=True)
    budget_fen = BigInt(default=0)
    own_funds_fen = BigInt(default=0)
    grant_fen = BigInt(default=0)
    state = Text(default="draft")
    sealed = Boolean(default=True)
    rounds = Integer(default=0, help_text="how often it was submitted")
    drafted_by = Array(base_column=UUID(), help_text="the accounts that wrote on it")
    submitted_at = Timestamptz(default=None, null=True)
    returned_at = Timestamptz(default=None, null=True)
    correction_due_at = Timestamptz(default=None, null=True)
    checked_by = UUID(default=None, null=True)
    reason = Text(default="", help_text="why it was returned, or found ineligible")
    object_until = Timestamptz(default=None, null=True)
    objection = Text(default="")
    objection_reason = Text(default="", help_text="why the objection was upheld or dismissed")


class BudgetLine(AreaTable, tablename="venture_budget_line"):
    """An item of a proposal's budget: `amount_fen` is the quantity times the unit's price."""

    hidden_columns: ClassVar[frozenset[str]] = frozenset(
        {
            "item",
            "unit",
            "quantity",
            "unit_price_fen",
            "amount_fen",
        }
    )

    proposal_id = UUID()
    organisation_id = UUID()
    position = Integer()
    item = Text()
    unit = Text(default="")
    quantity = Integer()
    unit_price_fen = BigInt()
    amount_fen = BigInt()
    sealed = Boolean(default=True)


class Submission(AreaTable, tablename="venture_submission"):
    """A proposal as it was handed in: never changed. The audit trail has its digest."""

    hidden_columns: ClassVar[frozenset[str]] = frozenset({"content"})

    proposal_id = UUID()
    organisation_id = UUID()
    call_id = UUID()
    round = Integer()
    content = JSONB()
    digest = Text(help_text="SHA-256 of the content in canonical JSON")
    rules_version = Integer()
    submitted_by = UUID(default=None, null=True)
    submitted_at = Timestamptz()
