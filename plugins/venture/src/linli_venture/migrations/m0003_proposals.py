"""Applicants, proposals, budgets and submissions."""

from linli.plugin import Migration

_PROSE = (
    "summary",
    "needs_text",
    "plan_text",
    "team_text",
    "innovation_text",
    "sustainability_text",
    "risk_text",
)


def upgrade(m: Migration) -> None:
    """A submission is never changed: the API role has no right to."""
    m.tenant_table(
        "venture_member",
        """
        organisation_id uuid not null,
        person_id uuid not null
        """,
        references={"organisation_id": "identity_organisation", "person_id": "identity_person"},
        unique=[("organisation_id", "person_id")],
        indexes=[("person_id", "organisation_id")],
        area=True,
    )
    _proposals(m)
    m.tenant_table(
        "venture_budget_line",
        """
        proposal_id uuid not null,
        organisation_id uuid not null,
        position integer not null check (position between 1 and 100),
        item text not null check (length(item) between 1 and 100),
        unit text not null default '' check (length(unit) <= 20),
        quantity integer not null check (quantity between 1 and 1000000),
        unit_price_fen bigint not null check (unit_price_fen between 1 and 100000000000),
        amount_fen bigint not null check (amount_fen between 1 and 100000000000),
        sealed boolean not null default true
        """,
        references={"proposal_id": "venture_proposal", "organisation_id": "identity_organisation"},
        unique=[("proposal_id", "position")],
        area=True,
    )
    m.tenant_table(
        "venture_submission",
        """
        proposal_id uuid not null,
        organisation_id uuid not null,
        call_id uuid not null,
        round integer not null check (round between 1 and 2),
        content jsonb not null,
        digest text not null check (length(digest) = 64),
        rules_version integer not null check (rules_version between 1 and 1000),
        submitted_by uuid,
        submitted_at timestamptz not null
        """,
        references={
            "proposal_id": "venture_proposal",
            "organisation_id": "identity_organisation",
            "call_id": "venture_call",
        },
        unique=[("proposal_id", "round")],
        indexes=[("submitted_at", "id"), ("call_id", "id")],
        area=True,
        append_only=True,
    )


def _proposals(m: Migration) -> None:
    prose = "\n".join(f"{name} text not null default '' check (length({name}) <= 5000)," for name in _PROSE)
    m.tenant_table(
        "venture_proposal",
        f"""
        call_id uuid not null,
        organisation_id uuid not null,
        need_id uuid,
        number text check (length(number) between 1 and 50),
        title text collate "C" not null check (length(title) between 1 and 100),
        category text not null default '' check (length(category) <= 40),
        {prose}
        starts_on date,
        ends_on date check (ends_on >= starts_on),
        budget_fen bigint not null default 0 check (budget_fen between 0 and 100000000000),
        own_funds_fen bigint not null default 0 check (own_funds_fen between 0 and 100000000000),
        grant_fen bigint not null default 0 check (grant_fen between 0 and 100000000000),
        state text not null default 'draft' check (state in ('draft', 'submitted', 'returned', 'eligible',
            'ineligible', 'scored', 'shortlisted', 'notice', 'awarded', 'reserved', 'rejected', 'withdrawn')),
        sealed boolean not null default true,
        rounds integer not null default 0 check (rounds between 0 and 2),
        drafted_by uuid[] not null default '{{}}',
        submitted_at timestamptz,
        returned_at timestamptz,
        correction_due_at timestamptz,
        checked_by uuid,
        reason text not null default '' check (length(reason) <= 500),
        object_until timestamptz,
        objection text not null default '' check (length(objection) <= 500),
        objection_reason text not null default '' check (length(objection_reason) <= 500)
        """,
        references={
            "call_id": "venture_call",
            "organisation_id": "identity_organisation",
            "need_id": "venture_need",
        },
        unique=[("number",)],
        indexes=[
            ("call_id", "state"),
            ("organisation_id", "id"),
            ("state", "id"),
            ("category", "id"),
            ("grant_fen", "id"),
            ("state", "correction_due_at"),
            ("need_id", "id"),
        ],
        area=True,
    )
