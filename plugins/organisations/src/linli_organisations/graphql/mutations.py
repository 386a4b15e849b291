"""Inputs and mutations. Each calls one function of the rules with the values that were given."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import strawberry

from linli.plugin import Context
from linli_graphql.plugin import EXPECTED_VERSION, described, input_type, local_id, mutation, values_of
from linli_organisations import bars, gradings, officers, registrations, tables
from linli_organisations.graphql.enums import Grade, Kind, Post, Track
from linli_organisations.graphql.nodes import Grading, Officer, OrganisationBar, SocialOrganisation


@input_type
class ApplyForRegistrationInput:
    """An organisation that is to be registered or filed."""

    organisation_id: strawberry.ID = described("The organisation, in the shared register.")
    track: Track = described("Whether it is to be registered or filed.")
    kind: Kind = described("What the organisation is.")
    category_id: strawberry.ID = described("Its trade; others may have the same.")
    scope: str = described("What it does; at most 1,000 characters.")
    authority: str | None = described("Its competent authority, when it has one.", optional=True)


@input_type
class SocialOrganisationInput:
    """An entry of the register, in the version that the caller saw."""

    id: strawberry.ID = described("The entry.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ApproveRegistrationInput:
    """An application that is granted."""

    id: strawberry.ID = described("The application.")
    number: str = described("The number of the certificate; no other entry has it.")
    entered_on: date | None = described("The day of registration or filing; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RefuseRegistrationInput:
    """An application that is refused."""

    id: strawberry.ID = described("The application.")
    reason: str = described("Why; the applicant is told.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class ObjectToRefusalInput:
    """An objection to a refusal."""

    id: strawberry.ID = described("The application that was refused.")
    objection: str = described("What is objected.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class DecideObjectionInput:
    """The decision on an objection, by somebody other than who refused."""

    id: strawberry.ID = described("The application that was refused.")
    upheld: bool = described("Whether the refusal stands; otherwise the application is decided again.")
    reason: str = described("Why.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class SuspendRegistrationInput:
    """An organisation whose activities are to be suspended."""

    id: strawberry.ID = described("The entry.")
    reason: str = described("Why.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class CancelRegistrationInput:
    """An entry that is struck off."""

    id: strawberry.ID = described("The entry.")
    reason: str = described("Why.")
    ended_on: date | None = described("The first day without it; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AddOfficerInput:
    """An officer: a person of the register, or a name."""

    registration_id: strawberry.ID = described("The organisation's entry.")
    person_id: strawberry.ID | None = described("The person.", optional=True)
    name: str | None = described("The name of somebody who is not in the register of people.", optional=True)
    post: Post = described("The post.")
    valid_from: date = described("From which day.")
    is_serving_official: bool = described("Whether the officer is a serving official, as declared.")


@input_type
class RemoveOfficerInput:
    """An officer whose term ends."""

    id: strawberry.ID = described("The officer.")
    valid_to: date | None = described("The first day without the post; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class AssessorInput:
    """Somebody who took part in an assessment: a person of the register, or a name."""

    person_id: strawberry.ID | None = described("The person.", optional=True)
    name: str | None = described("The name of somebody who is not in the register of people.", optional=True)
    has_interest: bool = described("Whether the assessor declared an interest in the organisation.")


@input_type
class DraftGradingInput:
    """The result of an assessment."""

    registration_id: strawberry.ID = described("The entry of the assessed organisation.")
    grade: Grade = described("The grade.")
    score: int = described("The points, from 0 to 1,000.")
    assessed_on: date = described("The day of the assessment.")
    assessors: list[AssessorInput] = described("Who took part: 1 to 30.")


@input_type
class GradingInput:
    """A grading, in the version that the caller saw."""

    id: strawberry.ID = described("The grading.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class PublishGradingInput:
    """A drafted grade that is to count."""

    id: strawberry.ID = described("The grading.")
    published_on: date | None = described("From which day it counts; today by default.", optional=True)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RevokeGradingInput:
    """A grade that is to count no longer."""

    id: strawberry.ID = described("The grading.")
    reason: str = described("Why; the organisation is told.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class BarOrganisationInput:
    """An organisation that is to be barred, from today on."""

    organisation_id: strawberry.ID = described("The organisation.")
    barred_until: date = described("The last day; at most ten years from now.")
    reason: str = described("Why; at most 500 characters.")


@input_type
class LiftOrganisationBarInput:
    """A bar that is to end today."""

    id: strawberry.ID = described("The bar.")
    reason: str = described("Why; at most 500 characters.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@mutation(gives=SocialOrganisation)
async def apply_for_registration(ctx: Context, input: ApplyForRegistrationInput) -> tables.Registration:
    """Enter an organisation's application to be registered or filed."""
    ids = {"organisation_id": "Organisation", "category_id": "OrganisationCategory"}
    return await registrations.apply(ctx, **values_of(input, ids=ids))


@mutation(gives=SocialOrganisation)
async def upgrade_filing(ctx: Context, input: SocialOrganisationInput) -> tables.Registration:
    """Apply to register an organisation that is filed. Gives the new application."""
    return await registrations.upgrade_filing(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def accept_registration(ctx: Context, input: SocialOrganisationInput) -> tables.Registration:
    """Take up an application; not by who entered it."""
    return await registrations.accept(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def approve_registration(ctx: Context, input: ApproveRegistrationInput) -> tables.Registration:
    """Register or file an organisation; not by who entered the application."""
    return await registrations.approve(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def refuse_registration(ctx: Context, input: RefuseRegistrationInput) -> tables.Registration:
    """Refuse an application; not by who entered it."""
    return await registrations.refuse(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def withdraw_registration(ctx: Context, input: SocialOrganisationInput) -> tables.Registration:
    """Take an application back before it is decided."""
    return await registrations.withdraw(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def object_to_refusal(ctx: Context, input: ObjectToRefusalInput) -> tables.Registration:
    """Object to a refusal within the time that it names."""
    return await registrations.object_to_refusal(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def decide_objection(ctx: Context, input: DecideObjectionInput) -> tables.Registration:
    """Uphold or overturn a refusal; not by who refused."""
    return await registrations.decide_objection(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def suspend_registration(ctx: Context, input: SuspendRegistrationInput) -> tables.Registration:
    """Suspend the activities of an organisation."""
    return await registrations.suspend(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def resume_registration(ctx: Context, input: SocialOrganisationInput) -> tables.Registration:
    """End the suspension of an organisation."""
    return await registrations.resume(ctx, _entry(input), **_rest(input))


@mutation(gives=SocialOrganisation)
async def cancel_registration(ctx: Context, input: CancelRegistrationInput) -> tables.Registration:
    """Strike an organisation off the register; the entry is kept."""
    return await registrations.cancel(ctx, _entry(input), **_rest(input))


@mutation(gives=Officer)
async def add_officer(ctx: Context, input: AddOfficerInput) -> tables.Officer:
    """Enter an officer of a social organisation."""
    ids = {"registration_id": "SocialOrganisation", "person_id": "Person"}
    return await officers.add(ctx, **values_of(input, ids=ids))


@mutation(gives=Officer)
async def remove_officer(ctx: Context, input: RemoveOfficerInput) -> tables.Officer:
    """End an officer's term; the entry is kept."""
    return await officers.end(ctx, local_id("Officer", input.id, path=("id",)), **_rest(input))


@mutation(gives=Grading)
async def draft_grading(ctx: Context, input: DraftGradingInput) -> tables.Grading:
    """Enter the result of an assessment; somebody else publishes it."""
    values = values_of(input, ids={"registration_id": "SocialOrganisation"}, drop=("assessors",))
    given = [values_of(one, ids={"person_id": "Person"}) for one in input.assessors]
    return await gradings.draft(ctx, **values, assessors=[gradings.AssessorEntry(**one) for one in given])


@mutation(gives=Grading)
async def publish_grading(ctx: Context, input: PublishGradingInput) -> tables.Grading:
    """Let a grade count; not by who entered it or took part in the assessment."""
    return await gradings.publish_grade(ctx, _grading(input), **_rest(input))


@mutation(gives=Grading)
async def discard_grading(ctx: Context, input: GradingInput) -> tables.Grading:
    """Give up a draft."""
    return await gradings.discard(ctx, _grading(input), **_rest(input))


@mutation(gives=Grading)
async def revoke_grading(ctx: Context, input: RevokeGradingInput) -> tables.Grading:
    """Take a published grade back."""
    return await gradings.revoke(ctx, _grading(input), **_rest(input))


@mutation(gives=OrganisationBar)
async def bar_organisation(ctx: Context, input: BarOrganisationInput) -> tables.Bar:
    """Keep an organisation from applying for public funds for a time."""
    return await bars.impose(ctx, **values_of(input, ids={"organisation_id": "Organisation"}))


@mutation(gives=OrganisationBar)
async def lift_organisation_bar(ctx: Context, input: LiftOrganisationBarInput) -> tables.Bar:
    """End a bar that somebody else imposed."""
    return await bars.lift(ctx, local_id("OrganisationBar", input.id, path=("id",)), **_rest(input))


MUTATIONS = (
    apply_for_registration,
    upgrade_filing,
    accept_registration,
    approve_registration,
    refuse_registration,
    withdraw_registration,
    object_to_refusal,
    decide_objection,
    suspend_registration,
    resume_registration,
    cancel_registration,
    add_officer,
    remove_officer,
    draft_grading,
    publish_grading,
    discard_grading,
    revoke_grading,
    bar_organisation,
    lift_organisation_bar,
)


def _entry(given: Any) -> UUID:
    return local_id("SocialOrganisation", given.id, path=("id",))


def _grading(given: Any) -> UUID:
    return local_id("Grading", given.id, path=("id",))


def _rest(given: Any) -> dict[str, Any]:
    return values_of(given, drop=("id",))
