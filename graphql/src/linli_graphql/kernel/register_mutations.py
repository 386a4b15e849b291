"""Mutations on the shared register: people, households, organisations."""

from __future__ import annotations

from datetime import date

import strawberry

from linli.context import Context
from linli.identity import households, organisations, people
from linli.identity import tables as identity
from linli_graphql.ids import local_id
from linli_graphql.inputs import EXPECTED_VERSION, described, input_type, values_of
from linli_graphql.kernel.enums import Gender, OrganisationKind
from linli_graphql.kernel.identity import Household, HouseholdMember, Organisation, Person
from linli_graphql.mutations import mutation

_AREA = {"area_id": "Area"}


@input_type
class RegisterPersonInput:
    """A person to be entered in the register."""

    area_id: strawberry.ID | None = described("Where the person lives.")
    full_name: str = described("The person's name; at most 100 characters.")
    gender: Gender | None = described("The gender, as stated.", optional=True)
    birth_date: date | None = described("The day of birth.", optional=True)
    phone: str | None = described("A telephone number of mainland China.", optional=True)
    id_number: str | None = described(
        "The resident identity number (GB 11643); it is encrypted.", optional=True
    )
    synthetic: bool | None = described("Whether the person is made up for a demonstration.", optional=True)


@input_type
class UpdatePersonInput:
    """What to change of a person's entry; what is left out stays."""

    id: strawberry.ID = described("The person.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    area_id: strawberry.ID | None = described("The area to which the person moved.", optional=True)
    full_name: str | None = described("The new name.", optional=True)
    gender: Gender | None = described("The gender, as stated.", optional=True)
    birth_date: date | None = described("The day of birth.", optional=True)
    phone: str | None = described("A telephone number of mainland China.", optional=True)
    id_number: str | None = described(
        "The resident identity number (GB 11643); it is encrypted.", optional=True
    )


@input_type
class EndPersonInput:
    """The end of a person's entry."""

    id: strawberry.ID = described("The person.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    on: date | None = described("On which day; today by default.", optional=True)


@input_type
class MergePersonsInput:
    """Two entries that turned out to be one person."""

    kept_id: strawberry.ID = described("The entry that stays.")
    duplicate_id: strawberry.ID = described("The entry that is replaced.")
    reason: str = described("How it is known that they are one person.")


@input_type
class VersionedInput:
    """An object, in the version that the caller saw."""

    id: strawberry.ID = described("The object.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class CreateHouseholdInput:
    """A household to be entered."""

    area_id: strawberry.ID | None = described("Where it lies.")
    name: str = described("What it is called.")
    number: str | None = described("Its number in the household register.", optional=True)
    address: str | None = described("Its address.", optional=True)


@input_type
class UpdateHouseholdInput:
    """What to change of a household; what is left out stays."""

    id: strawberry.ID = described("The household.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    area_id: strawberry.ID | None = described("Where it lies.", optional=True)
    name: str | None = described("What it is called.", optional=True)
    number: str | None = described("Its number in the household register.", optional=True)
    address: str | None = described("Its address.", optional=True)


@input_type
class AddHouseholdMemberInput:
    """A person who joins a household."""

    household_id: strawberry.ID = described("The household.")
    person_id: strawberry.ID = described("The person.")
    relation: str = described("The relation to the head, such as spouse or child.")
    valid_from: date | None = described("From which day; today by default.", optional=True)
    valid_to: date | None = described("Up to, and without, which day.", optional=True)


@input_type
class RemoveHouseholdMemberInput:
    """A person who leaves a household."""

    household_id: strawberry.ID = described("The household.")
    person_id: strawberry.ID = described("The person.")
    on: date | None = described("On which day; today by default.", optional=True)


@input_type
class SetHouseholdHeadInput:
    """Who is the head of a household."""

    id: strawberry.ID = described("The household.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    person_id: strawberry.ID = described("The person, who must be a member.")


@input_type
class RegisterOrganisationInput:
    """A unit (单位) to be entered in the register."""

    area_id: strawberry.ID | None = described("Where it has its seat.")
    name: str = described("Its name.")
    kind: OrganisationKind = described("What kind of body it is.")
    uscc: str | None = described("Its unified social credit code (GB 32100).", optional=True)
    address: str | None = described("Its address.", optional=True)
    contact_phone: str | None = described("Its telephone.", optional=True)


@input_type
class UpdateOrganisationInput:
    """What to change of a unit; what is left out stays."""

    id: strawberry.ID = described("The unit.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    area_id: strawberry.ID | None = described("Where it has its seat.", optional=True)
    name: str | None = described("Its name.", optional=True)
    kind: OrganisationKind | None = described("What kind of body it is.", optional=True)
    uscc: str | None = described("Its unified social credit code (GB 32100).", optional=True)
    address: str | None = described("Its address.", optional=True)
    contact_phone: str | None = described("Its telephone.", optional=True)


@mutation(gives=Person)
async def register_person(ctx: Context, input: RegisterPersonInput) -> identity.Person:
    """Enter a person in the register."""
    return await people.register(ctx, **values_of(input, ids=_AREA))


@mutation(gives=Person)
async def update_person(ctx: Context, input: UpdatePersonInput) -> identity.Person:
    """Change a person's entry; a new area moves the person."""
    values = values_of(input, ids={**_AREA, "id": "Person"})
    return await people.update(ctx, values.pop("id"), **values)


@mutation(gives=Person)
async def mark_person_left(ctx: Context, input: EndPersonInput) -> identity.Person:
    """Note that a person left the place."""
    values = values_of(input, ids={"id": "Person"})
    return await people.mark_left(ctx, values.pop("id"), **values)


@mutation(gives=Person)
async def mark_person_deceased(ctx: Context, input: EndPersonInput) -> identity.Person:
    """Note that a person died."""
    values = values_of(input, ids={"id": "Person"})
    return await people.mark_deceased(ctx, values.pop("id"), **values)


@mutation(gives=Person)
async def mark_person_returned(ctx: Context, input: VersionedInput) -> identity.Person:
    """Note that a person who had left is back."""
    values = values_of(input, ids={"id": "Person"})
    return await people.mark_returned(ctx, values.pop("id"), **values)


@mutation(gives=Person)
async def merge_persons(ctx: Context, input: MergePersonsInput) -> identity.Person:
    """Replace a duplicate entry by another; both stay on record."""
    return await people.merge(ctx, **values_of(input, ids={"kept_id": "Person", "duplicate_id": "Person"}))


@mutation(gives=Household)
async def create_household(ctx: Context, input: CreateHouseholdInput) -> identity.Household:
    """Enter a household."""
    return await households.create(ctx, **values_of(input, ids=_AREA))


@mutation(gives=Household)
async def update_household(ctx: Context, input: UpdateHouseholdInput) -> identity.Household:
    """Change a household."""
    values = values_of(input, ids={**_AREA, "id": "Household"})
    return await households.update(ctx, values.pop("id"), **values)


@mutation(gives=HouseholdMember)
async def add_household_member(ctx: Context, input: AddHouseholdMemberInput) -> identity.HouseholdMember:
    """Let a person join a household."""
    values = values_of(input, ids={"household_id": "Household", "person_id": "Person"})
    return await households.add_member(ctx, values.pop("household_id"), **values)


@mutation(gives=HouseholdMember)
async def remove_household_member(
    ctx: Context, input: RemoveHouseholdMemberInput
) -> identity.HouseholdMember:
    """Let a person leave a household; the time spent in it stays on record."""
    values = values_of(input, ids={"household_id": "Household", "person_id": "Person"})
    return await households.remove_member(ctx, values.pop("household_id"), **values)


@mutation(gives=Household)
async def set_household_head(ctx: Context, input: SetHouseholdHeadInput) -> identity.Household:
    """Name the head of a household."""
    values = values_of(input, ids={"id": "Household", "person_id": "Person"})
    return await households.set_head(ctx, values.pop("id"), **values)


@mutation(gives=Organisation)
async def register_organisation(ctx: Context, input: RegisterOrganisationInput) -> identity.Organisation:
    """Enter a unit in the register."""
    return await organisations.register(ctx, **values_of(input, ids=_AREA))


@mutation(gives=Organisation)
async def update_organisation(ctx: Context, input: UpdateOrganisationInput) -> identity.Organisation:
    """Change a unit's entry; a new area moves it."""
    values = values_of(input, ids={**_AREA, "id": "Organisation"})
    return await organisations.update(ctx, values.pop("id"), **values)


@mutation(gives=Organisation)
async def close_organisation(ctx: Context, input: VersionedInput) -> identity.Organisation:
    """Note that a unit no longer exists."""
    row_id = local_id("Organisation", str(input.id), path=("id",))
    return await organisations.close(ctx, row_id, **values_of(input, drop=("id",)))


@mutation(gives=Organisation)
async def reopen_organisation(ctx: Context, input: VersionedInput) -> identity.Organisation:
    """Undo the closing of a unit."""
    row_id = local_id("Organisation", str(input.id), path=("id",))
    return await organisations.reopen(ctx, row_id, **values_of(input, drop=("id",)))


REGISTER_MUTATIONS = (
    register_person,
    update_person,
    mark_person_left,
    mark_person_deceased,
    mark_person_returned,
    merge_persons,
    create_household,
    update_household,
    add_household_member,
    remove_household_member,
    set_household_head,
    register_organisation,
    update_organisation,
    close_organisation,
    reopen_organisation,
)
