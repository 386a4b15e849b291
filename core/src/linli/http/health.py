"""Whether the process lives (`/health`) and whether it can serve (`/ready`)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import asyncpg
import structlog
from litestar import Response, get
from litestar.handlers import HTTPRouteHandler

from linli.db.migrations import KERNEL_MIGRATIONS, steps
from linli.errors import LinliError
from linli.runtime import Runtime

_CHECK_TIMEOUT_S: Final = 3.0
_log = structlog.get_logger("linli.health")


def health_handlers(runtime: Runtime) -> Sequence[HTTPRouteHandler]:
    """Give the handlers of `/health` and `/ready`."""
    sets = [*KERNEL_MIGRATIONS, *runtime.composition.migration_sets]
    wanted = frozenset((one.app, name) for one in sets for name, _module in steps(one))

    @get("/health", sync_to_thread=False)
    def health() -> dict[str, str]:
        """Answer as long as the process does."""
        return {"status": "alive"}

    @get("/ready")
    async def ready() -> Response[dict[str, object]]:
        """Answer 200 when requests can be served, else 503; Redis away is not unready."""
        database, missing = await _database(runtime, wanted)
        good = database == "ok" and missing == 0
        body: dict[str, object] = {
            "status": "ready" if good else "not_ready",
            "database": database,
            "migrations": "applied" if missing == 0 else f"{missing} pending",
            "redis": _redis(runtime),
            "plugins": {"healthy": sorted(runtime.composition.names), "quarantined": _quarantined(runtime)},
        }
        return Response(body, status_code=200 if good else 503)

    return [health, ready]


async def _database(runtime: Runtime, wanted: frozenset[tuple[str, str]]) -> tuple[str, int]:
    try:
        async with asyncio.timeout(_CHECK_TIMEOUT_S), runtime.database.kernel(read_only=True) as db:
            rows = await db.fetch("select app, name from app.migration")
    except (LinliError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
        _log.warning("ready.database_unreachable", reason=type(error).__name__)
        return "unreachable", len(wanted)
    return "ok", len(wanted - {(row["app"], row["name"]) for row in rows})


def _redis(runtime: Runtime) -> str:
    if runtime.redis is None:
        return "absent"
    return "ok" if runtime.redis_health.available else "degraded"


def _quarantined(runtime: Runtime) -> list[str]:
    return sorted(runtime.composition.quarantined)
