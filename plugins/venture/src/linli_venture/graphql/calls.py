"""Needs and calls in the API."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from strawberry.scalars import JSON

from linli_graphql.plugin import (
    Amount,
    Area,
    Connection,
    GraphQLRequest,
    Node,
    column,
    computed,
    expose,
    many,
    node,
    one,
)
from linli_organisations.api import Grade
from linli_venture.calls import drafting, needs, tables
from linli_venture.calls.states import CallState, NeedState
from linli_venture.graphql.money import VenturePool

expose(
    NeedState,
    "Where a need stands.",
    {
        "RECORDED": "A survey found it; it is not published yet.",
        "PUBLISHED": "Organisations may answer it.",
        "WITHDRAWN": "It is no longer on the list.",
    },
    name="VentureNeedState",
)
expose(
    CallState,
    "Where a call stands; whether it is open is a matter of its times.",
    {
        "DRAFT": "It is being prepared.",
        "PUBLISHED": "Its rules are frozen; proposals are taken in from opensAt to closesAt.",
        "CLOSED": "No proposals are taken in any more; they are checked.",
        "REVIEWING": "Reviewers were drawn and score.",
        "NOTICE": "The awards are under public notice.",
        "DECIDED": "Grants were awarded.",
        "CANCELLED": "It was given up.",
    },
    name="VentureCallState",
)


@node(
    tables.Need,
    plural="venture_needs",
    permission=needs.READ,
    filters=("state", "category", "surveyed_on"),
    order_by=("surveyed_on", "beneficiaries"),
)
class VentureNeed(Node):
    """What residents of an area lack, as a survey found it."""

    title: str = column("What is lacking.")
    description: str = column("More about it.")
    category: str = column("Its field.")
    beneficiaries: int = column("How many people it concerns.")
    source: str = column("Who asked whom.")
    surveyed_on: date = column("On which day.")
    state: NeedState = column("Where it stands.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")


@node(
    tables.Criterion,
    plural="venture_criteria",
    permission=drafting.READ,
    filters=("call",),
)
class VentureCriterion(Node):
    """A line of a call's scoring sheet."""

    position: int = column("Its place on the sheet, from 1.")
    key: str = column("Names it within the sheet; `needs` breaks ties.")
    title: str = column("What is judged.")
    weight: int = column("What it counts, of 100.")
    call: VentureCall | None = one("call_id", "The call.")


@node(
    tables.CallVersion,
    plural="venture_call_versions",
    permission=drafting.READ,
    filters=("call",),
)
class VentureCallVersion(Node):
    """The rules of a call as they were published or amended; never changed."""

    number: int = column("Which version; the publication is 1.")
    rules: JSON = column("All rules.")
    digest: str = column("SHA-256 of the rules in canonical JSON: keys sorted, no spaces, UTF-8.")
    note: str = column("What was amended, and why; empty for the publication.")
    made_at: datetime = column("Since when it holds.")
    call: VentureCall | None = one("call_id", "The call.")


@node(
    tables.Call,
    plural="venture_calls",
    permission=drafting.READ,
    filters=("state", "opens_at", "closes_at", "number", "pool"),
    order_by=("closes_at", "opens_at"),
)
class VentureCall(Node):
    """A call for proposals, with its rules."""

    number: str | None = column("Its public number, such as 2026-1; null for a draft.")
    title: str = column("What it is called.")
    guide: str = column("What applicants should know.")
    opens_at: datetime = column("The first moment at which proposals are taken in.")
    closes_at: datetime = column("The last moment at which proposals are taken in; a second later is late.")
    cap_fen: Amount = column("The most that one project gets, in fen.")
    grant_percent_max: int = column("The most of a budget that is granted, in per cent.")
    floor_grade: Grade | None = column("The lowest grade that an applicant needs; null is none.")
    categories: list[str] = column("The fields for which proposals are taken in.")
    tranche_shares: list[int] = column("The shares of the tranches in per cent; together 100.")
    midterm_tranche: int = column(
        "The first tranche that is paid only once the midterm appraisal was passed; 0 is none."
    )
    final_tranche: int = column(
        "The first tranche that is paid only once the final appraisal was passed; 0 is none."
    )
    reviews_min: int = column("How many reviews a proposal needs.")
    defence_percent: int = column("What the defence counts of the final score, in per cent; 0 is no defence.")
    anonymous: bool = column("Whether reviewers see only what does not name the applicant.")
    notice_days: int = column("For how many working days awards are under public notice.")
    correction_days: int = column("Within how many working days a returned proposal is corrected.")
    state: CallState = column("Where it stands.")
    rules_version: int = column("The version of the rules; 0 for a draft.")
    published_at: datetime | None = column("When it was published.")
    closed_at: datetime | None = column("When it was closed.")
    ranked_at: datetime | None = column("When its proposals were ranked, and the scores were opened.")
    shortlisted_at: datetime | None = column("When it was said who defends.")
    defended_at: datetime | None = column("When those who defended were ranked anew.")
    seed_commitment: str = column(
        "SHA-256 of the seed of the draw, which is revealed after it; empty for a draft."
    )
    cancel_reason: str = column("Why it was given up; empty when it was not.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")
    pool: VenturePool | None = one("pool_id", "The pool from which it awards.")
    criteria: Connection[VentureCriterion] = many("call_id", "The scoring sheet.")
    versions: Connection[VentureCallVersion] = many("call_id", "The versions of its rules.")

    @computed(needs=("opens_at",))
    def opens_at_local(self, request: GraphQLRequest) -> str:
        """The first moment by the tenant's clocks, to the second: 2026-06-01 09:00:00."""
        return _local(request, self.opens_at)

    @computed(needs=("closes_at",))
    def closes_at_local(self, request: GraphQLRequest) -> str:
        """The last moment by the tenant's clocks, to the second: 2026-06-30 17:00:00."""
        return _local(request, self.closes_at)


def _local(request: GraphQLRequest, value: datetime) -> str:
    return value.astimezone(ZoneInfo(request.tenant.time_zone)).strftime("%Y-%m-%d %H:%M:%S")


CALL_NODES = (VentureNeed, VentureCall, VentureCriterion, VentureCallVersion)
