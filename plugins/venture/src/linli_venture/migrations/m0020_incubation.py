"""Incubation of organisations."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """An organisation is incubated once at a time."""
    m.tenant_table(
        "venture_incubation",
        """
        organisation_id uuid not null,
        support text not null check (length(support) between 1 and 200),
        started_on date not null,
        ended_on date check (ended_on >= started_on),
        state text not null default 'incubating' check (state in ('incubating', 'graduated', 'left')),
        end_reason text not null default '' check (length(end_reason) <= 500),
        check ((state = 'incubating') = (ended_on is null))
        """,
        references={"organisation_id": "identity_organisation"},
        indexes=[("organisation_id", "id"), ("state", "id"), ("started_on", "id"), ("ended_on", "id")],
        area=True,
    )
    m.index("venture_incubation", "organisation_id", unique=True, where="state = 'incubating'")
