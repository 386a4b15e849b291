"""`linli token`: a bearer token of a demo account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from linli.cli.session import operator_context, tenant_of, with_runtime

if TYPE_CHECKING:
    from uuid import UUID

    from linli.context import Context
    from linli.runtime import Runtime


@click.command()
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option(
    "--role", required=True, metavar="ROLE", help="admin, auditor, worker, integrator, resident, ..."
)
@click.option(
    "--area",
    "area_code",
    metavar="CODE",
    help="Grant the role at this area. The default is the whole tenant; for worker, the first area below the top.",
)
def token(slug: str, role: str, area_code: str | None) -> None:
    """Print a bearer token, good for 30 days, of the account demo-ROLE; nothing else is printed."""

    async def work(runtime: Runtime) -> str:
        from linli.identity.demo import ensure_demo_account

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant) as ctx:
            area_id = await _area(ctx, area_code) if area_code or role == "worker" else None
            return await ensure_demo_account(ctx, role, area_id=area_id)

    click.echo(with_runtime(work))


async def _area(ctx: Context, code: str | None) -> UUID:
    """The area of this code, or the first one below the top: where the demo worker works."""
    from linli.areas.errors import AreaNotFound

    condition = "code = $2" if code is not None else "depth = 2 and $2::text is null order by path limit 1"
    sql = f"select id from areas_area where tenant_id = $1 and state = 'active' and {condition}"
    area_id: UUID | None = await ctx.db.fetchval(sql, ctx.tenant_id, code)
    if area_id is None:
        raise AreaNotFound(area_code=(code or "")[:40])
    return area_id
