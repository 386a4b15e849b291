"""`linli privacy`: keys of encrypted columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from linli.cli.session import operator_context, tenant_of, tenants_of, told_refusals, with_runtime, words

if TYPE_CHECKING:
    from linli.runtime import Runtime


@click.group()
def privacy() -> None:
    """Make master keys; rotate and destroy the keys of encrypted columns."""


@privacy.command("new-master-key")
@click.argument("key_id", metavar="ID")
def new_master_key(key_id: str) -> None:
    """Print a line ID:KEY with a new random key, for the file or variable of master keys."""
    with told_refusals():
        from linli.db.encryption.master_keys import new_master_key as made

        click.echo(made(key_id))


@privacy.command()
@click.option("--tenant", "slug", metavar="SLUG", required=True, help="The tenant.")
@click.option("--purpose", metavar="PURPOSE", help="This purpose only; all by default.")
@click.option("--with-index", is_flag=True, help="Replace the keys of search indexes as well.")
def rotate(slug: str, purpose: str | None, *, with_index: bool) -> None:
    """Put new keys in the place of a tenant's present ones; the worker moves the values to them."""

    async def work(runtime: Runtime) -> list[str]:
        from linli.privacy.rotation import rotate

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant) as ctx:
            return list(await rotate(ctx, purpose, with_index=with_index))

    for one in with_runtime(work):
        click.echo(words(f"已更换密钥：{one}", f"new key: {one}"))


@privacy.command()
@click.option("--tenant", "slug", metavar="SLUG", required=True, help="The tenant.")
def rotation(slug: str) -> None:
    """Say how far the rotation of a tenant's keys is."""

    async def work(runtime: Runtime) -> list[str]:
        from linli.privacy.rotation import state

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant, read_only=True) as ctx:
            return [
                f"{one.table_name}.{one.column_name}: {one.state}; {one.rows_done:,}"
                for one in await state(ctx)
            ]

    for line in with_runtime(work):
        click.echo(line)


@privacy.command()
@click.option("--tenant", "slug", metavar="SLUG", help="This tenant only; all by default.")
def rewrap(slug: str | None) -> None:
    """Wrap the keys of tenants anew with the first of the master keys; no value is touched."""

    async def work(runtime: Runtime) -> int:
        from linli.privacy.rotation import rewrap

        count = 0
        for tenant in await tenants_of(runtime, slug):
            async with operator_context(runtime, tenant) as ctx:
                count += await rewrap(ctx)
        return count

    count = with_runtime(work)
    click.echo(words(f"已重新包装 {count} 个密钥", f"{count} keys wrapped anew"))


@privacy.command()
@click.option("--tenant", "slug", metavar="SLUG", required=True, help="The tenant.")
@click.option("--purpose", metavar="PURPOSE", help="This purpose only; all of the tenant by default.")
@click.option("--reason", required=True, metavar="TEXT", help="Why; it stands in the audit trail.")
@click.option("--yes", is_flag=True, help="Do not ask: the values can never be read again.")
def shred(slug: str, purpose: str | None, reason: str, *, yes: bool) -> None:
    """Destroy keys, so that what was encrypted with them can never be read again."""
    if not yes:
        question = words("销毁后无法恢复，确定吗？", "This cannot be undone. Destroy the keys?")
        click.confirm(question, abort=True)

    async def work(runtime: Runtime) -> int:
        from linli.privacy.shredding import shred

        tenant = await tenant_of(runtime, slug)
        async with operator_context(runtime, tenant) as ctx:
            return await shred(ctx, purpose, reason=reason)

    count = with_runtime(work)
    click.echo(words(f"已销毁 {count} 个密钥", f"{count} keys destroyed"))
