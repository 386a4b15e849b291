"""What mutations take in."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli_graphql.plugin import EXPECTED_VERSION, described, input_type

_REASON = "Why; at most 500 characters."


@input_type
class CreateVolunteerActivityInput:
    """An activity, made as a draft."""

    area_id: strawberry.ID | None = described("Where it takes place; null is the whole tenant.")
    title: str = described("What it is called; at most 100 characters.")
    description: str | None = described("What is done; at most 2,000 characters.", optional=True)
    organiser_id: strawberry.ID | None = described("The unit that organises it.", optional=True)
    starts_at: datetime = described("When it begins, with a time zone.")
    ends_at: datetime = described("When it is over; at most seven days later.")
    places: int = described("How many volunteers can enrol: 1 to 10,000.")


@input_type
class UpdateVolunteerActivityInput:
    """What to change of an activity; what is left out stays. Only drafts change their time and organiser."""

    id: strawberry.ID = described("The activity.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)
    title: str | None = described("The new title.", optional=True)
    description: str | None = described("The new description.", optional=True)
    organiser_id: strawberry.ID | None = described("The new organiser; null for none.", optional=True)
    starts_at: datetime | None = described("The new beginning.", optional=True)
    ends_at: datetime | None = described("The new end.", optional=True)
    places: int | None = described("The new number of places.", optional=True)


@input_type
class VolunteerStepInput:
    """Which thing takes its next step."""

    id: strawberry.ID = described("The activity, volunteer, enrolment or entry of hours.")
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class VolunteerReasonInput:
    """Which thing is taken back, and why."""

    id: strawberry.ID = described("The activity, entry of hours or certificate.")
    reason: str = described(_REASON)
    expected_version: int | None = described(EXPECTED_VERSION, optional=True)


@input_type
class RegisterVolunteerInput:
    """A person who becomes a volunteer."""

    person_id: strawberry.ID = described("The person.")
    registered_on: date | None = described("Since which day; today by default.", optional=True)


@input_type
class EnrolVolunteerInput:
    """A place at an activity."""

    activity_id: strawberry.ID = described("The activity.")
    volunteer_id: strawberry.ID | None = described("The volunteer; the caller by default.", optional=True)


@input_type
class ClaimVolunteerHoursInput:
    """Service at an activity."""

    activity_id: strawberry.ID = described("The activity.")
    volunteer_id: strawberry.ID | None = described("The volunteer; the caller by default.", optional=True)
    from_at: datetime = described("From when, with a time zone; not before the activity.")
    to_at: datetime = described("Until when; neither after the activity nor in the future.")


@input_type
class IssueVolunteerCertificateInput:
    """A certificate to be issued."""

    volunteer_id: strawberry.ID = described("The volunteer.")
    as_of: date | None = described("The last day that counts; today by default.", optional=True)


@input_type
class RecordVolunteerPopulationInput:
    """A number of permanent residents."""

    area_id: strawberry.ID | None = described("The area; null is the whole tenant.")
    residents: int = described("How many there were.")
    as_of: date = described("On which day.")
    source: str = described("Who says so, such as a statistical bulletin; at most 200 characters.")
