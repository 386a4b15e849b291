"""The DDL of tables, written by one helper so that a plugin's author cannot forget the tenant.

A migration is a module `migrations/m0001_something.py` with `def upgrade(m: Migration) -> None`. It calls the
methods below; they collect statements, which the runner executes one by one in one transaction.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

_NAME = re.compile(r"^[a-z][a-z0-9_]{2,58}$")

TENANT_COLUMNS = """
    tenant_id uuid not null,
    id uuid not null,
    version integer not null default 1,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()"""

AREA_COLUMNS = """,
    area_id uuid,
    area_path text collate "C" not null default ''"""


class Migration:
    """Collects the statements of one migration.

    `api` and `kernel` are the quoted names of the runtime roles: the API role sees the bound tenant only; the
    kernel role serves the catalogue and the queues across tenants and has no right on any other table.
    """

    area_table: ClassVar[str] = "areas_area"

    def __init__(self, *, api: str, kernel: str, prefix: str) -> None:
        self.api = api
        self.kernel = kernel
        self._prefix = prefix
        self.statements: list[str] = []

    def execute(self, sql: str) -> None:
        """Add one statement. Several in one string are refused by Citus and by this project."""
        self.statements.append(sql.strip())

    def tenant_table(
        self,
        name: str,
        columns: str,
        *,
        references: Mapping[str, str] | None = None,
        unique: Sequence[Sequence[str]] = (),
        indexes: Sequence[Sequence[str]] = (),
        area: bool = False,
        append_only: bool = False,
        kernel: bool = False,
    ) -> None:
        """Create a table of a tenant.

        Adds `tenant_id`, `id`, `version`, `created_at`, `updated_at`; with `area`, also `area_id` and `area_path`.
        `references` maps a column to the table whose `(tenant_id, id)` it points to. Every key, index and
        reference begins with `tenant_id`. `append_only` withholds update and delete from the API role, but
        for the place of a row, which follows its area.
        `kernel` lets the kernel role work on the rows of all tenants (queues only).
        """
        self._check_name(name)
        body = TENANT_COLUMNS + (AREA_COLUMNS if area else "")
        if columns.strip():
            body += ",\n    " + columns.strip().rstrip(",")
        body += ",\n    primary key (tenant_id, id)"
        for column, target in {
            **(references or {}),
            **({"area_id": self.area_table} if area else {}),
        }.items():
            body += f",\n    foreign key (tenant_id, {column}) references {target} (tenant_id, id)"
        for key in unique:
            body += f",\n    unique (tenant_id, {', '.join(key)})"
        self.execute(f"create table {name} ({body}\n)")
        self.isolate(name, append_only=append_only, kernel=kernel)
        if area and append_only:
            self.execute(f"grant update (area_id, area_path, updated_at) on {name} to {self.api}")
        for index in [*indexes, *([("area_path",)] if area else [])]:
            self.index(name, *index)

    def isolate(self, name: str, *, append_only: bool = False, kernel: bool = False) -> None:
        """Row-level security, forced, and the rights of the runtime roles, for a table with a `tenant_id`."""
        self.execute(f"alter table {name} enable row level security")
        self.execute(f"alter table {name} force row level security")
        self.execute(
            f"create policy tenant on {name} using (tenant_id = app.tenant())"
            f" with check (tenant_id = app.tenant())"
        )
        rights = "select, insert" if append_only else "select, insert, update, delete"
        self.execute(f"grant {rights} on {name} to {self.api}")
        if kernel:
            self.execute(f"create policy kernel on {name} to {self.kernel} using (true) with check (true)")
            self.execute(f"grant select, insert, update, delete on {name} to {self.kernel}")

    def index(
        self, table: str, *columns: str, unique: bool = False, where: str = "", using: str = ""
    ) -> None:
        """An index that begins with `tenant_id`. `columns` may carry an order: `"created_at desc"`."""
        kind = "create unique index" if unique else "create index"
        body = ", ".join(("tenant_id", *columns)) if not using else ", ".join(columns)
        method = f"using {using} " if using else ""
        condition = f" where {where}" if where else ""
        self.execute(f"{kind} on {table} {method}({body}){condition}")

    def add_column(self, table: str, definition: str) -> None:
        """Expand a table by one column, which must be nullable or have a default."""
        self._check_name(table)
        self.execute(f"alter table {table} add column {definition}")

    def _check_name(self, name: str) -> None:
        if not _NAME.match(name) or not name.startswith(self._prefix):
            raise ValueError(f"table {name!r}: the name must be lower case and start with {self._prefix!r}")
