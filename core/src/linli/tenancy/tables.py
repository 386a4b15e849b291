"""Tables of the tenant catalogue."""

from __future__ import annotations

from piccolo.columns import JSONB, Boolean, Date, Integer, Text

from linli.db.tables import TenantTable


class TenantPlugin(TenantTable, tablename="tenancy_plugin"):
    """A plugin that a tenant has, or once had, switched on."""

    name = Text()
    enabled = Boolean()
    plugin_version = Text()


class TenantText(TenantTable, tablename="tenancy_text"):
    """A text that a tenant words in its own way."""

    locale = Text()
    key = Text()
    body = Text()


class Standard(TenantTable, tablename="tenancy_standard"):
    """A version of a standard that the tenant hands down to its children. Rows are only ever added."""

    key = Text()
    number = Integer()
    valid_from = Date()
    content = JSONB()
