"""The table of notices."""

from linli.plugin import Migration


def upgrade(m: Migration) -> None:
    """The helper adds the tenant to every key and index, the area, row-level security and the rights."""
    m.tenant_table(
        "noticeboard_notice",
        """
        title text collate "C" not null check (length(title) between 1 and 100),
        body text not null check (length(body) between 1 and 2000),
        state text not null default 'draft' check (state in ('draft', 'published', 'withdrawn')),
        author_id uuid,
        published_at timestamptz,
        withdraw_reason text not null default '' check (length(withdraw_reason) <= 500),
        check ((state = 'draft') = (published_at is null)),
        check ((state = 'withdrawn') = (withdraw_reason <> ''))
        """,
        indexes=[("title", "id"), ("state", "id")],
        area=True,
    )
