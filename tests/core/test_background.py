"""Work beside the main one ends with it, even when a library swallows the cancellation."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from linli.background import beside

ENDS_WITHIN_S = 5.0


async def test_work_ends_with_the_block() -> None:
    async with beside(asyncio.sleep(3600), "sleep"):
        tasks = [task for task in asyncio.all_tasks() if task.get_name() == "sleep"]
    assert [task.cancelled() for task in tasks] == [True]


async def test_work_that_swallows_a_cancellation_is_cancelled_again() -> None:
    swallowed = 0

    async def stubborn() -> None:
        nonlocal swallowed
        while swallowed < 3:
            with suppress(asyncio.CancelledError):
                await asyncio.sleep(3600)
            swallowed += 1
        await asyncio.sleep(3600)

    async with asyncio.timeout(ENDS_WITHIN_S):
        async with beside(stubborn(), "stubborn"):
            await asyncio.sleep(0)
    assert swallowed == 3


async def test_a_failure_of_the_work_is_told() -> None:
    async def failing() -> None:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        async with beside(failing(), "failing"):
            await asyncio.sleep(0)
