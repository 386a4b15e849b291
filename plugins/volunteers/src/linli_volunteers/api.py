"""What other plugins may import: the published events, and how much somebody served."""

from __future__ import annotations

from linli_volunteers.certificates import posted_minutes
from linli_volunteers.events import HoursPosted, HoursReversed

__all__ = ["HoursPosted", "HoursReversed", "posted_minutes"]
