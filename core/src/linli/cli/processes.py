"""`linli run`, `serve`, `worker` and `migrate`."""

from __future__ import annotations

import asyncio
import sys

import click

from linli.cli.session import located_settings, migrate_database, progress, told_refusals


@click.command()
def run() -> None:
    """Start everything: database, cache, migrations, demo tenants, web process and worker."""
    with told_refusals():
        from linli.run import main
        from linli.settings import Settings

        code = main(Settings.from_environment())
    sys.exit(code)


@click.command()
def serve() -> None:
    """Start the web process alone."""
    with told_refusals(), located_settings() as settings:
        from linli.serve import main

        main(settings)


@click.command()
def worker() -> None:
    """Start the worker alone: events, jobs, schedules, seals."""
    with told_refusals(), located_settings() as settings:
        from linli.run.child import work

        work(settings)


@click.command()
def migrate() -> None:
    """Bring the database up to date."""
    with told_refusals(), located_settings() as settings:
        count = asyncio.run(migrate_database(settings, progress))
    click.echo(f"{count}")
