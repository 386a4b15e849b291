"""Grants, with all that belongs to them."""

from linli.plugin import Migration

_FEN_MAX = 100_000_000_000_000
_OWN = {"grant_id": "venture_grant", "organisation_id": "identity_organisation"}

_GRANT = f"""
    call_id uuid not null,
    pool_id uuid not null,
    proposal_id uuid not null,
    decision_id uuid not null,
    organisation_id uuid not null,
    title text collate "C" not null check (length(title) between 1 and 200),
    category text not null default '' check (length(category) <= 40),
    project_digest text collate "C" not null check (length(project_digest) = 64),
    amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
    own_fen bigint not null default 0 check (own_fen between 0 and {_FEN_MAX}),
    state text not null default 'awarded' check (state in ('awarded', 'signed', 'active', 'suspended', 'final',
        'closed', 'terminated', 'declined')),
    account_id uuid not null,
    verified_fen bigint not null default 0,
    paid_fen bigint not null default 0,
    released_fen bigint not null default 0,
    refunded_fen bigint not null default 0,
    settled_fen bigint not null default 0,
    recovery_fen bigint not null default 0,
    awarded_by uuid,
    awarded_at timestamptz not null,
    starts_on date,
    ends_on date check (ends_on >= starts_on),
    prepared_by uuid,
    signed_by uuid check (signed_by <> prepared_by),
    signed_on date,
    document_id uuid,
    contract_number text collate "C" not null default '' check (length(contract_number) <= 40),
    started_on date,
    suspended_on date,
    suspend_reason text not null default '' check (length(suspend_reason) <= 500),
    finished_on date,
    audited_by uuid,
    ended_by uuid,
    ended_on date,
    end_reason text not null default '' check (length(end_reason) <= 500),
    end_rule text not null default '' check (length(end_rule) <= 200),
    object_until date,
    constraint venture_grant_recovery check (recovery_fen between 0 and paid_fen),
    constraint venture_grant_verified check (verified_fen between 0 and amount_fen),
    constraint venture_grant_paid check (paid_fen between 0 and verified_fen),
    constraint venture_grant_released check (released_fen between 0 and amount_fen - paid_fen),
    constraint venture_grant_accounted check (
        refunded_fen >= 0 and settled_fen >= 0 and refunded_fen + settled_fen <= paid_fen),
    check (state not in ('closed', 'terminated', 'declined') or released_fen = amount_fen - paid_fen),
    check (state <> 'closed' or refunded_fen + settled_fen = paid_fen),
    check ((state in ('closed', 'terminated', 'declined')) = (ended_on is not null)),
    check (state in ('awarded', 'declined') or signed_on is not null)
"""


def upgrade(m: Migration) -> None:
    """What was awarded; its sources, budget and milestones; what was paid, spent and given back."""
    _grants(m)
    _allocations(m)
    _contract(m)
    _changes(m)
    _money(m)


def _grants(m: Migration) -> None:
    m.tenant_table(
        "venture_grant",
        _GRANT,
        references={
            "call_id": "venture_call",
            "pool_id": "venture_pool",
            "proposal_id": "venture_proposal",
            "decision_id": "venture_decision",
            "organisation_id": "identity_organisation",
            "account_id": "ledger_account",
            "document_id": "documents_document",
        },
        unique=[("account_id",)],
        indexes=[
            ("call_id", "state"), ("pool_id", "state"), ("organisation_id", "awarded_at"), ("state", "ends_on"),
            ("awarded_at", "id"), ("category", "id"), ("proposal_id",),
        ],
        area=True,
    )  # fmt: skip
    live = "state not in ('declined', 'terminated')"
    m.index("venture_grant", "project_digest", unique=True, where=live)
    m.index("venture_grant", "proposal_id", unique=True, where=live)


def _allocations(m: Migration) -> None:
    m.tenant_table(
        "venture_allocation",
        """
        grant_id uuid not null,
        source_id uuid not null,
        hold_id uuid not null,
        place integer not null check (place between 1 and 50),
        amount_fen bigint not null check (amount_fen > 0),
        paid_fen bigint not null default 0,
        released_fen bigint not null default 0,
        refunded_fen bigint not null default 0,
        check (paid_fen >= 0 and released_fen >= 0 and paid_fen + released_fen <= amount_fen),
        check (refunded_fen between 0 and paid_fen)
        """,
        references={
            "grant_id": "venture_grant",
            "source_id": "venture_source",
            "hold_id": "ledger_hold",
        },
        unique=[("grant_id", "source_id"), ("grant_id", "place"), ("hold_id",)],
        indexes=[("source_id",)],
        area=True,
    )


def _contract(m: Migration) -> None:
    m.tenant_table(
        "venture_grant_line",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        place integer not null check (place between 1 and 100),
        name text collate "C" not null check (length(name) between 1 and 100),
        amount_fen bigint not null check (amount_fen between 0 and {_FEN_MAX})
        """,
        references=_OWN,
        unique=[("grant_id", "place"), ("grant_id", "name")],
        indexes=[("organisation_id", "id")],
        area=True,
    )
    m.tenant_table(
        "venture_milestone",
        """
        grant_id uuid not null,
        organisation_id uuid not null,
        number integer not null check (number between 1 and 12),
        title text collate "C" not null check (length(title) between 1 and 100),
        share_percent integer not null check (share_percent between 1 and 100),
        amount_fen bigint not null check (amount_fen > 0),
        due_on date not null,
        state text not null default 'planned' check (state in ('planned', 'evidence', 'verified', 'paid', 'returned',
            'overdue')),
        report text not null default '' check (length(report) <= 5000),
        submitted_by uuid,
        submitted_at timestamptz,
        decided_reason text not null default '' check (length(decided_reason) <= 500),
        verified_by uuid check (verified_by <> submitted_by),
        verified_at timestamptz,
        check ((state in ('verified', 'paid')) = (verified_at is not null)),
        check (state not in ('evidence', 'verified', 'paid') or submitted_at is not null)
        """,
        references=_OWN,
        unique=[("grant_id", "number")],
        indexes=[("state", "due_on"), ("due_on", "id"), ("organisation_id", "id")],
        area=True,
    )


def _changes(m: Migration) -> None:
    m.tenant_table(
        "venture_change",
        """
        grant_id uuid not null,
        organisation_id uuid not null,
        kind text not null check (kind in ('budget', 'schedule')),
        reason text not null check (length(reason) between 1 and 500),
        state text not null default 'proposed' check (state in ('proposed', 'approved', 'rejected', 'withdrawn')),
        proposed_by uuid,
        decided_by uuid,
        decided_at timestamptz,
        decided_reason text not null default '' check (length(decided_reason) <= 500),
        check (state not in ('approved', 'rejected') or decided_by is null or decided_by <> proposed_by),
        check ((state = 'proposed') = (decided_at is null))
        """,
        references=_OWN,
        indexes=[("grant_id",), ("state", "id"), ("organisation_id", "id")],
        area=True,
    )
    m.index("venture_change", "grant_id", "kind", unique=True, where="state = 'proposed'")
    m.tenant_table(
        "venture_change_item",
        """
        change_id uuid not null,
        line_id uuid,
        milestone_id uuid,
        old_amount_fen bigint,
        amount_fen bigint check (amount_fen >= 0),
        old_due_on date,
        due_on date,
        check ((line_id is null) <> (milestone_id is null)),
        check ((line_id is null) = (amount_fen is null)),
        check ((milestone_id is null) = (due_on is null))
        """,
        references={
            "change_id": "venture_change",
            "line_id": "venture_grant_line",
            "milestone_id": "venture_milestone",
        },
        unique=[("change_id", "line_id"), ("change_id", "milestone_id")],
        indexes=[("line_id",), ("milestone_id",)],
        area=True,
    )


def _money(m: Migration) -> None:
    m.tenant_table(
        "venture_payment",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        milestone_id uuid not null,
        amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
        paid_on date not null,
        paid_by uuid
        """,
        references={
            **_OWN,
            "milestone_id": "venture_milestone",
        },
        unique=[("milestone_id",)],
        indexes=[("grant_id",), ("paid_on", "id"), ("organisation_id", "id")],
        area=True,
    )
    m.tenant_table(
        "venture_expenditure",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        line_id uuid not null,
        amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
        spent_on date not null,
        item text not null check (length(item) between 1 and 200),
        receipt_number text collate "C" not null check (length(receipt_number) between 1 and 60),
        receipt_digest text collate "C" not null check (length(receipt_digest) = 64),
        state text not null default 'entered' check (state in ('entered', 'verified', 'rejected')),
        entered_by uuid,
        decided_by uuid check (decided_by <> entered_by),
        decided_at timestamptz,
        decided_reason text not null default '' check (length(decided_reason) <= 500),
        check ((state = 'entered') = (decided_at is null))
        """,
        references={
            **_OWN,
            "line_id": "venture_grant_line",
        },
        indexes=[("grant_id", "state"), ("line_id", "state"), ("spent_on", "id"), ("organisation_id", "id")],
        area=True,
    )
    m.index("venture_expenditure", "receipt_digest", unique=True, where="state <> 'rejected'")
    m.tenant_table(
        "venture_refund",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        kind text not null check (kind in ('unspent', 'recovery')),
        amount_fen bigint not null check (amount_fen between 1 and {_FEN_MAX}),
        received_on date not null,
        basis text collate "C" not null check (length(basis) between 1 and 100),
        recorded_by uuid
        """,
        references=_OWN,
        unique=[("grant_id", "basis")],
        indexes=[("received_on", "id"), ("organisation_id", "id")],
        area=True,
    )
