"""The units and the environment file are what systemd and the program understand."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from linli.cli import main
from linli.settings import Settings

SYSTEMD = Path(__file__).parents[2] / "deploy" / "systemd"
UNITS = sorted(SYSTEMD.glob("*.service"))
SERVICE_KEYS = {
    "Type",
    "User",
    "Group",
    "EnvironmentFile",
    "WorkingDirectory",
    "StateDirectory",
    "ExecStart",
    "Restart",
    "RestartSec",
    "TimeoutStopSec",
    "NoNewPrivileges",
    "PrivateTmp",
    "ProtectHome",
    "ProtectSystem",
}


def unit(path: Path) -> configparser.ConfigParser:
    """A unit file; a key that occurs twice is an error."""
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",))
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string(path.read_text(encoding="utf-8"))
    return parser


def environment() -> dict[str, str]:
    """The variables of the environment file."""
    lines = (SYSTEMD / "linli.env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_exists(path: Path) -> None:
    parsed = unit(path)
    assert parsed.sections() == ["Unit", "Service", "Install"]
    assert set(parsed["Service"]) == SERVICE_KEYS
    program, *words = parsed["Service"]["ExecStart"].split()
    assert program == f"{parsed['Service']['WorkingDirectory']}/.venv/bin/linli"
    assert len(words) == 1
    assert words[0] in main.commands


def test_there_is_a_unit_for_each_process() -> None:
    assert [path.name for path in UNITS] == ["linli-web.service", "linli-worker.service"]
    assert {unit(path)["Service"]["ExecStart"].split()[-1] for path in UNITS} == {"serve", "worker"}


def test_the_environment_file_holds_settings_that_the_program_reads() -> None:
    given = environment()
    settings = Settings.from_environment(given)
    state = unit(UNITS[0])["Service"]["StateDirectory"]
    assert str(settings.data_dir) == f"/var/lib/{state}"
    assert (settings.database_url, settings.redis_url) == (given["DATABASE_URL"], given["REDIS_URL"])
    assert settings.web_processes == int(given["LINLI_WEB_PROCESSES"])


def test_the_units_stop_later_than_the_processes_give_up_by_themselves() -> None:
    # A worker finishes what is running for at most 20 s, the web process for 10 s.
    assert all(int(unit(path)["Service"]["TimeoutStopSec"]) > 20 for path in UNITS)
