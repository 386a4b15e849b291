"""Finding a person by an exact number: for a stated reason, and entered in the audit trail without the number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from linli.audit.record import Change, record
from linli.context import Context, PermissionDenied
from linli.db import rows
from linli.db.encryption import decrypt_all, find_equal
from linli.errors import Required
from linli.identity import checks
from linli.identity.places import is_self
from linli.identity.tables import Person
from linli.masks import mask_id_number

SEARCH: Final = "identity.person.search"
FOUND_MAX: Final = 20
_BY_IDS: Final = "select * from identity_person where tenant_id = $1 and id = any($2)"
_BY_PHONE: Final = """
select * from identity_person where tenant_id = $1 and phone = $2 and state <> 'merged' order by id limit $3"""


async def search(
    ctx: Context, *, reason: str, id_number: str | None = None, phone: str | None = None
) -> Sequence[Person]:
    """The people with exactly this identity number, or this telephone, at the places that the actor serves.

    The identity number is compared by its keyed hash; nothing is decrypted. At most 20 people.
    Raises: PermissionDenied, Required, TooLong, InvalidResidentId, InvalidPhone, MasterKeyMissing.
    """
    if not ctx.can(SEARCH):
        raise PermissionDenied(permission=SEARCH)
    why = checks.line(reason, "reason", checks.REASON_MAX)
    number = checks.id_number(ctx, id_number, "id_number")
    called = checks.phone(phone, "phone")
    if number is not None:
        found = await find_equal(ctx, Person, "id_number", number, limit=FOUND_MAX)
    elif called is not None:
        matches = await ctx.db.fetch(_BY_PHONE, ctx.tenant_id, called, FOUND_MAX)
        found = [rows.from_record(Person, row) for row in matches]
    else:
        raise Required(path=("id_number",))
    seen = [one for one in found if one.state != "merged" and ctx.can(SEARCH, one.area_path)]
    by = "id_number" if number is not None else "phone"
    ctx.reason = why
    await record(ctx, Change("search", "identity_person", after={"by": by, "found": len(seen)}))
    return seen


async def masked_id_numbers(ctx: Context, ids: Sequence[UUID]) -> Sequence[str | None]:
    """The identity numbers of people, masked, in the order of their ids; one's own is given in full.

    Who may see the people was decided before. Raises: KeyDestroyed, ValueDamaged, MasterKeyMissing.
    """
    found = [rows.from_record(Person, row) for row in await ctx.db.fetch(_BY_IDS, ctx.tenant_id, ids)]
    texts = await decrypt_all(ctx, found, "id_number")
    numbers = {one.id: text for one, text in zip(found, texts, strict=True)}
    shown: list[str | None] = []
    for one in ids:
        number = numbers.get(one)
        shown.append(number if number is None or is_self(ctx, one) else mask_id_number(number))
    return shown
