"""The tables of posts, visits, the census, services and figures. `migrations/m0002_visits.py` has their keys."""

from __future__ import annotations

from piccolo.columns import UUID, BigInt, Boolean, Date, Integer, Text, Timestamptz

from linli.plugin import AreaTable, TenantTable


class Post(AreaTable, tablename="migrants_post"):
    """A coordinator (协管员) posted at an area with all below it, from `from_on` up to, and without, `to_on`."""

    account_id = UUID()
    person_id = UUID(default=None, null=True, help_text="the person behind the account")
    from_on = Date()
    to_on = Date(default=None, null=True)


class Visit(AreaTable, tablename="migrants_visit"):
    """The visit of one month to one stay: an appointment that may be declined. Lies in the stay's area.

    What was talked about is not kept: `outcome` is one of a closed list of facts of service.
    """

    stay_id = UUID()
    person_id = UUID()
    dwelling_id = UUID()
    month = Date(help_text="the first day of the month")
    due_on = Date(help_text="the last day on which it is on time")
    appointed_for = Timestamptz(default=None, null=True)
    state = Text(default="planned")
    done_on = Date(default=None, null=True)
    post_id = UUID(default=None, null=True, help_text="by whom: the post under which it was made")
    outcome = Text(default=None, null=True)
    overdue_at = Timestamptz(default=None, null=True, help_text="since when it is overdue; never reset")
    tier = Text(default=None, null=True, help_text="who answers for it while it is overdue")
    tier_due_at = Timestamptz(default=None, null=True, help_text="when it goes to the next tier")
    ended_at = Timestamptz(default=None, null=True)


class CensusRound(AreaTable, tablename="migrants_census_round"):
    """The quarterly census of an area with all below it. The numbers are those of its closing report."""

    year = Integer()
    quarter = Integer()
    state = Text(default="open")
    opened_by = UUID(default=None, null=True)
    reason = Text(default="", help_text="why it was reopened or cancelled")
    closed_by = UUID(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    dwellings = Integer(default=None, null=True)
    inhabited = Integer(default=None, null=True)
    vacant = Integer(default=None, null=True)
    nobody_met = Integer(default=None, null=True)
    refused = Integer(default=None, null=True)
    people_found = Integer(default=None, null=True)
    people_moved = Integer(default=None, null=True)
    people_new = Integer(default=None, null=True)


class CensusAnswer(AreaTable, tablename="migrants_census_answer"):
    """What a round found at a dwelling: numbers of people, and nobody's name. Lies in the dwelling's area."""

    round_id = UUID()
    dwelling_id = UUID()
    answer = Text()
    people_on_file = Integer()
    people_found = Integer(default=0)
    people_moved = Integer(default=0)
    people_new = Integer(default=0)
    answered_on = Date()
    answered_by = UUID(default=None, null=True)
    answered_at = Timestamptz()


class Service(TenantTable, tablename="migrants_service"):
    """One of the public services or conveniences to which newcomers are entitled; the tenant edits the list."""

    code = Text()
    kind = Text()
    name_zh = Text()
    name_en = Text(default="")
    position = Integer()
    only_by_person = Boolean(default=False, help_text="offered to, and booked by, the person alone")
    is_default = Boolean(default=False, help_text="shipped with the plugin, not decided by the tenant")
    state = Text(default="active")


class Delivery(AreaTable, tablename="migrants_delivery"):
    """A service for a person, counted once it is delivered. What was said or found stays with its provider."""

    service_id = UUID()
    person_id = UUID()
    stay_id = UUID()
    state = Text(default="offered")
    booked_at = Timestamptz(default=None, null=True)
    delivered_on = Date(default=None, null=True)
    delivered_by = UUID(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)


class Figure(AreaTable, tablename="migrants_figure"):
    """A count or a ratio of an area with all below it, and what it was made from. Never changed: newer ones count."""

    measure = Text()
    numerator = BigInt()
    denominator = BigInt(default=None, null=True)
    denominator_estimated = Boolean(default=False, help_text="rounded, or inferred from a percentage")
    as_of = Date()
    source = Text()
    computed = Boolean(default=False, help_text="counted from rows here, not recorded by an officer")
