"""Expenditures say what they were paid from: the grant, or the organisation's own funds."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """What was entered before was paid from the grant."""
    m.add_column(
        "venture_expenditure",
        "paid_from text not null default 'grant' check (paid_from in ('grant', 'own_funds'))",
    )
    m.index("venture_expenditure", "paid_from", "id")
    m.add_column("venture_grant", "own_shown_fen bigint not null default 0 check (own_shown_fen >= 0)")
