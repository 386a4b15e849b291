"""`linli token`: a bearer token of a demo account."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from linli.cli.session import operator_context, tenant_of, with_runtime

if TYPE_CHECKING:
    from linli.runtime import Runtime


@click.command()
@click.option("--tenant", "slug", required=True, metavar="SLUG")
@click.option(
    "--role", required=True, metavar="ROLE", help="admin, auditor, worker, integrator, resident, ..."
)
@click.option(
    "--area", "area_code", metavar="CODE", help="Grant the role at this area, not for the whole tenant."
)
def token(slug: str, role: str, area_code: str | None) -> None:
    """Print a bearer token, good for 30 days, of the account demo-ROLE; nothing else is printed."""

    async def work(runtime: Runtime) -> str:
        from linli.identity.demo import ensure_demo_account

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant) as ctx:
            area_id = None
            if area_code is not None:
                area_id = await ctx.db.fetchval(
                    "select id from areas_area where tenant_id = $1 and code = $2 and state = 'active'",
                    ctx.tenant_id,
                    area_code,
                )
                if area_id is None:
                    from linli.areas.errors import AreaNotFound

                    raise AreaNotFound(code=area_code[:40])
            return await ensure_demo_account(ctx, role, area_id=area_id)

    click.echo(with_runtime(work))
