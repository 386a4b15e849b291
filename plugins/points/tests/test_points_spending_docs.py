"""The page on spending says what the code does."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import linli_points
from linli_points.spending_jobs import SPENDING_JOBS
from linli_points.states import REDEMPTION, REWARD, TRANSFER

PACKAGE = Path(linli_points.__file__).parent
TEXT = (PACKAGE.parents[1] / "docs" / "spending.md").read_text(encoding="utf-8")


def test_the_state_machines_stand_there_as_they_are() -> None:
    for machine in (REWARD, REDEMPTION, TRANSFER):
        assert machine.to_mermaid() in TEXT, machine.name


def test_the_settings_have_the_defaults_that_it_names(composition: Any) -> None:
    declared = composition.manifests["points"].declares.settings
    named = re.findall(r"^\| `(points\.[a-z_]+)` \| ([0-9]*) ?\|", TEXT, re.MULTILINE)
    assert len(named) == 6
    for name, default in named:
        assert str(declared[name].default) == default, name


def test_the_jobs_and_refusals_exist(composition: Any) -> None:
    assert [job.name for job in SPENDING_JOBS if f"`{job.name}`" not in TEXT] == []
    texts = composition.plugin_set(["points"]).texts
    codes = re.findall(r"^\| `(points\.[a-z_]+)` \| [A-Z]", TEXT, re.MULTILINE)
    refusals = [code for code in codes if texts.text(f"problems.{code}", "en")]
    assert len(refusals) == 18
    for code in refusals:
        assert texts.text(f"problems.{code}", "zh-CN"), code
