"""Logs are lines of JSON that hold no values of variables."""

from __future__ import annotations

import subprocess
import sys

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
