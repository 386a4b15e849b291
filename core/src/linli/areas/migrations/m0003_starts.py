"""An index of the days on which present versions began, so that a count at a date need not read all areas."""

from linli.db.ddl import Migration


def upgrade(m: Migration) -> None:
    """Most areas began on the day of an import; what is counted is the few on the other side of a date.

    Under row-level security an index of a `coalesce` is not used, because PostgreSQL holds that it may leak.
    """
    starts = "(case when renewed_on is null then valid_from else renewed_on end)"
    m.index("areas_area", starts, where="state = 'active'")
