"""The `linli` command. Each sub-command imports what it needs when it runs, so that help is quick."""

from __future__ import annotations

import click

from linli.cli.areas import areas
from linli.cli.audit import audit
from linli.cli.events import events
from linli.cli.handover import handover
from linli.cli.ledger import ledger
from linli.cli.plugins import plugins
from linli.cli.privacy import privacy
from linli.cli.processes import migrate, run, serve, worker
from linli.cli.schema import schema
from linli.cli.tenants import tenants
from linli.cli.token import token
from linli.cli.transfer import transfer


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Linli 邻里: districts as tenants, plugins per tenant, one API.

    Commands work on the platform that `linli run` has started, or on DATABASE_URL; otherwise they start the
    embedded PostgreSQL for as long as they need it. Exit codes: 0 done, 1 refused, 2 wrong usage.
    """


for command in (
    run,
    serve,
    worker,
    migrate,
    tenants,
    areas,
    plugins,
    schema,
    token,
    audit,
    events,
    ledger,
    transfer,
    privacy,
    handover,
):
    main.add_command(command)
