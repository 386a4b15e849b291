"""Decisions, what they say of each proposal, and objections."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """A call has one decision that is neither discarded nor withdrawn; a proposal one open objection."""
    m.tenant_table(
        "venture_decision",
        """
        call_id uuid not null,
        state text not null default 'draft'
            check (state in ('draft', 'announced', 'concluded', 'discarded', 'withdrawn')),
        order_reason text not null default '' check (length(order_reason) <= 500),
        awarded_fen bigint not null check (awarded_fen between 0 and 9007199254740991),
        proposed_by uuid,
        announced_by uuid,
        announced_at timestamptz,
        notice_until timestamptz,
        concluded_by uuid,
        concluded_at timestamptz,
        withdraw_reason text not null default '' check (length(withdraw_reason) <= 500)
        """,
        references={"call_id": "venture_call"},
        indexes=[("state", "id"), ("call_id", "id")],
        area=True,
    )
    m.index("venture_decision", "call_id", unique=True, where="state in ('draft', 'announced', 'concluded')")
    m.tenant_table(
        "venture_outcome",
        """
        decision_id uuid not null,
        call_id uuid not null,
        proposal_id uuid not null,
        kind text not null check (kind in ('award', 'reserve', 'reject')),
        amount_fen bigint not null default 0 check (amount_fen between 0 and 100000000000),
        reserve_place integer not null default 0 check (reserve_place between 0 and 10000),
        reason text not null default '' check (length(reason) <= 500),
        settled_reason text not null default '' check (length(settled_reason) <= 500)
        """,
        references={
            "decision_id": "venture_decision",
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
        },
        unique=[("decision_id", "proposal_id")],
        indexes=[("proposal_id", "id"), ("call_id", "kind"), ("kind", "id")],
        area=True,
    )
    m.tenant_table(
        "venture_objection",
        """
        decision_id uuid not null,
        call_id uuid not null,
        proposal_id uuid not null,
        organisation_id uuid not null,
        state text not null default 'raised' check (state in ('raised', 'upheld', 'dismissed', 'withdrawn')),
        reason text not null check (length(reason) between 1 and 500),
        raised_by uuid,
        raised_at timestamptz not null,
        decided_by uuid,
        decided_at timestamptz,
        decision_reason text not null default '' check (length(decision_reason) <= 500)
        """,
        references={
            "decision_id": "venture_decision",
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
            "organisation_id": "identity_organisation",
        },
        indexes=[("decision_id", "state"), ("call_id", "id"), ("state", "id")],
        area=True,
    )
    m.index("venture_objection", "decision_id", "proposal_id", unique=True, where="state = 'raised'")
