"""Endless work beside the main one: it begins and ends with a block."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

import structlog

_CANCEL_AGAIN_S: Final = 0.1
_CANCELS_MAX: Final = 50

_log = structlog.get_logger("linli.background")


@asynccontextmanager
async def beside(work: Coroutine[Any, Any, None], name: str) -> AsyncIterator[None]:
    """Do endless work until the block ends.

    A cancellation can get lost: redis-py takes one for its own time-out when both fall into one turn of a
    busy loop, and the work goes on. So it is cancelled again until it has ended, for 5 s at most.
    """
    task = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        for _ in range(_CANCELS_MAX):
            task.cancel()
            await asyncio.wait({task}, timeout=_CANCEL_AGAIN_S)
            if task.done():
                break
        else:
            _log.error("background.does_not_end", work=name)
        if task.done() and not task.cancelled() and (error := task.exception()) is not None:
            raise error
