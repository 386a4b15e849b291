"""What is printed once the platform serves: addresses, demo log-ins, and a `curl` that works when pasted."""

from __future__ import annotations

import json
import shlex
import sys
import unicodedata
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from linli.context import SYSTEM, Context
from linli.db.database import Database
from linli.identity.demo import ensure_demo_account
from linli.registry import Composition
from linli.run.words import Voice
from linli.settings import Settings
from linli.tenancy.catalogue import Catalogue, Tenant, TenantState

CURL_QUERY: Final = "{ tenant { slug name } areas(first: 3) { edges { node { id name } } } }"
_ASK_TIMEOUT_S: Final = 5.0
_ROLES_SHOWN_FIRST: Final = ("admin", "auditor", "worker", "integrator", "resident")
_PREFERRED: Final = "jingmen"


def base_url(settings: Settings) -> str:
    """Where the platform is reached from this machine."""
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)  # noqa: S104 - is compared
    return f"http://{host}:{settings.port}"


def answers_ready(url: str) -> bool:
    """Whether `/ready` says yes."""
    try:
        with urllib.request.urlopen(f"{url}/ready", timeout=_ASK_TIMEOUT_S) as answer:  # noqa: S310 - our own address
            return bool(answer.status == 200)
    except (OSError, urllib.error.URLError):
        return False


async def welcome(settings: Settings, composition: Composition, voice: Voice) -> None:
    """Print where to go, who can log in, and one request that works."""
    url = base_url(settings)
    voice.plain()
    voice.step("邻里已就绪", "Linli is ready")
    voice.plain(f"\n  GraphQL   {url}/graphql\n  GraphiQL  {url}/graphiql")
    voice.plain(f"  健康检查  {url}/health  {url}/ready\n  日志      {settings.data_dir / 'logs'}")
    assert settings.database_url is not None
    async with Database(settings.database_url, secret_key=settings.secret_key, pool_size_max=2) as database:
        tenants = [one for one in await Catalogue(database).all() if one.state is TenantState.ACTIVE]
        if not tenants:
            voice.plain("\n  还没有租户  There is no tenant yet: linli tenants apply DIR")
            return
        roles = {tenant.slug: await _roles(database, tenant) for tenant in tenants}
        example = next((one for one in tenants if one.slug == _PREFERRED), tenants[0])
        token = None
        if "admin" in roles[example.slug]:
            token = await _demo_token(database, composition, example)
    _print_log_ins(tenants, roles, example, voice)
    if token is not None:
        voice.plain("\n  试一试（可直接粘贴）  Try it (paste as it is):\n")
        voice.plain(curl_command(url, token))
    voice.plain("\n  按 Ctrl-C 停止全部  Ctrl-C stops everything\n")


def curl_command(url: str, token: str) -> str:
    """A request for the first areas, for a POSIX shell; the token is good for 30 days."""
    body = json.dumps({"query": CURL_QUERY})
    return (
        f"curl -s {url}/graphql -H 'Content-Type: application/json' \\\n"
        f"  -H 'Authorization: Bearer {token}' \\\n"
        f"  -d {shlex.quote(body)}"
    )


async def _roles(database: Database, tenant: Tenant) -> list[str]:
    async with database.unit_of_work(tenant.id, read_only=True) as db:
        rows = await db.fetch("select key from identity_role where tenant_id = $1 limit 100", tenant.id)
    order = {key: place for place, key in enumerate(_ROLES_SHOWN_FIRST)}
    return sorted((row["key"] for row in rows), key=lambda key: (order.get(key, len(order)), key))


async def _demo_token(database: Database, composition: Composition, tenant: Tenant) -> str:
    async with database.unit_of_work(tenant.id) as unit:
        context = Context(
            tenant=tenant,
            actor=SYSTEM,
            db=unit,
            plugins=composition.plugin_set(tenant.plugins),
            origin="linli run",
        )
        return await ensure_demo_account(context, "admin")


def _print_log_ins(
    tenants: Sequence[Tenant], roles: dict[str, list[str]], example: Tenant, voice: Voice
) -> None:
    voice.plain("\n  演示账号 demo-角色（人员均为虚构）  Demo log-ins demo-ROLE; all people are made up:\n")
    voice.plain(f"  {_padded('租户 tenant', 20)}{_padded('名称 name', 16)}角色 roles")
    for tenant in tenants:
        line = f"  {_padded(tenant.slug, 20)}{_padded(tenant.name, 16)}{' '.join(roles[tenant.slug])}"
        voice.plain(line)
    voice.plain("\n  取得令牌  Get a token:\n")
    voice.plain(f"  {linli_command()} token --tenant {example.slug} --role admin")


def linli_command() -> str:
    """How to call `linli` from here: as short as it works."""
    command = Path(sys.executable).with_name("linli")
    try:
        return str(command.relative_to(Path.cwd()))
    except ValueError:
        return str(command)


def _padded(text: str, width: int) -> str:
    """Text with spaces up to a width in terminal columns, of which a Chinese character takes two."""
    columns = sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
    return text + " " * max(1, width - columns)
