"""Which tranches wait for an appraisal that was passed; one that was not passed is followed by another."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """Calls that are there already, and their grants, go on without: 0 is no tranche."""
    for kind in ("midterm", "final"):
        column = f"{kind}_tranche"
        m.add_column("venture_call", f"{column} integer not null default 0 check ({column} between 0 and 10)")
    m.execute("alter table venture_appraisal drop constraint venture_appraisal_tenant_id_grant_id_kind_key")
    m.index("venture_appraisal", "grant_id", "kind", unique=True, where="grade <> 'unqualified'")
    m.index("venture_appraisal", "grant_id", "appraised_on")
