"""Showing a masked value: by permission, for a stated reason, and entered in a log that the person can read.

Source: Personal Information Protection Law (个人信息保护法) art. 44, 45 (right to know), 51 (access control).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from uuid import UUID

from linli.context import Context, Grant
from linli.db import rows
from linli.db.encryption import decrypt
from linli.db.tables import AreaTable, table_name
from linli.identity import checks
from linli.privacy.persons import person_for
from linli.privacy.tables import Reveal

REVEAL: Final = "identity.person.reveal"
READ: Final = "privacy.reveal.read"
_AREA_NAME: Final = "select name from areas_area where tenant_id = $1 and path = $2 limit 1"


class PersonField(StrEnum):
    """What is masked of a person and can be revealed."""

    ID_NUMBER = "id_number"
    PHONE = "phone"
    BIRTH_DATE = "birth_date"


@dataclass(frozen=True, slots=True)
class Revealed:
    """A value, shown once; and the entry of the log that tells of it."""

    entry: Reveal
    value: str | None


async def reveal_person_field(ctx: Context, person_id: UUID, field: PersonField, *, reason: str) -> Revealed:
    """Show one masked value of a person. The person sees who of which office saw what, when and why.

    Raises: NotFound, PermissionDenied, Required, TooLong, UnprintableText, KeyDestroyed, ValueDamaged.
    """
    person = await person_for(ctx, person_id, REVEAL)
    return await reveal(ctx, person, field.value, person_id=person.id, permission=REVEAL, reason=reason)


async def reveal(
    ctx: Context, row: AreaTable, column: str, *, person_id: UUID, permission: str, reason: str
) -> Revealed:
    """Show one value of a row that is about a person, encrypted or not, and enter it in the log.

    For plugins: `permission` must be held where the row lies, and one that may not see the row is told that there
    is none before this. The value belongs in the answer to this request and nowhere else.
    Raises: PermissionDenied, Required, TooLong, UnprintableText, KeyDestroyed, ValueDamaged.
    """
    ctx.require(permission, row.area_path)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    entry = await rows.insert(
        ctx,
        Reveal,
        action="reveal",
        person_id=person_id,
        subject_table=table_name(type(row)),
        subject_id=row.id,
        field=column,
        reason=why,
        actor_kind=ctx.actor.kind.value,
        actor_id=ctx.actor.id,
        actor_name=ctx.actor.name,
        office=await _office(ctx, permission, row.area_path),
        revealed_at=ctx.now(),
    )
    return Revealed(entry, await _value(ctx, row, column))


async def _value(ctx: Context, row: AreaTable, column: str) -> str | None:
    found = getattr(row, column, None)
    if isinstance(found, bytes):
        return await decrypt(ctx, row, column)
    return None if found is None else str(found)


async def _office(ctx: Context, permission: str, area_path: str) -> str:
    """The role and the area of the nearest grant that allowed it, such as `worker, 和平社区`."""
    allowing = [
        grant
        for grant in ctx.actor.grants
        if permission in grant.permissions and area_path.startswith(grant.area_path)
    ]
    if not allowing:
        return ctx.actor.kind.value
    nearest: Grant = max(allowing, key=lambda grant: len(grant.area_path))
    name = await ctx.db.fetchval(_AREA_NAME, ctx.tenant_id, nearest.area_path) if nearest.area_path else None
    return f"{nearest.role}, {name or ctx.tenant.name}"[:200]
