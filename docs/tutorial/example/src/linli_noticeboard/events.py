"""The event that this plugin publishes."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from linli.plugin import Event


class NoticePublished(Event, frozen=True, kw_only=True):
    """A notice can be read by everybody from now on."""

    name: ClassVar[str] = "noticeboard.notice_published"
    version: ClassVar[int] = 1

    notice_id: UUID
