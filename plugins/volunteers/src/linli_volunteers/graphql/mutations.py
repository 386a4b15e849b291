"""What can be done; each mutation calls one service function, which has the rules."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_volunteers import activities, certificates, enrolments, figures, hours, tables, volunteers
from linli_volunteers.graphql.inputs import (
    ClaimVolunteerHoursInput,
    CreateVolunteerActivityInput,
    EnrolVolunteerInput,
    IssueVolunteerCertificateInput,
    RecordVolunteerPopulationInput,
    RegisterVolunteerInput,
    UpdateVolunteerActivityInput,
    VolunteerReasonInput,
    VolunteerStepInput,
)
from linli_volunteers.graphql.nodes import (
    Volunteer,
    VolunteerActivity,
    VolunteerCertificate,
    VolunteerEnrolment,
    VolunteerHours,
    VolunteerPopulation,
)

_ACTIVITY = {"id": "VolunteerActivity"}
_HOURS = {"id": "VolunteerHours"}
_TAKING_PART = {"activity_id": "VolunteerActivity", "volunteer_id": "Volunteer"}


@mutation(gives=VolunteerActivity)
async def create_volunteer_activity(ctx: Context, input: CreateVolunteerActivityInput) -> tables.Activity:
    """Make the draft of an activity."""
    values = values_of(input, ids={"area_id": "Area", "organiser_id": "Organisation"})
    return await activities.create(ctx, **values)


@mutation(gives=VolunteerActivity)
async def update_volunteer_activity(ctx: Context, input: UpdateVolunteerActivityInput) -> tables.Activity:
    """Change an activity."""
    values = values_of(input, ids={**_ACTIVITY, "organiser_id": "Organisation"})
    return await activities.update(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerActivity)
async def open_volunteer_activity(ctx: Context, input: VolunteerStepInput) -> tables.Activity:
    """Let volunteers enrol for an activity."""
    values = values_of(input, ids=_ACTIVITY)
    return await activities.open_for_enrolment(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerActivity)
async def start_volunteer_activity(ctx: Context, input: VolunteerStepInput) -> tables.Activity:
    """Begin an activity now; otherwise the clock does."""
    values = values_of(input, ids=_ACTIVITY)
    return await activities.start(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerActivity)
async def finish_volunteer_activity(ctx: Context, input: VolunteerStepInput) -> tables.Activity:
    """End an activity now; otherwise the clock does."""
    values = values_of(input, ids=_ACTIVITY)
    return await activities.finish(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerActivity)
async def settle_volunteer_activity(ctx: Context, input: VolunteerStepInput) -> tables.Activity:
    """Close the books of an activity, all hours of which are posted or reversed."""
    values = values_of(input, ids=_ACTIVITY)
    return await activities.settle(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerActivity)
async def cancel_volunteer_activity(ctx: Context, input: VolunteerReasonInput) -> tables.Activity:
    """Cancel an activity that has not begun."""
    values = values_of(input, ids=_ACTIVITY)
    return await activities.cancel(ctx, values.pop("id"), **values)


@mutation(gives=Volunteer)
async def register_volunteer(ctx: Context, input: RegisterVolunteerInput) -> tables.Volunteer:
    """Register a person, who may be the caller, as a volunteer."""
    return await volunteers.register(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=Volunteer)
async def withdraw_volunteer(ctx: Context, input: VolunteerStepInput) -> tables.Volunteer:
    """Note that a volunteer withdraws."""
    values = values_of(input, ids={"id": "Volunteer"})
    return await volunteers.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerEnrolment)
async def enrol_volunteer(ctx: Context, input: EnrolVolunteerInput) -> tables.Enrolment:
    """Enrol a volunteer, who may be the caller, for an activity."""
    return await enrolments.enrol(ctx, **values_of(input, ids=_TAKING_PART))


@mutation(gives=VolunteerEnrolment)
async def withdraw_volunteer_enrolment(ctx: Context, input: VolunteerStepInput) -> tables.Enrolment:
    """Give a place at an activity back."""
    values = values_of(input, ids={"id": "VolunteerEnrolment"})
    return await enrolments.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerHours)
async def claim_volunteer_hours(ctx: Context, input: ClaimVolunteerHoursInput) -> tables.Hours:
    """Claim hours for a volunteer, who may be the caller."""
    return await hours.claim(ctx, **values_of(input, ids=_TAKING_PART))


@mutation(gives=VolunteerHours)
async def verify_volunteer_hours(ctx: Context, input: VolunteerStepInput) -> tables.Hours:
    """Verify hours that somebody else served and claimed."""
    values = values_of(input, ids=_HOURS)
    return await hours.verify(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerHours)
async def post_volunteer_hours(ctx: Context, input: VolunteerStepInput) -> tables.Hours:
    """Let verified hours count."""
    values = values_of(input, ids=_HOURS)
    return await hours.post(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerHours)
async def reverse_volunteer_hours(ctx: Context, input: VolunteerReasonInput) -> tables.Hours:
    """Take hours back for good, and with them the certificates that counted them."""
    values = values_of(input, ids=_HOURS)
    return await hours.reverse(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerCertificate)
async def issue_volunteer_certificate(
    ctx: Context, input: IssueVolunteerCertificateInput
) -> tables.Certificate:
    """Certify what a volunteer served."""
    return await certificates.issue(ctx, **values_of(input, ids={"volunteer_id": "Volunteer"}))


@mutation(gives=VolunteerCertificate)
async def revoke_volunteer_certificate(ctx: Context, input: VolunteerReasonInput) -> tables.Certificate:
    """Revoke a certificate."""
    values = values_of(input, ids={"id": "VolunteerCertificate"})
    return await certificates.revoke(ctx, values.pop("id"), **values)


@mutation(gives=VolunteerPopulation)
async def record_volunteer_population(
    ctx: Context, input: RecordVolunteerPopulationInput
) -> tables.Population:
    """Record a number of permanent residents; the last record of a day counts."""
    return await figures.record_population(ctx, **values_of(input, ids={"area_id": "Area"}))


MUTATIONS = (
    create_volunteer_activity,
    update_volunteer_activity,
    open_volunteer_activity,
    start_volunteer_activity,
    finish_volunteer_activity,
    settle_volunteer_activity,
    cancel_volunteer_activity,
    register_volunteer,
    withdraw_volunteer,
    enrol_volunteer,
    withdraw_volunteer_enrolment,
    claim_volunteer_hours,
    verify_volunteer_hours,
    post_volunteer_hours,
    reverse_volunteer_hours,
    issue_volunteer_certificate,
    revoke_volunteer_certificate,
    record_volunteer_population,
)
