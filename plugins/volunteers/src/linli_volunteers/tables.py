"""The plugin's tables. `migrations/` has their keys, references and checks."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable


class Activity(AreaTable, tablename="volunteers_activity"):
    """Something that volunteers do together, from `starts_at` to `ends_at`: the shift."""

    title = Text()
    description = Text(default="")
    organiser_id = UUID(default=None, null=True, help_text="a unit of the shared register")
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    places = Integer()
    state = Text(default="draft")
    cancel_reason = Text(default="")


class Volunteer(AreaTable, tablename="volunteers_volunteer"):
    """A person who is registered as a volunteer; lies where the person does."""

    person_id = UUID()
    registered_on = Date()
    withdrawn_on = Date(default=None, null=True)
    state = Text(default="active")


class Enrolment(AreaTable, tablename="volunteers_enrolment"):
    """A volunteer's place at an activity; lies in the activity's area."""

    activity_id = UUID()
    volunteer_id = UUID()
    person_id = UUID()
    state = Text(default="enrolled")


class Hours(AreaTable, tablename="volunteers_hours"):
    """Service from `from_at` to `to_at` at an activity, in whole minutes; lies in the activity's area."""

    activity_id = UUID()
    volunteer_id = UUID()
    person_id = UUID()
    from_at = Timestamptz()
    to_at = Timestamptz()
    minutes = Integer()
    state = Text(default="claimed")
    claimed_by = UUID(default=None, null=True, help_text="the account or client that claimed")
    verified_by = UUID(default=None, null=True)
    verified_at = Timestamptz(default=None, null=True)
    posted_at = Timestamptz(default=None, null=True)
    reversed_at = Timestamptz(default=None, null=True)
    reverse_reason = Text(default="")
    overlap_found_at = Timestamptz(default=None, null=True, help_text="see `overlaps.py`")


class Certificate(AreaTable, tablename="volunteers_certificate"):
    """The minutes that a person served up to a day; lies where the volunteer did then."""

    number = Text()
    volunteer_id = UUID()
    person_id = UUID()
    minutes = BigInt()
    as_of = Date()
    issued_at = Timestamptz()
    state = Text(default="valid")
    revoke_reason = Text(default="")


class Population(AreaTable, tablename="volunteers_population"):
    """How many permanent residents an area had on a day, and who says so. A correction is a further row."""

    residents = BigInt()
    as_of = Date()
    source = Text()
