"""Experts, draws, declarations, reviews, scores, rankings."""

from linli.plugin import Migration

_UNSEALED = "grant update (sealed, person_id, version, updated_at) on {table} to {role}"


def upgrade(m: Migration) -> None:
    """Draws, declarations, scores and rankings are never changed; of scores the seal is lifted, and nothing else."""
    _experts(m)
    _reviews(m)
    _scores(m)
    m.tenant_table(
        "venture_ranking",
        """
        call_id uuid not null,
        proposal_id uuid not null,
        stage text not null check (stage in ('written', 'final')),
        rank integer not null check (rank between 1 and 100000),
        reviews integer not null check (reviews between 1 and 1000),
        score_numerator bigint not null check (score_numerator >= 0),
        score_denominator integer not null check (score_denominator > 0),
        needs_numerator integer not null check (needs_numerator >= 0),
        needs_denominator integer not null check (needs_denominator > 0),
        derivation jsonb not null
        """,
        references={"call_id": "venture_call", "proposal_id": "venture_proposal"},
        unique=[("proposal_id", "stage")],
        indexes=[("call_id", "stage"), ("stage", "rank", "id"), ("rank", "id")],
        area=True,
        append_only=True,
    )


def _experts(m: Migration) -> None:
    m.tenant_table(
        "venture_expert",
        """
        code text not null check (length(code) between 1 and 20),
        person_id uuid not null,
        employer_id uuid,
        expertise text[] not null,
        state text not null default 'active' check (state in ('active', 'left'))
        """,
        references={"person_id": "identity_person", "employer_id": "identity_organisation"},
        unique=[("code",), ("person_id",)],
        indexes=[("state", "code")],
        area=True,
    )
    m.tenant_table(
        "venture_draw",
        """
        call_id uuid not null,
        seed text not null check (length(seed) = 64),
        content jsonb not null,
        digest text not null check (length(digest) = 64),
        drawn_by uuid,
        drawn_at timestamptz not null
        """,
        references={"call_id": "venture_call"},
        unique=[("call_id",)],
        area=True,
        append_only=True,
    )
    m.tenant_table(
        "venture_declaration",
        """
        call_id uuid not null,
        expert_id uuid not null,
        person_id uuid not null,
        interests jsonb not null,
        declared_at timestamptz not null
        """,
        references={
            "call_id": "venture_call",
            "expert_id": "venture_expert",
            "person_id": "identity_person",
        },
        unique=[("call_id", "expert_id")],
        area=True,
    )


def _reviews(m: Migration) -> None:
    m.tenant_table(
        "venture_review",
        """
        call_id uuid not null,
        proposal_id uuid not null,
        expert_id uuid not null,
        person_id uuid not null,
        place integer not null check (place between 1 and 10000),
        state text not null default 'drawn'
            check (state in ('drawn', 'declared', 'submitted', 'recused', 'replaced', 'missed')),
        reason text not null default '' check (length(reason) <= 500),
        submitted_at timestamptz,
        check ((state = 'submitted') = (submitted_at is not null))
        """,
        references={
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
            "expert_id": "venture_expert",
            "person_id": "identity_person",
        },
        unique=[("proposal_id", "expert_id"), ("proposal_id", "place")],
        indexes=[("call_id", "state"), ("person_id", "call_id"), ("expert_id", "id"), ("state", "id")],
        area=True,
    )


def _scores(m: Migration) -> None:
    m.tenant_table(
        "venture_score_sheet",
        """
        call_id uuid not null,
        proposal_id uuid not null,
        review_id uuid not null,
        expert_id uuid not null,
        person_id uuid not null,
        total integer not null check (total between 0 and 10000),
        needs integer not null check (needs between 0 and 100),
        comment text not null default '' check (length(comment) <= 2000),
        sealed boolean not null default true,
        submitted_at timestamptz not null
        """,
        references={
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
            "review_id": "venture_review",
            "expert_id": "venture_expert",
            "person_id": "identity_person",
        },
        unique=[("review_id",)],
        indexes=[("proposal_id", "id"), ("call_id", "id"), ("total", "id")],
        area=True,
        append_only=True,
    )
    m.tenant_table(
        "venture_score",
        """
        call_id uuid not null,
        proposal_id uuid not null,
        sheet_id uuid not null,
        criterion_id uuid not null,
        expert_id uuid not null,
        person_id uuid not null,
        points integer not null check (points between 0 and 100),
        sealed boolean not null default true
        """,
        references={
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
            "sheet_id": "venture_score_sheet",
            "criterion_id": "venture_criterion",
            "expert_id": "venture_expert",
            "person_id": "identity_person",
        },
        unique=[("sheet_id", "criterion_id")],
        indexes=[("call_id", "id"), ("proposal_id", "id")],
        area=True,
        append_only=True,
    )
    _defence(m)
    for table in ("venture_score_sheet", "venture_score", "venture_defence_score"):
        m.execute(_UNSEALED.format(table=table, role=m.api))


def _defence(m: Migration) -> None:
    m.tenant_table(
        "venture_defence_score",
        """
        call_id uuid not null,
        proposal_id uuid not null,
        review_id uuid not null,
        expert_id uuid not null,
        person_id uuid not null,
        points integer not null check (points between 0 and 100),
        comment text not null default '' check (length(comment) <= 2000),
        sealed boolean not null default true,
        submitted_at timestamptz not null
        """,
        references={
            "call_id": "venture_call",
            "proposal_id": "venture_proposal",
            "review_id": "venture_review",
            "expert_id": "venture_expert",
            "person_id": "identity_person",
        },
        unique=[("review_id",)],
        indexes=[("proposal_id", "id"), ("call_id", "id")],
        area=True,
        append_only=True,
    )
