"""Two areas of one tenant: somebody with every permission in the first asks about the second."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, Final
from uuid import UUID

from linli.context import Actor
from linli.testing.isolation import Seeded
from linli.testing.isolation.attacks import undone
from linli_graphql.declaration import NodeSpec
from linli_graphql.ids import to_global_id
from linli_graphql.isolation.probe import SchemaProbe

_HERE: Final = 1
_THERE: Final = 2


class ScopeProbe(SchemaProbe):
    """Asks as an account of B that holds every permission in the area of the first rows, and none elsewhere.

    What must stay hidden are the second rows of every node whose rows lie in areas.
    """

    across_tenants: ClassVar[bool] = False

    def actor(self, seeded: Seeded, *, area_path: str = "") -> Actor:
        """An account with every permission in the first area only."""
        made = super().actor(seeded, area_path=area_path or seeded.place(_HERE).path)
        return dataclasses.replace(made, person_id=seeded.id_in("identity_person", _HERE))

    def foreign(self, spec: NodeSpec) -> str | None:
        """The second row of a node that is not open to the whole tenant; None for other nodes."""
        return self.own(self.pair.b, spec, _THERE) if spec.scope_column or spec.whole_tenant else None

    def hides(self, spec: NodeSpec) -> bool:
        """Whether the account holds the node's permission in vain, because it takes a grant for the whole tenant."""
        return spec.whole_tenant

    async def rows_of(self, seeded: Seeded, spec: NodeSpec) -> set[str]:
        """The global ids of the rows that the account may see."""
        if spec.whole_tenant:
            row = seeded.rows[spec.table_name][_HERE]
            return {to_global_id(spec.name, UUID(str(row["id"])))} if spec.own_column else set()
        if spec.scope_column is None:
            return await super().rows_of(seeded, spec)
        path = seeded.place(_HERE).path
        where = f"t.{spec.scope_column} >= $2 and t.{spec.scope_column} < $2 || '~'"
        unsealed, person = self.unsealed(seeded, spec, "$3")
        sql = f"select t.id from {spec.table_name} t where t.tenant_id = $1 and {where}{unsealed}"
        async with undone(self.pair.database, seeded.tenant.id) as db:
            rows = await db.fetch(sql, seeded.tenant.id, path, *person)
        return {to_global_id(spec.name, UUID(bytes=row["id"].bytes)) for row in rows}

    async def fingerprint(self) -> Mapping[str, str]:
        """A hash of all rows that lie in the second area, by table."""
        tables = {spec.table_name: spec.scope_column for spec in self.specs.values() if spec.scope_column}
        b = self.pair.b
        found = {}
        async with undone(self.pair.database, b.tenant.id) as db:
            for table, column in tables.items():
                found[table] = await db.fetchval(
                    f"select md5(coalesce(string_agg(t::text, ' ' order by t::text), '')) from {table} t"
                    f" where tenant_id = $1 and {column} >= $2 and {column} < $2 || '~'",
                    b.tenant.id,
                    b.place(_THERE).path,
                )
        return found

    @cached_property
    def traces(self) -> tuple[str, ...]:
        """The ids of the second rows of nodes that lie in areas, as global ids."""
        return tuple(one for spec in self.specs.values() if (one := self.foreign(spec)))
