"""The README's first ten minutes, done as written: its commands and documents, on a platform that is started."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
TOKEN = re.compile(r"\bll_[sc]_[a-z2-7]{26}_[\w-]{43}")
READY = "Ctrl-C stops everything"
FIRST_AREAS = 60  # the first district with the beginning of its first streets
COMMAND_S_MAX = 120


def blocks(readme: str, heading: str) -> list[tuple[str, str]]:
    """The commands and documents of one section, in order: (language, text)."""
    text = (ROOT / readme).read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [(language, body) for language, body in BLOCK.findall(section) if language != "text"]


class Newcomer:
    """Somebody with a terminal and a browser. `token` is the one that was last obtained."""

    def __init__(self, folder: Path, environment: dict[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self._port = environment["LINLI_PORT"]
        self._values: dict[str, str] = {}
        self.token = ""

    def run(self, commands: str) -> str:
        """Paste a block of commands into the terminal; gives what was printed."""
        for placeholder, value in self._values.items():
            commands = commands.replace(f"paste {placeholder} here", value)
        commands = commands.replace("127.0.0.1:8000", f"127.0.0.1:{self._port}")
        done = subprocess.run(
            ["bash", "-c", f'{commands}\necho "$TOKEN" >&2'],
            cwd=self._folder,
            env={**os.environ, **self._environment, "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=COMMAND_S_MAX,
        )
        for found in TOKEN.findall(done.stderr + done.stdout):
            self.token = found
        return done.stdout.strip() or done.stderr

    def ask(self, document: str) -> dict[str, Any]:
        """Run a document in GraphiQL; what is shown once is noted."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._port}/graphql",
            json.dumps({"query": document}).encode(),
            {
                "Content-Type": "application/json",
                "Accept-Language": "en",
                "Authorization": f"Bearer {self.token}",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=COMMAND_S_MAX) as response:  # noqa: S310
                answer: dict[str, Any] = json.load(response)
        except urllib.error.HTTPError as error:
            answer = json.load(error)
        made = ((answer.get("data") or {}).get("createApiClient")) or {}
        if made:
            self._values = {
                "clientId": made["apiClient"]["clientId"],
                "clientSecret": made["clientSecret"],
            }
        return answer


def small_profiles(folder: Path) -> Path:
    """Jingmen as it is in the repository, with few areas, and Zhenyuan."""
    shutil.copytree(ROOT / "tenants" / "qingyang-zhenyuan", folder / "tenants" / "qingyang-zhenyuan")
    profile = folder / "tenants" / "jingmen"
    shutil.copytree(ROOT / "tenants" / "jingmen", profile)
    areas = (profile / "areas.csv").read_text(encoding="utf-8").splitlines()
    kept: list[str] = []
    known = {""}
    for line in areas[1:]:
        if line.rsplit(",", 1)[1] in known and len(kept) < FIRST_AREAS:
            kept.append(line)
            known.add(line.split(",", 1)[0])
    (profile / "areas.csv").write_text("\n".join([areas[0], *kept, ""]), encoding="utf-8")
    return profile.parent


@pytest.fixture(scope="module")
def newcomer() -> Iterator[Newcomer]:
    """A newcomer beside a running `linli run`."""
    with tempfile.TemporaryDirectory(prefix="linli-docs-", dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the servers' user must get through when this runs as root
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {
            "LINLI_MASTER_KEYS": "",  # a first start makes its own
            "LINLI_DATA_DIR": str(folder / "data"),
            "LINLI_TENANTS_DIR": str(small_profiles(folder)),
            "LINLI_PORT": str(port),
            "DATABASE_URL": "",
            "REDIS_URL": "",
            "LINLI_SECRET_KEY": "",
        }
        process = subprocess.Popen(
            [".venv/bin/linli", "run"],
            cwd=folder,
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if READY in line:
                    break
            else:
                pytest.fail("".join(said))
            yield Newcomer(folder, environment)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=COMMAND_S_MAX)


def test_both_readmes_have_the_same_commands_and_documents() -> None:
    assert blocks("README.md", "Your first ten minutes") == blocks("README.zh-CN.md", "头十分钟")


def test_the_first_ten_minutes_go_as_written(newcomer: Newcomer) -> None:
    steps = blocks("README.md", "Your first ten minutes")
    given = [newcomer.run(text) if language == "bash" else newcomer.ask(text) for language, text in steps]
    first, people, before, off, none, on, points, books, public, *rest = given
    listed, client, by_client, _auditor, trail, verified, elsewhere = rest

    assert json.loads(str(first))["data"]["tenant"] == {"slug": "jingmen", "name": "荆门市"}
    assert len(json.loads(str(first))["data"]["areas"]["edges"]) == 3
    assert people["data"]["persons"]["totalCount"] >= 60
    assert all("演示" in edge["node"]["fullName"] for edge in people["data"]["persons"]["edges"])
    assert before["data"]["volunteerActivities"]["totalCount"] > 0
    assert off["data"]["disablePlugin"] == {
        "plugin": {"name": "volunteers", "enabled": False},
        "problems": [],
    }
    assert none == "0"
    assert re.fullmatch(r"jingmen: volunteers on\n[1-9]\d*", str(on))
    assert [edge["node"]["rules"]["totalCount"] for edge in points["data"]["pointsRuleSets"]["edges"]] == [
        46,
        46,
    ]
    assert points["data"]["pointsClaims"]["totalCount"] > 5
    assert points["data"]["ledgerTrialBalance"]["total"] == 0
    assert str(books).startswith("jingmen: in order")
    assert str(public).count("/p/jingmen/venture/") == 3
    assert str(public).count("<h2>") >= 3
    assert "19900" not in str(listed)
    assert client["data"]["createApiClient"]["problems"] == []
    answer = json.loads(str(by_client))["data"]
    assert [one["name"] for one in answer["me"]["permissions"]] == ["areas.area.read", "identity.person.read"]
    assert answer["persons"]["totalCount"] == people["data"]["persons"]["totalCount"] + 1  # from the list
    actions = {edge["node"]["action"] for edge in trail["data"]["auditEntries"]["edges"]}
    assert {"enable", "disable", "issue_token"} <= actions
    assert str(verified).startswith("jingmen: intact")
    work = json.loads(str(elsewhere))["data"]
    assert (work["migrantStays"]["totalCount"], work["migrantContracts"]["totalCount"]) == (45, 38)
    sections = {page["section"]: len(page["groups"]) for page in work["migrantWorkList"]}
    assert len(sections) == 6
    assert sections["VISITS_TO_APPOINT"] + sections["VISITS_OVERDUE"] > 0


def test_activities_are_hidden_while_the_plugin_is_off_and_back_afterwards(newcomer: Newcomer) -> None:
    steps = blocks("README.md", "Your first ten minutes")
    documents = {text.split()[1]: text for language, text in steps if language == "graphql"}
    newcomer.run(steps[0][1])
    before = newcomer.ask(documents["Activities"])
    newcomer.ask(documents["SwitchOff"])
    assert newcomer.ask(documents["Activities"])["errors"][0]["extensions"]["code"] == (
        "graphql.validation_failed"
    )
    newcomer.ask(documents["SwitchOff"].replace("disablePlugin", "enablePlugin"))
    assert newcomer.ask(documents["Activities"])["data"] == before["data"]


def test_the_demonstrations_have_come_to_all_that_they_show(newcomer: Newcomer) -> None:
    newcomer.run(blocks("README.md", "Your first ten minutes")[0][1])
    counts = newcomer.ask("{ ventureGrantsAggregate(groupBy: STATE) { key count } }")
    states = {one["key"] for one in counts["data"]["ventureGrantsAggregate"]}
    assert {"closed", "terminated", "suspended", "active", "signed", "awarded"} <= {
        one.lower() for one in states
    }
