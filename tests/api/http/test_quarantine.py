"""A broken plugin in the running application: it is told of, its tenants are told why, everybody is served."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner

from linli.cli import main
from linli.identity import roles
from linli.identity.demo import ensure_demo_account
from linli.registry import Composition, installed_composition
from linli.tenancy.catalogue import Tenant
from linli.testing.factories import Bench
from linli.testing.fake_plugins import FakePlugins

FAULTS = {
    "plugins.unfit_version": {"kernel": ">=9"},
    "plugins.hook_failed": {"plugin": "@hookimpl\ndef jobs():\n    raise RuntimeError('broken')"},
    "plugins.unknown_hook": {"plugin": "@hookimpl\ndef subscribtions():\n    return []"},
    "plugins.import_failed": {"plugin": "import nothing_of_this_name"},
}


@pytest.fixture(params=sorted(FAULTS))
def code(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def installed(code: str, tmp_path: Path) -> Iterator[Path]:
    """A broken plugin that is installed: its entry point is found as that of any distribution is."""
    with FakePlugins(tmp_path) as fakes:
        candidate = fakes.add("faulty", **FAULTS[code])  # type: ignore[arg-type]
        about = tmp_path / "linli_faulty-0.1.0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: linli-faulty\nVersion: 0.1.0\n")
        (about / "entry_points.txt").write_text(f"[linli.plugins]\nfaulty = {candidate.module}\n")
        yield tmp_path


@pytest.fixture
def faulty(installed: Path) -> Composition:
    return installed_composition()


@pytest_asyncio.fixture
async def web(webs: Any, faulty: Composition) -> Any:
    webs.composition = faulty
    return await webs.start()


class Caller:
    """An administrator of a tenant, over HTTP."""

    def __init__(self, web: Any, token: str) -> None:
        self._web = web
        self._token = token

    async def ask(self, document: str) -> Any:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = await self._web.post("/graphql", {"query": document}, headers=headers)
        assert answer.status_code == 200, answer.text
        return answer.json()


async def administrator(web: Any, bench: Bench, plugins: tuple[str, ...]) -> Caller:
    tenant: Tenant = await bench.tenant(plugins=plugins)
    composition = web.runtime.composition
    async with bench.context(tenant) as ctx:
        within = replace(ctx, plugins=composition.plugin_set(tenant.plugins))
        await roles.define(
            within,
            key="admin",
            name_zh="管理员",
            name_en="Administrator",
            permissions=sorted(within.plugins.permissions),
        )
        return Caller(web, await ensure_demo_account(within, "admin"))


async def test_the_platform_starts_is_ready_and_names_the_broken_plugin(web: Any) -> None:
    answer = await web.client.get("/ready")
    assert answer.status_code == 200
    assert answer.json()["plugins"] == {
        "healthy": ["migrants", "organisations", "points", "social_workers", "venture", "volunteers"],
        "quarantined": ["faulty"],
    }


async def test_its_tenants_are_told_why_and_they_and_the_others_are_served(
    web: Any, bench: Bench, code: str
) -> None:
    theirs = await administrator(web, bench, ("faulty", "volunteers"))
    others = await administrator(web, bench, ("organisations", "volunteers"))
    document = "{ tenant { slug } volunteerActivities { totalCount } plugins { name quarantined } }"
    for caller in (theirs, others):
        answer = await caller.ask(document)
        assert "errors" not in answer
        assert answer["data"]["volunteerActivities"] == {"totalCount": 0}
        told = {one["name"]: one["quarantined"] for one in answer["data"]["plugins"]}
        assert "faulty" in told["faulty"]
        assert told["volunteers"] is None
    register = "{ socialOrganisations { totalCount } }"
    assert (await others.ask(register))["data"] == {"socialOrganisations": {"totalCount": 0}}


async def test_switching_it_on_is_refused_with_the_reason_and_off_is_not(web: Any, bench: Bench) -> None:
    theirs = await administrator(web, bench, ("faulty",))
    document = 'mutation { %s(input: {name: "faulty"}) { problems { code message } } }'
    on = (await theirs.ask(document % "enablePlugin"))["data"]["enablePlugin"]["problems"]
    assert [one["code"] for one in on] == ["tenancy.plugin_quarantined"]
    assert "faulty" in on[0]["message"]
    off = await theirs.ask(document % "disablePlugin")
    assert off["data"]["disablePlugin"]["problems"] == []


def test_plugins_check_names_it_says_why_and_fails(
    installed: Path, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    done = CliRunner().invoke(main, ["plugins", "check"])
    (line,) = [line for line in done.output.splitlines() if line.startswith("faulty")]
    assert f"[{code}]" in line
    assert ("已隔离" in line) or ("quarantined" in line)
    assert [line.split()[0] for line in done.output.splitlines() if not line.startswith("faulty")] == [
        "migrants",
        "organisations",
        "points",
        "social_workers",
        "venture",
        "volunteers",
    ]
    assert done.exit_code == 1


def test_plugins_check_is_content_without_it_also_as_a_process(tmp_path: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    words = [sys.executable, "-c", "from linli.cli import main; main()", "plugins", "check"]
    done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    assert "quarantined" not in done.stdout
