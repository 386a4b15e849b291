"""A tenant's own wording of texts."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """One row for each text that a tenant words in its own way."""
    m.tenant_table(
        "tenancy_text",
        """
        locale text collate "C" not null check (length(locale) between 2 and 20),
        key text collate "C" not null check (length(key) between 1 and 200),
        body text not null check (length(body) between 1 and 10000)
        """,
        unique=[("locale", "key")],
    )
