"""What this plugin refuses; `texts/` has the sentences."""

from __future__ import annotations

from linli.plugin import Conflict


class NotADraft(Conflict):
    """Only drafts are changed; a notice that was published (`state`) is withdrawn instead."""

    code = "noticeboard.not_a_draft"
