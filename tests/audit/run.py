"""Public audits of a running server: `make audit`. Installs graphql-http and Schemathesis into a temporary folder.

Needs npm and the network, so it is no part of `make test`. The server is the real one, on a database of its own
with one small tenant; PostgreSQL is the embedded one, or the one that LINLI_TEST_DATABASE_URL names.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn

from linli.app import create_app
from linli.db.database import Database
from linli.embedded.postgres import EmbeddedPostgres
from linli.http.protocol import BoundedHttp
from linli.identity import clients
from linli.identity.visit import Visit
from linli.logs import configure_logs
from linli.registry import Composition, installed_composition
from linli.runtime import open_runtime
from linli.serve import listen
from linli.settings import Settings
from linli.testing.factories import Bench
from linli.testing.isolation import make_pair
from linli.testing.pytest_plugin import SECRET_KEY, scratch_database
from linli_graphql.interface import GraphQLInterface

HERE = Path(__file__).parent
SEED = 20_260_101
NPM_PACKAGES = ("graphql-http@1.23.1", "graphql@16")
SCHEMATHESIS = "schemathesis==4.32.5"
EXAMPLES = os.environ.get("AUDIT_EXAMPLES", "20")


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, and who may call it."""

    url: str
    token: str
    schema: str


async def main() -> int:
    """Run the audits; 0 when all passed."""
    with tempfile.TemporaryDirectory(prefix="linli-audit-") as name:
        folder = Path(name)
        async with AsyncExitStack() as stack:
            server = await stack.enter_async_context(_serving(folder))
            failed = await _graphql_http(server, folder)
            failed += await _schemathesis(server, folder)
    print("All audits passed" if not failed else f"{failed} audits failed", flush=True)  # noqa: T201
    return min(failed, 1)


async def _graphql_http(server: Server, folder: Path) -> int:
    if shutil.which("npm") is None:
        raise SystemExit("The audit of GraphQL over HTTP needs node and npm.")
    script = folder / "audit.mjs"
    shutil.copy(HERE / "graphql_http_audit.mjs", script)
    await _run(
        ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *NPM_PACKAGES]
    )
    known = {"LINLI_AUDIT_URL": server.url, "LINLI_AUDIT_TOKEN": server.token}
    return int(await _run(["node", str(script)], **known) != 0)


async def _schemathesis(server: Server, folder: Path) -> int:
    environment = folder / "venv"
    await _run([sys.executable, "-m", "venv", str(environment)])
    await _run([str(environment / "bin/pip"), "install", "--quiet", SCHEMATHESIS])
    shutil.copy(HERE / "schemathesis_hooks.py", folder)
    schema = folder / "schema.graphql"
    schema.write_text(server.schema, encoding="utf-8")
    return int(
        await _run(
            [
                str(environment / "bin/schemathesis"),
                "--no-color",
                "run",
                str(schema),
                f"--url={server.url}",
                f"--header=Authorization: Bearer {server.token}",
                "--header=Accept: application/graphql-response+json, application/json;q=0.5",
                "--checks=answered_in_our_json",
                f"--max-examples={EXAMPLES}",
                f"--seed={SEED}",
                "--workers=1",
                "--continue-on-failure",
                "--generation-database=none",
            ],
            cwd=str(folder),
            SCHEMATHESIS_HOOKS="schemathesis_hooks",
            PYTHONPATH=str(folder),
        )
        != 0
    )


@asynccontextmanager
async def _serving(folder: Path) -> AsyncIterator[Server]:
    """The web process on a free port of the loopback, with a tenant and a client that may do everything."""
    configure_logs(logging.ERROR)
    composition = installed_composition()
    async with AsyncExitStack() as stack:
        url = os.environ.get("LINLI_TEST_DATABASE_URL") or _embedded(stack, folder)
        database = await stack.enter_async_context(scratch_database(url, composition))
        server = await stack.enter_async_context(_listening(database, composition, folder))
        yield server


def _embedded(stack: AsyncExitStack, folder: Path) -> str:
    postgres = EmbeddedPostgres(folder / "pg", durable=False)
    postgres.start()
    stack.callback(postgres.stop)
    return postgres.url("postgres")


@asynccontextmanager
async def _listening(database: Database, composition: Composition, folder: Path) -> AsyncIterator[Server]:
    settings = Settings(
        data_dir=folder, database_url=database.owner_url, secret_key=SECRET_KEY, tenant_cost_per_minute=10**10
    )
    listener = listen("127.0.0.1", 0)
    app = create_app(lambda: open_runtime(settings, composition=composition))
    config = uvicorn.Config(
        app,
        http=BoundedHttp,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server._serve([listener]))
    async with asyncio.timeout(60):
        while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
            await asyncio.sleep(0.05)
    try:
        token, schema = await _client(database, composition)
        yield Server(f"http://127.0.0.1:{listener.getsockname()[1]}/graphql", token, schema)
    finally:
        server.should_exit = True
        await task


async def _client(database: Database, composition: Composition) -> tuple[str, str]:
    """A token of a client with every permission in a tenant with rows in every table, and the tenant's schema."""
    bench = Bench(database, composition)
    tenant = (await make_pair(bench)).a.tenant
    plugins = composition.plugin_set(tenant.plugins)
    async with bench.context(tenant) as ctx:
        made = await clients.create(ctx, name="审计", scopes=sorted(plugins.permissions))
    visit = Visit(database=database, tenant=tenant, plugins=plugins, clock=ctx.clock)
    issued = await clients.issue_token(
        visit, client_id=made.client.client_id, client_secret=made.client_secret
    )
    interface = next(one for one in composition.interfaces if isinstance(one, GraphQLInterface))
    return issued.token, interface.print_schema(plugins)


async def _run(command: list[str], *, cwd: str | None = None, **environment: str) -> int:
    process = await asyncio.create_subprocess_exec(*command, cwd=cwd, env={**os.environ, **environment})
    return await process.wait()


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
