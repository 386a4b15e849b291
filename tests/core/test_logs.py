"""Logs are lines of JSON that hold no values of variables."""

from __future__ import annotations

import asyncio
import io
import json
import subprocess
import sys
from datetime import UTC, datetime

import structlog

from linli.logs import Lines, configure_logs, log_soon

PROGRAM = """
import structlog
from linli.logs import configure_logs

def sign_in(password):
    raise RuntimeError("it broke")

configure_logs()
try:
    sign_in("secret-4711")
except RuntimeError as error:
    structlog.get_logger("x").error("failed", exc_info=error)
"""


def test_a_stack_in_the_log_says_where_and_not_with_which_values():
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    assert done.stdout.count("\n") == 1
    assert '"sign_in"' in done.stdout
    assert "it broke" in done.stdout
    assert "secret-4711" not in done.stdout


class File(io.StringIO):
    """A file that says when something is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = asyncio.Event()

    def flush(self) -> None:
        self.written.set()


async def test_lines_of_interest_are_written_together_soon_and_a_warning_at_once():
    file = File()
    lines = Lines(file)
    lines.info("one")
    lines.info("two")
    assert file.getvalue() == ""
    lines.warning("three")
    assert file.getvalue() == "one\ntwo\nthree\n"
    file.written.clear()
    lines.info("four")
    async with asyncio.timeout(20):
        await file.written.wait()
    assert file.getvalue().endswith("three\nfour\n")


async def test_an_entry_is_made_a_line_when_it_is_written_and_tells_when_it_happened(capsys):
    configure_logs()
    before = datetime.now(UTC)
    log_soon({"event": "request", "status": 200, "path": "/社区"})
    after = datetime.now(UTC)
    structlog.get_logger("x").warning("late", of=1)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["event"], first["status"], first["path"], first["level"]) == (
        "request",
        200,
        "/社区",
        "info",
    )
    assert before <= datetime.fromisoformat(first["timestamp"]) <= after
    assert second["event"] == "late"


def test_without_an_event_loop_every_line_is_written_at_once():
    file = io.StringIO()
    Lines(file).info("one")
    assert file.getvalue() == "one\n"
