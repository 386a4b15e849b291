"""Attachments of what is sealed, such as a draft, are in no list."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """What was attached so far stays in the lists."""
    m.execute("alter table files_file add column sealed boolean not null default false")
