"""Entries of hours that overlap because two entries of the register were one person."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """A marked entry may stand beside another one at the same activity, until one of them is reversed."""
    m.add_column("volunteers_hours", "overlap_found_at timestamptz")
    m.index("volunteers_hours", "overlap_found_at", "id")
    m.execute("drop index volunteers_hours_tenant_id_activity_id_person_id_idx")
    m.index(
        "volunteers_hours",
        "activity_id",
        "person_id",
        unique=True,
        where="state <> 'reversed' and overlap_found_at is null",
    )
