"""The `linli` command: results on standard output, one line for a refusal, exit codes that mean something."""

from __future__ import annotations

import asyncio
import gzip
import secrets
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from linli.cli import main
from linli.cli.session import located_settings
from linli.db.database import Database
from linli.identity import people
from linli.registry import Composition
from linli.run.runtime_file import RuntimeFile, write_runtime_file
from linli.tenancy.catalogue import TenantState
from linli.testing.factories import Bench
from linli.testing.pytest_plugin import SECRET_KEY

Linli = Callable[..., Awaitable[Result]]

TOML = """\
slug = "{slug}"
name = "小区"
kind = "{kind}"
{parent}
[levels.district]
zh = "区"
en = "District"

[roles.admin]
zh = "管理员"
en = "Administrator"
"""
AREAS = "code,name,level,parent_code\n990101000000,示例区,district,\n"


@pytest.fixture
def linli(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Linli:
    """Runs the command on the test database, in a thread, because it has an event loop of its own."""
    monkeypatch.setenv("DATABASE_URL", database.owner_url)
    monkeypatch.setenv("LINLI_SECRET_KEY", SECRET_KEY)
    monkeypatch.setenv("LINLI_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.delenv("REDIS_URL", raising=False)

    async def run(*arguments: str | Path) -> Result:
        words = [str(argument) for argument in arguments]
        return await asyncio.to_thread(CliRunner().invoke, main, words)

    return run


def profile(folder: Path, *, kind: str = "district", parent: str = "") -> Path:
    slug = f"c-{secrets.token_hex(5)}"
    made = folder / slug
    made.mkdir(parents=True)
    line = f'parent = "{parent}"' if parent else ""
    (made / "tenant.toml").write_text(TOML.format(slug=slug, kind=kind, parent=line), encoding="utf-8")
    (made / "areas.csv").write_text(AREAS, encoding="utf-8")
    return made


def test_help_is_quick_and_imports_no_part_of_the_platform() -> None:
    script = (
        "import sys, linli.cli; from click.testing import CliRunner;"
        " result = CliRunner().invoke(linli.cli.main, ['--help']); assert result.exit_code == 0;"
        " heavy = [m for m in ('asyncpg', 'litestar', 'strawberry', 'piccolo', 'redis') if m in sys.modules];"
        " print(heavy)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_a_wrong_use_has_exit_code_2(linli: Linli) -> None:
    assert (await linli("tenants", "apply")).exit_code == 2
    assert (await linli("moon")).exit_code == 2
    assert (await linli("audit", "verify", "--anchor", "1:ab")).exit_code == 2


async def test_profiles_are_applied_parents_first_and_then_unchanged(
    linli: Linli, tmp_path: Path, bench: Bench
) -> None:
    folder = tmp_path / "tenants"
    city = profile(folder, kind="city")
    child = profile(folder, parent=city.name)
    renamed = folder / "a-child"
    child.rename(renamed)
    text = (renamed / "tenant.toml").read_text(encoding="utf-8").replace(child.name, "a-child")
    (renamed / "tenant.toml").write_text(text, encoding="utf-8")
    first = await linli("tenants", "apply", folder)
    assert first.exit_code == 0, first.output
    assert f"{city.name}: created, active, 1 areas" in first.stdout
    assert (await bench.catalogue.by_slug("a-child")).parent_slug == city.name
    again = await linli("tenants", "apply", folder)
    assert again.exit_code == 0
    assert again.stdout.count(": unchanged") == 2
    listed = await linli("tenants", "list")
    assert city.name in listed.stdout
    shown = await linli("tenants", "show", city.name)
    assert "areas_area 1" in shown.stdout


async def test_a_broken_profile_is_named_by_line_and_the_others_are_applied(
    linli: Linli, tmp_path: Path, bench: Bench
) -> None:
    folder = tmp_path / "tenants"
    good, bad = profile(folder), profile(folder)
    (bad / "areas.csv").write_text(AREAS + "990101000000,又一区,district,\n", encoding="utf-8")
    result = await linli("tenants", "apply", folder)
    assert result.exit_code == 1
    assert f"{good.name}: created" in result.stdout
    assert f"{bad / 'areas.csv'}:3: " in result.stderr
    assert "[areas.import.duplicate_code]" in result.stderr
    assert "Traceback" not in result.output
    assert bad.name not in [tenant.slug for tenant in await bench.catalogue.all()]


async def test_a_tenant_is_suspended_and_resumed_once(linli: Linli, bench: Bench) -> None:
    tenant = await bench.tenant(plugins=[])
    assert (await linli("tenants", "suspend", tenant.slug, "--reason", "维护")).stdout == (
        f"{tenant.slug}: suspended\n"
    )
    again = await linli("tenants", "suspend", tenant.slug)
    assert (again.exit_code, again.stdout) == (1, "")
    assert again.stderr.endswith("[workflow.undefined_transition]\n")
    assert again.stderr.count("\n") == 1
    assert (await linli("tenants", "resume", tenant.slug)).exit_code == 0
    bench.catalogue.forget(tenant.id)
    assert (await bench.catalogue.by_id(tenant.id)).state is TenantState.ACTIVE


async def test_a_refusal_is_said_in_the_language_of_the_terminal(
    linli: Linli, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await linli("tenants", "show", "nowhere")).stderr == "linli: Nothing was found. [not_found]\n"
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert (await linli("tenants", "show", "nowhere")).stderr == "linli: 没有找到相应内容。 [not_found]\n"


async def test_areas_are_imported_into_a_tenant_that_is_made_for_them(
    linli: Linli, tmp_path: Path, bench: Bench
) -> None:
    slug = f"i-{secrets.token_hex(5)}"
    file = tmp_path / "areas.csv.gz"
    rows = "code,name,level,parent_code\n11,京,province,\n1101,市,city,11\n9,坏,province,9\n8,坏,moon,11\n"
    file.write_bytes(gzip.compress(rows.encode()))
    without = await linli("areas", "import", file, "--tenant", slug)
    assert (without.exit_code, without.stderr[-12:]) == (1, "[not_found]\n")
    strict = await linli("areas", "import", file, "--tenant", slug, "--create", "--strict")
    assert strict.exit_code == 1
    assert "2 bad rows, nothing was loaded" in strict.stdout
    assert slug not in [tenant.slug for tenant in await bench.catalogue.all()]
    result = await linli("areas", "import", file, "--tenant", slug, "--create")
    assert result.exit_code == 0, result.output
    assert [line.partition(" ")[0] for line in result.stdout.splitlines()[:2]] == [
        "areas.csv.gz:4:",
        "areas.csv.gz:5:",
    ]
    assert "2 areas loaded (2 new, 0 renamed, 0 unchanged); 2 bad rows" in result.stdout
    again = await linli("areas", "import", file, "--tenant", slug)
    assert "2 areas loaded (0 new, 0 renamed, 2 unchanged)" in again.stdout


async def test_the_token_is_all_that_is_printed_and_it_is_good(
    linli: Linli, tmp_path: Path, bench: Bench, database: Database, composition: Composition
) -> None:
    folder = profile(tmp_path / "tenants")
    await linli("tenants", "apply", folder)
    result = await linli("token", "--tenant", folder.name, "--role", "admin")
    assert (result.exit_code, result.stderr) == (0, "")
    token = result.stdout.strip()
    assert result.stdout == f"{token}\n"
    assert " " not in token
    assert token.startswith("ll_s_")
    unknown = await linli("token", "--tenant", folder.name, "--role", "king")
    assert (unknown.exit_code, unknown.stdout) == (1, "")
    limited = await linli("token", "--tenant", folder.name, "--role", "admin", "--area", "404")
    assert (limited.exit_code, limited.stdout) == (1, "")


async def test_plugins_are_listed_and_unknown_ones_refused(linli: Linli, bench: Bench) -> None:
    tenant = await bench.tenant(plugins=[])
    assert (await linli("plugins", "list")).exit_code == 0
    assert (await linli("plugins", "list", "--tenant", tenant.slug)).exit_code == 0
    refused = await linli("plugins", "enable", "moon", "--tenant", tenant.slug)
    assert refused.exit_code == 1
    assert refused.stderr.endswith("[tenancy.unknown_plugin]\n")


async def test_a_plugin_is_switched_on_and_off(linli: Linli, bench: Bench, composition: Composition) -> None:
    tenant = await bench.tenant(plugins=[])
    for name in composition.order:
        if composition.manifests[name].requires:
            continue
        assert (await linli("plugins", "enable", name, "--tenant", tenant.slug)).stdout == (
            f"{tenant.slug}: {name} on\n"
        )
        again = await linli("plugins", "enable", name, "--tenant", tenant.slug)
        assert again.stdout == f"{tenant.slug}: {name} on (it was already)\n"
        off = await linli("plugins", "disable", name, "--tenant", tenant.slug)
        assert off.stdout == f"{tenant.slug}: {name} off\n"


async def test_the_check_of_plugins_says_by_its_exit_code_whether_all_are_healthy(
    linli: Linli, composition: Composition
) -> None:
    result = await linli("plugins", "check")
    assert result.exit_code == (1 if composition.quarantined else 0)


async def test_the_schema_of_a_tenant_is_printed(linli: Linli, bench: Bench) -> None:
    tenant = await bench.tenant(plugins=[])
    result = await linli("schema", "print", "--tenant", tenant.slug)
    assert result.exit_code == 0, result.output
    assert "type Query" in result.stdout


async def test_the_audit_trail_of_a_tenant_is_verified(linli: Linli, tmp_path: Path) -> None:
    folder = profile(tmp_path / "tenants")
    await linli("tenants", "apply", folder)
    result = await linli("audit", "verify", "--tenant", folder.name)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{folder.name}: intact; ")
    anchored = await linli("audit", "verify", "--tenant", folder.name, "--anchor", "99:abc")
    assert anchored.exit_code == 1
    assert "BROKEN" in anchored.stdout


async def test_dead_deliveries_are_listed_and_an_unknown_subscription_is_refused(
    linli: Linli, bench: Bench
) -> None:
    tenant = await bench.tenant(plugins=[])
    assert (await linli("events", "dead", "--tenant", tenant.slug)).stdout == ""
    refused = await linli("events", "replay", "moon.rise", "--tenant", tenant.slug)
    assert refused.exit_code == 1
    assert refused.stderr.endswith("[events.unknown_subscription]\n")


async def test_migrating_what_is_up_to_date_applies_nothing(linli: Linli) -> None:
    assert (await linli("migrate")).stdout == "0\n"


async def test_a_database_without_migrations_and_one_that_is_away_are_refused_in_one_line(
    linli: Linli, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", postgres_url)
    empty = await linli("tenants", "list")
    assert (empty.exit_code, empty.stderr.count("\n")) == (1, 1)
    assert empty.stderr.endswith("[cli.not_migrated]\n")
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    away = await linli("tenants", "list")
    assert (away.exit_code, away.stderr.count("\n")) == (1, 1)
    assert away.stderr.endswith("[cli.database_unreachable]\n")


async def test_a_bad_environment_is_refused_in_one_line(
    linli: Linli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINLI_PORT", "many")
    result = await linli("tenants", "list")
    assert result.exit_code == 1
    assert result.stderr.endswith("[settings.invalid]\n")


async def test_the_servers_of_a_running_platform_are_found(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DATABASE_URL", "REDIS_URL", "LINLI_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LINLI_DATA_DIR", str(tmp_path))
    content = RuntimeFile(database_url=database.owner_url, redis_url="redis://x", secret_key="key", pid=1)
    write_runtime_file(tmp_path, content)

    def look() -> tuple[str | None, str | None, str]:
        with located_settings() as settings:
            return settings.database_url, settings.redis_url, settings.secret_key

    assert await asyncio.to_thread(look) == (database.owner_url, "redis://x", "key")


async def test_a_list_is_imported_from_a_file_and_bad_rows_are_named(
    linli: Linli, bench: Bench, tmp_path: Path
) -> None:
    tenant = await bench.tenant(plugins=())
    await bench.area(tenant, "和平社区")
    file = tmp_path / "people.csv"
    file.write_text(
        "姓名,所在区域,出生日期\n示例甲,和平社区,1980-01-01\n示例乙,没有,1980-01-01\n", encoding="gb18030"
    )
    asked = ("transfer", "import", file, "--kind", "identity.people", "--tenant", tenant.slug)
    refused = await linli(*asked)
    assert refused.exit_code == 1
    assert refused.stdout.splitlines() == [
        "people.csv:3: area: There is no such area: give its code or its name. [transfer.unknown_area]",
        "1 created, 0 updated, 0 unchanged, 1 refused",
    ]
    assert "nothing was imported" in refused.stderr
    done = await linli(*asked, "--good-rows")
    assert (done.exit_code, done.stdout.splitlines()[-1]) == (
        0,
        "1 created, 0 updated, 0 unchanged, 1 refused",
    )
    assert "2 / 2" in done.stderr
    again = await linli(*asked, "--good-rows")
    assert again.stdout.splitlines()[-1] == "0 created, 0 updated, 1 unchanged, 1 refused"


@pytest.mark.parametrize(
    ("content", "kind", "code"),
    [("x\n", "identity.people", "transfer.missing_columns"), ("x\n", "no.thing", "transfer.unknown_kind")],
)
async def test_a_list_that_cannot_be_read_is_refused_in_one_line(
    linli: Linli, bench: Bench, tmp_path: Path, content: str, kind: str, code: str
) -> None:
    tenant = await bench.tenant(plugins=())
    file = tmp_path / "people.csv"
    file.write_text(content, encoding="utf-8")
    refused = await linli("transfer", "import", file, "--kind", kind, "--tenant", tenant.slug)
    assert refused.exit_code == 1
    assert f"[{code}]" in refused.stderr


async def test_the_keys_of_a_tenant_are_rotated_wrapped_anew_and_destroyed(
    linli: Linli, bench: Bench
) -> None:
    tenant = await bench.tenant(plugins=[])
    async with bench.context(tenant) as ctx:
        await people.register(
            ctx, area_id=None, full_name="测试人员", id_number="999999199003070012", synthetic=True
        )
    made = await linli("privacy", "new-master-key", "2027")
    assert made.stdout.startswith("2027:")
    refused = await linli("privacy", "new-master-key", "a b")
    assert (refused.exit_code, refused.stderr.endswith("[privacy.bad_master_keys]\n")) == (1, True)
    assert (
        await linli("privacy", "rotate", "--tenant", tenant.slug)
    ).stdout == "new key: identity.id_number\n"
    state = await linli("privacy", "rotation", "--tenant", tenant.slug)
    assert state.stdout == "identity_person.id_number: running; 0\n"
    assert (await linli("privacy", "rewrap", "--tenant", tenant.slug)).stdout == "0 keys wrapped anew\n"
    asked = await linli("privacy", "shred", "--tenant", tenant.slug, "--reason", "合同终止")
    assert asked.exit_code == 1
    done = await linli("privacy", "shred", "--tenant", tenant.slug, "--reason", "合同终止", "--yes")
    assert done.stdout == "3 keys destroyed\n"
