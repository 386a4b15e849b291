"""The entries."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """Indexed for the last entries of a person, and for the node's own orders."""
    m.tenant_table(
        "benchpoints_entry",
        """
        person_id uuid not null,
        category text collate "C" not null,
        points bigint not null,
        occurred_at timestamptz not null
        """,
        references={"person_id": "identity_person"},
        indexes=[("person_id", "occurred_at", "id"), ("occurred_at", "id")],
        area=True,
    )
