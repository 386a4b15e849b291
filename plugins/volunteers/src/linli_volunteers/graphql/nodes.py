"""The node types of this plugin, declared over its tables."""

from __future__ import annotations

from datetime import date, datetime

from linli_graphql.plugin import (
    Area,
    Connection,
    GraphQLRequest,
    Node,
    Organisation,
    Person,
    column,
    computed,
    expose,
    extend,
    many,
    node,
    one,
)
from linli_volunteers import tables
from linli_volunteers.states import (
    ActivityState,
    CertificateState,
    EnrolmentState,
    HoursState,
    VolunteerState,
)

expose(
    ActivityState,
    "Where an activity stands.",
    {
        "DRAFT": "It is being prepared; time and organiser can still change.",
        "RECRUITING": "Volunteers may enrol.",
        "RUNNING": "It takes place.",
        "FINISHED": "It took place; hours may be claimed.",
        "SETTLED": "All its hours are decided, and no more can be claimed.",
        "CANCELLED": "It does not take place.",
    },
)
expose(
    VolunteerState,
    "Whether somebody is registered as a volunteer now.",
    {"ACTIVE": "Registered as a volunteer.", "WITHDRAWN": "No volunteer any more; posted hours stay."},
)
expose(
    EnrolmentState,
    "Whether an enrolment holds.",
    {"ENROLLED": "The volunteer has a place.", "WITHDRAWN": "The place was given back."},
)
expose(
    HoursState,
    "Where an entry of hours stands.",
    {
        "CLAIMED": "Entered, and waits to be verified by somebody else.",
        "VERIFIED": "Found right, and waits to be posted.",
        "POSTED": "Counts as service.",
        "REVERSED": "Counts no longer; the entry stays readable with the reason.",
    },
)
expose(
    CertificateState,
    "Whether a certificate may be relied on.",
    {"VALID": "It may be relied on.", "REVOKED": "It was taken back."},
)


@node(
    tables.Activity,
    plural="volunteer_activities",
    permission="volunteers.activity.read",
    filters=("state", "starts_at", "organiser"),
    order_by=("starts_at",),
)
class VolunteerActivity(Node):
    """Something that volunteers do together: the shift."""

    title: str = column("What it is called.")
    description: str = column("What is done.")
    starts_at: datetime = column("When it begins.")
    ends_at: datetime = column("When it is over.")
    places: int = column("How many volunteers can enrol.")
    state: ActivityState = column("Where it stands.")
    cancel_reason: str = column("Why it was cancelled; empty when it was not.")
    area: Area | None = one("area_id", "Where it takes place; null is the whole tenant.")
    organiser: Organisation | None = one("organiser_id", "The unit that organises it.")
    enrolments: Connection[VolunteerEnrolment] = many("activity_id", "Who enrolled.")
    hours: Connection[VolunteerHours] = many("activity_id", "The hours that were claimed for it.")


@node(
    tables.Volunteer,
    plural="volunteers",
    permission="volunteers.volunteer.read",
    own_column="person_id",
    filters=("state", "person"),
    order_by=("registered_on",),
)
class Volunteer(Node):
    """A person who is registered as a volunteer."""

    registered_on: date = column("Since which day.")
    withdrawn_on: date | None = column("On which day the volunteer withdrew.")
    state: VolunteerState = column("Whether the registration holds.")
    area: Area | None = one("area_id", "Where the person lives.")
    person: Person | None = one("person_id", "The person.")
    enrolments: Connection[VolunteerEnrolment] = many("volunteer_id", "The activities enrolled for.")
    hours: Connection[VolunteerHours] = many("volunteer_id", "The hours claimed.")
    certificates: Connection[VolunteerCertificate] = many("volunteer_id", "The certificates issued.")


@node(
    tables.Enrolment,
    plural="volunteer_enrolments",
    permission="volunteers.enrolment.read",
    own_column="person_id",
    filters=("activity", "volunteer"),
)
class VolunteerEnrolment(Node):
    """A volunteer's place at an activity."""

    state: EnrolmentState = column("Whether it holds.")
    activity: VolunteerActivity | None = one("activity_id", "The activity.")
    volunteer: Volunteer | None = one("volunteer_id", "The volunteer.")


@node(
    tables.Hours,
    plural="volunteer_hours_entries",
    permission="volunteers.hours.read",
    own_column="person_id",
    filters=("activity", "volunteer", "person", "overlap_found_at"),
    order_by=("from_at",),
    group_by=("state", "area", "from_at"),
    sums=("minutes",),
)
class VolunteerHours(Node):
    """Service of one person at one activity. Never edited: a wrong entry is reversed and claimed anew."""

    from_at: datetime = column("From when.")
    to_at: datetime = column("Until when.")
    minutes: int = column("The whole minutes between.")
    state: HoursState = column("Where the entry stands; only posted ones count.")
    verified_at: datetime | None = column("When somebody else verified it.")
    posted_at: datetime | None = column("When it was posted.")
    reversed_at: datetime | None = column("When it was reversed.")
    reverse_reason: str = column("Why it was reversed; empty when it was not.")
    overlap_found_at: datetime | None = column(
        "When it was found to overlap another entry, as two entries of the register were one person; null"
        " otherwise. Until one of the two is reversed, it counts nowhere."
    )
    activity: VolunteerActivity | None = one("activity_id", "The activity.")
    volunteer: Volunteer | None = one("volunteer_id", "The volunteer.")
    person: Person | None = one("person_id", "The person who served.")

    @computed(needs=("minutes",))
    def hours(self, request: GraphQLRequest) -> float:
        """The minutes as hours, to two decimals."""
        return round(self.minutes / 60, 2)


@node(
    tables.Certificate,
    plural="volunteer_certificates",
    permission="volunteers.certificate.read",
    own_column="person_id",
    filters=("number", "volunteer", "person"),
    order_by=("issued_at",),
)
class VolunteerCertificate(Node):
    """A certificate of what a person served up to a day."""

    number: str = column("Its number, which anybody can check.")
    minutes: int = column("The minutes that it certifies.")
    as_of: date = column("The last day that it counts.")
    issued_at: datetime = column("When it was issued.")
    state: CertificateState = column("Whether it may be relied on.")
    revoke_reason: str = column("Why it was revoked; empty when it was not.")
    volunteer: Volunteer | None = one("volunteer_id", "The volunteer.")
    person: Person | None = one("person_id", "The person who served.")

    @computed(needs=("number",))
    def verification_path(self, request: GraphQLRequest) -> str:
        """The path of the public page that checks it: what its QR code holds, after the host's name."""
        return f"/p/{request.tenant.slug}/volunteers/verify/{self.number}"


@node(
    tables.Population,
    plural="volunteer_populations",
    permission="volunteers.figures.read",
)
class VolunteerPopulation(Node):
    """How many permanent residents an area had on a day: a denominator."""

    residents: int = column("The number of permanent residents.")
    as_of: date = column("On which day.")
    source: str = column("Who says so.")
    area: Area | None = one("area_id", "The area; null is the whole tenant.")


class PersonVolunteering:
    """What a person did as a volunteer."""

    volunteer_hours: Connection[VolunteerHours] = many("person_id", "The hours that the person served.")
    volunteer_certificates: Connection[VolunteerCertificate] = many(
        "person_id", "The certificates issued to the person."
    )


PERSON_VOLUNTEERING = extend(Person)(PersonVolunteering)
