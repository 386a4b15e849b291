"""Objections to terminations of grants."""

from linli.plugin import Migration

_FEN_MAX = 100_000_000_000_000


def upgrade(m: Migration) -> None:
    """A grant has one open objection, which tells of the termination; when it is upheld, the grant no longer does."""
    m.add_column("venture_grant", "bar_id uuid")
    m.add_column(
        "venture_grant", "reinstated integer not null default 0 check (reinstated between 0 and 1000)"
    )
    m.tenant_table(
        "venture_termination_objection",
        f"""
        grant_id uuid not null,
        organisation_id uuid not null,
        terminated_by uuid,
        terminated_on date not null,
        end_reason text not null check (length(end_reason) between 1 and 500),
        end_rule text not null check (length(end_rule) between 1 and 200),
        recovery_fen bigint not null check (recovery_fen between 0 and {_FEN_MAX}),
        state text not null default 'raised' check (state in ('raised', 'upheld', 'dismissed', 'withdrawn')),
        reason text not null check (length(reason) between 1 and 500),
        raised_by uuid,
        raised_at timestamptz not null,
        decided_by uuid check (decided_by not in (terminated_by, raised_by)),
        decided_at timestamptz,
        decision_reason text not null default '' check (length(decision_reason) <= 500),
        check ((state in ('upheld', 'dismissed')) = (decided_at is not null))
        """,
        references={"grant_id": "venture_grant", "organisation_id": "identity_organisation"},
        indexes=[("grant_id", "state"), ("state", "id"), ("organisation_id", "id")],
        area=True,
    )
    m.index("venture_termination_objection", "grant_id", unique=True, where="state = 'raised'")
