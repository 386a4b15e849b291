"""Asking for an export: what is wrong with the wish is said at once, not by the job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from linli.context import WHOLE_TENANT, Context, PermissionDenied
from linli.jobs import enqueue
from linli.transfer import exports
from linli.transfer.errors import UnknownConnection
from linli.transfer.formats import Format
from linli.transfer.tables import DataExport
from linli_graphql.declaration import NodeSpec
from linli_graphql.exporting.columns import ExportColumn, columns_of
from linli_graphql.exporting.pages import wanted
from linli_graphql.naming import camel
from linli_graphql.schema import PluginSetSchema

EXPORT_JOB: Final = "graphql.export"


async def start_export(
    ctx: Context,
    schema: PluginSetSchema,
    *,
    connection: str,
    file_format: Format,
    conditions: Mapping[str, Any] | None = None,
    order_by: str = "",
    columns: Sequence[str] = (),
) -> DataExport:
    """Have a list written into a file, with the rights that the actor holds when it is written.

    Raises: PermissionDenied, UnknownConnection, UnknownColumn, InvalidFilter, InvalidId.
    """
    spec = exported(schema, connection)
    require_reading(ctx, spec)
    chosen_columns(ctx, spec, columns)
    wanted(schema, spec, conditions, order_by)
    made = await exports.start(
        ctx,
        connection=connection,
        permission=spec.permission or exports.RUN,
        conditions=conditions or {},
        order_by=order_by,
        columns=columns,
        file_format=file_format,
    )
    await enqueue(ctx, EXPORT_JOB, {"export_id": made.id})
    return made


def exported(schema: PluginSetSchema, connection: str) -> NodeSpec:
    """The node of a list by the name of its root field, such as `persons`. Raises: UnknownConnection."""
    for spec in schema.specs.values():
        if camel(spec.plural) == connection:
            return spec
    raise UnknownConnection(path=("connection",), connection=connection[:100])


def chosen_columns(ctx: Context, spec: NodeSpec, names: Sequence[str]) -> list[ExportColumn]:
    """The columns of these names, or the usual ones; without names, none that leads to what the actor may not read.

    Raises: UnknownColumn, PermissionDenied for one that was named.
    """
    columns = columns_of(spec, names)
    hidden = [one for one in columns if one.via is not None and not _may_read(ctx, one.of)]
    if names and hidden:
        raise PermissionDenied(path=("columns",), permission=hidden[0].of.permission)
    return [one for one in columns if one not in hidden]


def require_reading(ctx: Context, spec: NodeSpec) -> None:
    """Go on only for somebody who may export and may read these rows somewhere. Raises: PermissionDenied."""
    ctx.require(exports.RUN)
    if spec.permission is not None:
        ctx.require(spec.permission, WHOLE_TENANT if spec.whole_tenant else None)


def _may_read(ctx: Context, spec: NodeSpec) -> bool:
    """Whether the actor may see some row of a node: by right, or as one that is their own."""
    if spec.permission is None or (spec.has_owners and ctx.actor.person_id is not None):
        return True
    return ctx.can(spec.permission, WHOLE_TENANT if spec.whole_tenant else None)
