"""What happens by the clock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from linli.plugin import Context, Job
from linli_volunteers import activities


async def advance_activities(ctx: Context, _arguments: Mapping[str, object]) -> None:
    """Start the activities whose time has come, and finish those whose time is over."""
    await activities.advance(ctx)


JOBS: Final = (Job("volunteers.advance_activities", advance_activities, schedule="*/10 * * * *"),)
