"""Who may report and see: officers by area, people for themselves, landlords and units for their own."""

from __future__ import annotations

from typing import Final, TypeVar
from uuid import UUID

from linli.plugin import (
    AreaTable,
    Context,
    NotFound,
    Person,
    in_place,
    is_self,
    own_or,
    own_or_visible,
    privacy,
    rows,
)
from linli_migrants.errors import NotInOwnHands, PersonNotActive, PersonUnclear
from linli_migrants.tables import Contract, Dwelling, Report, Stay
from linli_migrants.terms import Reporter

OWN: Final = "migrants.own.report"
AGENCIES_MAX: Final = 100
Personal = TypeVar("Personal", Stay, Contract)

_AGENT_OF: Final = """
select organisation_id from migrants_agent
where tenant_id = $1 and person_id = $2 and from_on <= $3 and (to_on is null or to_on > $3)
order by organisation_id limit $4"""


async def units_of(ctx: Context) -> frozenset[UUID]:
    """The units for which the actor's person reports today."""
    if ctx.actor.person_id is None:
        return frozenset()
    found = await ctx.db.fetch(_AGENT_OF, ctx.tenant_id, ctx.actor.person_id, ctx.today(), AGENCIES_MAX)
    return frozenset(UUID(int=row["organisation_id"].int) for row in found)


async def reports_as(ctx: Context, dwelling: Dwelling, employer_id: UUID | None) -> Reporter:
    """In which hands of the actor the report of somebody else lies: the dwelling's landlord, or the employer.

    Raises: NotFound, NotInOwnHands.
    """
    if not ctx.can(OWN, dwelling.area_path):
        raise NotFound(kind="migrants_dwelling")
    units = await units_of(ctx)
    is_landlord = is_self(ctx, dwelling.landlord_person_id)
    if is_landlord or dwelling.landlord_organisation_id in units:
        return Reporter.LANDLORD
    if employer_id is not None and employer_id in units:
        return Reporter.EMPLOYER
    raise NotInOwnHands(path=("dwelling_id",))


def require_for(ctx: Context, row: Personal | Report, permission: str, person_id: UUID) -> None:
    """Go on with the permission at the row's area, or as the person with the right to report.

    Raises: PermissionDenied.
    """
    needed = own_or(ctx, OWN, permission, person_id=person_id, area_path=row.area_path)
    ctx.require(needed, row.area_path)


async def visible_or_own(ctx: Context, table: type[Personal], row_id: UUID, permission: str) -> Personal:
    """A person's row, held against other writers. Raises: NotFound, also for what the actor may not read."""
    return own_or_visible(ctx, await in_place(ctx, table, row_id, lock=True), permission)


async def active_person(ctx: Context, person_id: UUID, permission: str, path: str = "person_id") -> Person:
    """An active person of the register, held against other writers, whom the actor may know of.

    That is oneself, or somebody where the actor holds the permission or may read the register.
    Raises: NotFound, PersonNotActive.
    """
    found = await rows.find(ctx, Person, person_id)
    if found is None or not (is_self(ctx, person_id) or _knows(ctx, found, permission)):
        raise NotFound(path=(path,), kind="identity_person")
    person = await in_place(ctx, Person, person_id, lock=True)
    if person.state != "active":
        raise PersonNotActive(path=(path,))
    return person


async def person_with(ctx: Context, id_number: str, full_name: str, *, path: str) -> Person | None:
    """The register's active entry with an identity number, which must have that name; None when there is none.

    Raises: PersonUnclear for several, or another name.
    """
    found = [
        one for one in await privacy.find_equal(ctx, Person, "id_number", id_number) if one.state == "active"
    ]
    if len(found) > 1 or (found and found[0].full_name != full_name):
        raise PersonUnclear(path=(path,), count=len(found))
    return found[0] if found else None


def _knows(ctx: Context, row: AreaTable, permission: str) -> bool:
    return ctx.can(permission, row.area_path) or ctx.can("identity.person.read", row.area_path)
