"""An import looks people up by name and birth date."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """The index by name, with the birth date behind it; it serves all that the former one did."""
    m.index("identity_person", "full_name", "birth_date")
    m.execute("drop index identity_person_tenant_id_full_name_idx")
