"""Tables of the privacy services."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Bytea, Integer, Text, Timestamptz

from linli.db.tables import TenantTable


class DataKeyRow(TenantTable, tablename="privacy_data_key"):
    """A key of the tenant for one purpose, wrapped by a master key. Without `wrapped` it is destroyed for good."""

    purpose = Text()
    kind = Text()
    algorithm = Text()
    master_key_id = Text()
    wrapped = Bytea(default=None, null=True, secret=True)
    state = Text(default="current")
    destroyed_at = Timestamptz(default=None, null=True)
    destroyed_reason = Text(default="")


class Rotation(TenantTable, tablename="privacy_rotation"):
    """How far the values of one encrypted column are under the newest key: those up to `last_id` are."""

    purpose = Text()
    table_name = Text()
    column_name = Text()
    with_index = Boolean(default=False)
    last_id = UUID()
    passes = Integer(default=0)
    rows_done = BigInt(default=0)
    rows_left = BigInt(default=0)
    state = Text(default="running")
    finished_at = Timestamptz(default=None, null=True)
