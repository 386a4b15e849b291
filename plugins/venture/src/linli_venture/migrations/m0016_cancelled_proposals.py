"""Proposals of calls that were given up are cancelled."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """One state more; those of calls that were given up before stay where they are."""
    m.execute("alter table venture_proposal drop constraint venture_proposal_state_check")
    m.execute(
        "alter table venture_proposal add constraint venture_proposal_state_check check (state in ('draft',"
        " 'submitted', 'returned', 'eligible', 'ineligible', 'scored', 'shortlisted', 'notice', 'awarded', 'reserved',"
        " 'rejected', 'withdrawn', 'cancelled'))"
    )
