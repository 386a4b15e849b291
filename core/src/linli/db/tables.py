"""Base classes of tables. A table of a tenant is only ever made from these and the migration helper."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from piccolo.columns import UUID as UUIDColumn
from piccolo.columns import Integer, Timestamptz, Varchar
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.table import Table

from linli.db.engine import UnitOfWorkEngine
from linli.ids import new_id

_ENGINE = UnitOfWorkEngine()


def _refused(*_args: Any, **_kwargs: Any) -> NoReturn:
    raise NotImplementedError("use linli.db.rows: this Piccolo call ignores the tenant or the row's version")


class TenantTable(Table):
    """A table whose rows belong to one tenant.

    The database key is `(tenant_id, id)`; Piccolo is told of `id` alone, which is globally unique (UUIDv7).
    `version` counts the writes of a row. `personal_columns` are masked in the audit trail, and so are `hidden_columns`,
    which whoever reads the trail may not know although they are nobody's personal data; `secret=True` columns are left
    out of it.
    """

    tenant_id = UUIDColumn(default=None)
    id = UUIDColumn(primary_key=True, default=new_id)
    version = Integer(default=1)
    created_at = Timestamptz(default=TimestamptzNow())
    updated_at = Timestamptz(default=TimestamptzNow())

    personal_columns: ClassVar[frozenset[str]] = frozenset()
    hidden_columns: ClassVar[frozenset[str]] = frozenset()

    def __init_subclass__(cls, **options: Any) -> None:
        options.setdefault("db", _ENGINE)
        super().__init_subclass__(**options)

    save = _refused
    remove = _refused
    refresh = _refused
    get_related = _refused


class AreaTable(TenantTable):
    """A tenant's table whose rows lie in an area, and are visible to grants on it or above.

    `area_path` is a copy of the area's path; the areas service keeps it right when areas move or merge.
    """

    area_id = UUIDColumn(default=None, null=True)
    area_path = Varchar(length=None, default="")


def table_name(table: type[Table]) -> str:
    """The table's name in the database."""
    return table._meta.tablename


def column_names(table: type[Table]) -> tuple[str, ...]:
    """The table's columns, in the order of their declaration."""
    return tuple(column._meta.db_column_name for column in table._meta.columns)
