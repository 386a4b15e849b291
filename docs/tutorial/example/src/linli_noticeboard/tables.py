"""The plugin's table. `migrations/` has its keys and checks."""

from __future__ import annotations

from piccolo.columns import UUID, Text, Timestamptz

from linli.plugin import AreaTable


class Notice(AreaTable, tablename="noticeboard_notice"):
    """A notice to the residents of an area."""

    title = Text()
    body = Text()
    state = Text(default="draft")
    author_id = UUID(default=None, null=True, help_text="the account or client that drafted")
    published_at = Timestamptz(default=None, null=True)
    withdraw_reason = Text(default="")
