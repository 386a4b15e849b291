"""`linli plugins`: what is installed, and what each tenant has switched on."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from linli.cli.session import locale, operator_context, say, tenant_of, told_refusals, with_runtime, words

if TYPE_CHECKING:
    from linli.registry import Composition
    from linli.runtime import Runtime


@click.group()
def plugins() -> None:
    """List and check the installed plugins; switch them on and off for a tenant."""


@plugins.command("list")
@click.option("--tenant", "slug", metavar="SLUG", help="Say which are switched on for this tenant.")
def list_plugins(slug: str | None) -> None:
    """List the installed plugins."""
    from linli.registry import installed_composition

    if slug is None:
        with told_refusals():
            _print(installed_composition(), None)
        return

    async def work(runtime: Runtime) -> None:
        tenant = await tenant_of(runtime, slug)
        _print(runtime.composition, tenant.plugins)

    with_runtime(work)


@plugins.command()
@click.argument("name")
@click.option("--tenant", "slug", required=True, metavar="SLUG")
def enable(name: str, slug: str) -> None:
    """Switch a plugin on for a tenant, without a restart."""

    async def work(runtime: Runtime) -> bool:
        from linli.tenancy.enablement import enable_plugin
        from linli.tenancy.invalidation import announcer

        tenant = await tenant_of(runtime, slug)
        announce = announcer(runtime.catalogue, runtime.redis)
        async with operator_context(runtime, tenant) as ctx:
            return await enable_plugin(ctx, name=name, composition=runtime.composition, announce=announce)

    _tell(slug, name, words("已启用", "on"), changed=with_runtime(work))


@plugins.command()
@click.argument("name")
@click.option("--tenant", "slug", required=True, metavar="SLUG")
def disable(name: str, slug: str) -> None:
    """Switch a plugin off for a tenant; its data stay."""

    async def work(runtime: Runtime) -> bool:
        from linli.tenancy.enablement import disable_plugin
        from linli.tenancy.invalidation import announcer

        tenant = await tenant_of(runtime, slug)
        announce = announcer(runtime.catalogue, runtime.redis)
        async with operator_context(runtime, tenant) as ctx:
            return await disable_plugin(ctx, name=name, composition=runtime.composition, announce=announce)

    _tell(slug, name, words("已停用", "off"), changed=with_runtime(work))


@plugins.command()
def check() -> None:
    """Check all installed plugins; exit code 1 when one is quarantined."""
    from linli.registry import installed_composition

    with told_refusals():
        composition = installed_composition()
        _print(composition, None)
    if composition.quarantined:
        sys.exit(1)


def _print(composition: Composition, enabled: frozenset[str] | None) -> None:
    chinese = locale() == "zh-CN"
    for name in composition.order:
        manifest = composition.manifests[name]
        title = manifest.title.zh if chinese else manifest.title.en
        state = words("可用", "healthy") if enabled is None else "on" if name in enabled else "off"
        click.echo(f"{name:<20} {manifest.version:<10} {state:<12} {title}")
    for name, quarantine in composition.quarantined.items():
        reason = say(quarantine.error.code, **quarantine.error.details)
        state = words("已隔离", "quarantined")
        click.echo(f"{name:<20} {'-':<10} {state:<12} {reason} [{quarantine.error.code}]")
    for name in sorted((enabled or frozenset()) - composition.names - composition.quarantined.keys()):
        click.echo(f"{name:<20} {'-':<10} {words('未安装', 'missing'):<12}")


def _tell(slug: str, name: str, state: str, *, changed: bool) -> None:
    note = "" if changed else words("（原已如此）", " (it was already)")
    click.echo(f"{slug}: {name} {state}{note}")
