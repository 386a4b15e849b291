"""The hooks: what the kernel asks a plugin once, when the process starts.

A plugin's module `linli_<name>.plugin` answers with functions of these names, marked `@hookimpl`. They are
synchronous, take no arguments, and are called in the order of dependencies. What can be written as data is in
`plugin.toml` instead; tables and migrations are found by convention (`tables.py`, `migrations/`).
"""

# The bodies are empty and the return types are what a plugin's function must give.
# mypy: disable-error-code="empty-body"

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import pluggy

if TYPE_CHECKING:
    from linli.documents.kinds import DocumentKind
    from linli.events import Subscription
    from linli.files.kinds import FileKind, FileScanner
    from linli.handover.fields import HandoverFields
    from linli.http.routes import Route
    from linli.jobs import Job
    from linli.notifications.channel import Channel
    from linli.privacy.subjects import SubjectData
    from linli.tenancy.provisioner import Provisioner
    from linli.transfer.kinds import ImportKind

PROJECT: Final = "linli"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def graphql() -> object:
    """What the plugin adds to the API.

    Called by the registry; used by the GraphQL interface when it makes the schema of a set of plugins.
    Return one contribution, made with `linli_graphql.plugin`; only `<plugin>/graphql.py` imports that.

    Example:
        @hookimpl
        def graphql():
            from linli_volunteers.graphql import CONTRIBUTION
            return CONTRIBUTION
    """


@hookspec
def subscriptions() -> Sequence[Subscription]:
    """The events that the plugin handles; each must stand in `[events.consumes]` or be its own.

    Called by the registry; used when an event is delivered, for tenants that have the plugin switched on.
    Return a list; each handler runs in its own transaction, at least once.

    Example:
        @hookimpl
        def subscriptions():
            return events.SUBSCRIPTIONS
    """


@hookspec
def jobs() -> Sequence[Job]:
    """The plugin's background jobs and schedules; names start with the plugin's name and a dot.

    Called by the registry; used by the worker, and by `enqueue` to find a job by its name.
    Return a list.

    Example:
        @hookimpl
        def jobs():
            return [volunteers_jobs.LAPSE_CLAIMS]
    """


@hookspec
def provisioners() -> Sequence[Provisioner]:
    """What makes a tenant ready for the plugin: catalogues, first rows, demo data.

    Called by the registry; run when a tenant's profile is applied, after the plugins that it requires.
    Return a list; each must change nothing when it runs a second time.

    Example:
        @hookimpl
        def provisioners():
            return [Provisioner("catalogue", service.load_catalogue)]
    """


@hookspec
def routes() -> Sequence[Route]:
    """Public pages, read without log-in, below `/p/{tenant}/{plugin}/`.

    Called by the registry; mounted by the app, and answered for tenants that have the plugin switched on.
    Return a list. Nothing personal may be shown. Pages with a `title` are listed at `/p/{tenant}`; make them with
    `public_page`, which fits a telephone and paper and leads back there.

    Example:
        @hookimpl
        def routes():
            return [Route("certificates/{number}", pages.certificate, summary="Check a certificate")]
    """


@hookspec
def imports() -> Sequence[ImportKind]:
    """The lists that can be imported from files; names start with the plugin's name and a dot.

    Called by the registry; used by the transfer service, which reads files, asks the kind about each batch of rows,
    shows what is refused, and makes the template. Return a list; titles, headers and choices are texts of the plugin.

    Example:
        @hookimpl
        def imports():
            return [importing.POPULATION]
    """


@hookspec
def personal_data() -> Sequence[SubjectData]:
    """What the plugin keeps about people: how it is given out to them, and what becomes of it at an erasure.

    Called by the registry; used when somebody asks to see, export or erase their own data, for tenants that have the
    plugin switched on. Return a list that covers every table in `[personal_data]`; names start with the plugin's.
    Each gives all about the person and nothing about anyone else, and says what must be kept, and why.

    Example:
        @hookimpl
        def personal_data():
            return [subject_table("volunteers.hours", "服务时长", "Hours of service", tables.Hours)]
    """


@hookspec
def handover_fields() -> Sequence[HandoverFields]:
    """What can be handed over of a person to another place that the person consents to; names start with the plugin's.

    Called by the registry; used when a hand-over is offered or updated, and at the other place when it came in, for
    tenants that have the plugin switched on. Return a list. The fields are chosen one by one: `read` gives those that
    it is asked for and nothing else; `receive`, which may be left out, takes in what another place sent.

    Example:
        @hookimpl
        def handover_fields():
            reason = HandoverField("reason", "事由", "Reason")
            return [HandoverFields("migrants.stay", "居住", "Stay", (reason,), stays.read)]
    """


@hookspec
def document_kinds() -> Sequence[DocumentKind]:
    """What documents the plugin issues; names start with the plugin's name and a dot.

    Called by the registry; used when somebody fetches or revokes a document of the kind through the API, for tenants
    that have the plugin switched on: a kind that is not returned can be issued, and read by its holder alone. Return a
    list. Issuing is the plugin's own service.

    Example:
        @hookimpl
        def document_kinds():
            template = printing.DocumentTemplate("clubs.card", 1, "clubs.card", (printing.Lines(("holder",)),))
            return [documents.DocumentKind(template, write="clubs.card.write", read="clubs.card.read")]
    """


@hookspec
def file_kinds() -> Sequence[FileKind]:
    """What can be attached to the plugin's rows; names start with the plugin's name and a dot.

    Called by the registry; used when a file is sent to `/files`, read or linked to, for tenants that have the plugin
    switched on. Return a list. `owner` says who may attach, `may_read` who may read; contents are encrypted unless
    `personal` is False.

    Example:
        @hookimpl
        def file_kinds():
            images = frozenset({"image/jpeg", "image/png", "application/pdf"})
            return [FileKind("migrants.evidence", images, 10_000_000, evidence.owner, evidence.may_read)]
    """


@hookspec
def file_scanners() -> Sequence[FileScanner]:
    """What looks at every file before it is kept, such as a client of a virus scanner.

    Called by the registry; used in turn for each file of tenants that have the plugin switched on, within 60 s each.
    Without any, files are kept as they are, and say so: `scanned_by` is empty. Return a list; names start with the
    plugin's name and a dot.

    Example:
        @hookimpl
        def file_scanners():
            return [FileScanner("clamav.daemon", daemon.scan)]
    """


@hookspec
def message_channels() -> Sequence[Channel]:
    """Ways by which messages reach people, besides the app and e-mail: SMS, WeChat template messages and others.

    Called by the registry; used by the worker to hand over messages, for tenants that have the plugin switched on.
    Return a list; no other plugin may have a channel of the same name. A channel is handed a message at least once,
    with the same key each time, and answers whether it was delivered, is to be tried again, or can never arrive.

    Example:
        @hookimpl
        def message_channels():
            return [sms_channel(gateway.Gateway())]
    """
