"""The people whom the privacy services speak of: where they live, and which entries of the register are theirs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.errors import NotFound
from linli.identity.places import is_self
from linli.identity.tables import Person

ENTRIES_MAX: Final = 50
_ENTRIES: Final = """
with recursive entry(id, depth) as (
    select id, 0 from identity_person where tenant_id = $1 and id = $2
    union all
    select p.id, e.depth + 1 from identity_person p join entry e on p.merged_into_id = e.id
    where p.tenant_id = $1 and e.depth < 20)
select id from entry order by depth, id limit $3"""


async def entries_of(ctx: Context, person_id: UUID) -> Sequence[UUID]:
    """The ids under which a person is entered: this one, and those that were merged into it."""
    return [row["id"] for row in await ctx.db.fetch(_ENTRIES, ctx.tenant_id, person_id, ENTRIES_MAX)]


async def person_for(ctx: Context, person_id: UUID, permission: str, *, lock: bool = False) -> Person:
    """The person, for an actor who holds the permission where they live. Raises: NotFound, PermissionDenied.

    Who may not even read the person's entry learns nothing of it.
    """
    person = await rows.get(ctx, Person, person_id, lock=lock)
    if not ctx.can(permission, person.area_path):
        if not ctx.can("identity.person.read", person.area_path):
            raise NotFound(kind="identity_person")
        raise PermissionDenied(permission=permission)
    return person


async def self_or(ctx: Context, person_id: UUID, permission: str, *, lock: bool = False) -> Person:
    """As `person_for`; for oneself no permission is asked for."""
    if is_self(ctx, person_id):
        return await rows.get(ctx, Person, person_id, lock=lock)
    return await person_for(ctx, person_id, permission, lock=lock)
