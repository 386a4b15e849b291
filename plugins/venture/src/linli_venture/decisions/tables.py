"""The tables of decisions. `migrations/m0005_decisions.py` has their keys, references and checks."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Decision(AreaTable, tablename="venture_decision"):
    """What becomes of a call's proposals: proposed by one, announced by another, concluded after the notice."""

    call_id = UUID()
    state = Text(default="draft")
    order_reason = Text(default="", help_text="why awards do not follow the ranks; empty when they do")
    awarded_fen = BigInt(help_text="the sum of the awards")
    proposed_by = UUID(default=None, null=True)
    announced_by = UUID(default=None, null=True)
    announced_at = Timestamptz(default=None, null=True)
    notice_until = Timestamptz(default=None, null=True)
    concluded_by = UUID(default=None, null=True)
    concluded_at = Timestamptz(default=None, null=True)
    withdraw_reason = Text(default="")


class Outcome(AreaTable, tablename="venture_outcome"):
    """What a decision says of one proposal: an amount and a place on the reserve list, or a reason."""

    decision_id = UUID()
    call_id = UUID()
    proposal_id = UUID()
    kind = Text()
    amount_fen = BigInt(default=0)
    reserve_place = Integer(default=0, help_text="0 for what is not on the reserve list")
    reason = Text(default="")
    settled_reason = Text(default="", help_text="why a reserve was awarded or let go")


class Objection(AreaTable, tablename="venture_objection"):
    """An applicant's objection to the awards under notice."""

    decision_id = UUID()
    call_id = UUID()
    proposal_id = UUID()
    organisation_id = UUID()
    state = Text(default="raised")
    reason = Text()
    raised_by = UUID(default=None, null=True)
    raised_at = Timestamptz()
    decided_by = UUID(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decision_reason = Text(default="")
