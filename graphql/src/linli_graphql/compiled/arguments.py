"""What the arguments of a request ask for, site by site: the shape decides the statement, the values are parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql.execution.values import VariableValues, get_argument_values
from strawberry.types.arguments import convert_arguments

from linli_graphql.compiled.selection import Selection, Site
from linli_graphql.compiled.statement import SiteShape
from linli_graphql.cursors import CursorKey
from linli_graphql.fields import SingleRootField
from linli_graphql.filters import terms
from linli_graphql.ids import from_global_id
from linli_graphql.lists import list_request
from linli_graphql.reading import key_from_text
from linli_graphql.schema import PluginSetSchema


@dataclass(slots=True)
class SiteValues:
    """A site's shape, and its parameters by their names; `cursors` signs those that the statement makes."""

    shape: SiteShape
    values: dict[Any, object] = field(default_factory=dict)
    cursors: CursorKey | None = None

    def sign(self, index: int) -> None:
        """Add what the statement needs to sign cursors: called only for one that makes some."""
        assert self.cursors is not None
        inner, outer = self.cursors.pads()
        self.values[(index, "cursor", "inner")] = inner
        self.values[(index, "cursor", "outer")] = outer


def site_values(
    schema: PluginSetSchema,
    selection: Selection,
    variables: VariableValues,
    *,
    secret: str,
    tenant: str,
) -> list[SiteValues] | None:
    """The shapes and parameters of all sites; None when a single root field asks for an id of another type.

    Raises: LinliError for arguments that are refused, graphql-core's errors for those that do not fit.
    """
    found = []
    for site in selection.sites:
        given = _arguments(schema, site, variables)
        if isinstance(site.field, SingleRootField):
            name, row_id = from_global_id(str(given["id"]))
            if name != site.spec.name:
                return None
            found.append(SiteValues(SiteShape(), {(site.index, "id"): row_id}))
        else:
            found.append(_list(site, given, secret, tenant))
    return found


def _list(site: Site, given: Mapping[str, Any], secret: str, tenant: str) -> SiteValues:
    request = list_request(
        site.name, site.spec, dict(given), secret=secret, tenant=tenant, parent=site.parent_column
    )
    conditions = [] if request.filter is None else list(terms(site.spec, request.filter))
    made = SiteValues(
        SiteShape(
            size=request.page.size,
            backwards=request.page.backwards,
            order=request.order,
            descending=request.descending,
            after=request.page.cursor is not None,
            terms=tuple((term.column, term.operator) for term in conditions),
        ),
        cursors=request.cursors,
    )
    for i, term in enumerate(conditions):
        made.values[(site.index, "term", i)] = term.value
    if request.page.cursor is not None:
        text, row_id = request.cursors.decode(request.page.cursor)
        made.values[(site.index, "cursor", "id")] = row_id
        made.values[(site.index, "cursor", "value")] = key_from_text(request.order_kind, text)
    return made


def _arguments(schema: PluginSetSchema, site: Site, variables: VariableValues) -> dict[str, Any]:
    if not site.node.arguments:
        return {}
    raw = get_argument_values(site.definition, site.node, variables)
    converter = schema.schema_converter
    return convert_arguments(raw, site.field.arguments, converter.scalar_registry, schema.config)
