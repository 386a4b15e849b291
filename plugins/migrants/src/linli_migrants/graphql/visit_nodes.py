"""The node types of posts, visits, the census, services and figures, declared over their tables."""

from __future__ import annotations

from datetime import date, datetime

from linli.plugin import privacy
from linli_graphql.plugin import (
    Area,
    Connection,
    GraphQLRequest,
    Node,
    Person,
    column,
    computed,
    extend,
    many,
    node,
    one,
)
from linli_migrants import visit_tables as tables
from linli_migrants.figures import NOT_OF_NEWCOMERS
from linli_migrants.graphql.living_nodes import MigrantDwelling, MigrantStay
from linli_migrants.graphql.visit_enums import (
    DeliveryState,
    DwellingAnswer,
    Measure,
    RoundState,
    ServiceKind,
    ServiceState,
    Tier,
    VisitOutcome,
    VisitState,
)


@node(
    tables.Post,
    plural="migrant_posts",
    permission="migrants.post.read",
    own_column="person_id",
    filters=("person", "from_on"),
    order_by=("from_on",),
)
class MigrantPost(Node):
    """A coordinator posted at an area with all below it."""

    from_on: date = column("The first day.")
    to_on: date | None = column("The day from which it holds no longer; null while it does.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")
    person: Person | None = one("person_id", "Who is posted, where the account is a person's.")


@node(
    tables.Visit,
    plural="migrant_visits",
    permission="migrants.visit.read",
    own_column="person_id",
    filters=("state", "due_on", "month", "person", "stay", "dwelling", "post"),
    order_by=("month",),
    group_by=("state", "area", "month"),
)
class MigrantVisit(Node):
    """The visit of one month to one stay: an appointment that may be declined."""

    month: date = column("The first day of its month.")
    due_on: date = column("The last day on which it is on time.")
    appointed_for: datetime | None = column("The time that was agreed on.")
    state: VisitState = column("Where it stands.")
    done_on: date | None = column("When it was made.")
    outcome: VisitOutcome | None = column("What it did for the person; null until it was made.")
    overdue_at: datetime | None = column("Since when it is, or was, overdue.")
    tier: Tier | None = column("Who answers, or answered last, for it being overdue.")
    tier_due_at: datetime | None = column("Until when that tier does; null for the last one.")
    ended_at: datetime | None = column("When it was made, declined or cancelled.")
    area: Area | None = one("area_id", "Where.")
    stay: MigrantStay | None = one("stay_id", "Of which stay.")
    person: Person | None = one("person_id", "Who is visited.")
    dwelling: MigrantDwelling | None = one("dwelling_id", "Where the person lives.")
    post: MigrantPost | None = one("post_id", "Under which post it was made.")


@node(
    tables.CensusRound,
    plural="migrant_census_rounds",
    permission="migrants.census.read",
    filters=("state", "year"),
)
class MigrantCensusRound(Node):
    """The quarterly census of an area with all below it; its numbers are those of the closing report."""

    year: int = column("The year.")
    quarter: int = column("The quarter, from 1 to 4.")
    state: RoundState = column("Where it stands.")
    reason: str = column("Why it was reopened or cancelled last; empty when it was not.")
    closed_at: datetime | None = column("When it was closed.")
    dwellings: int | None = column("How many dwellings there were.")
    inhabited: int | None = column("How many were inhabited.")
    vacant: int | None = column("How many were vacant.")
    nobody_met: int | None = column("At how many nobody was met.")
    refused: int | None = column("At how many nobody wanted to answer.")
    people_found: int | None = column("How many people on file were found.")
    people_moved: int | None = column("How many people on file had moved away.")
    people_new: int | None = column("How many people were found who were not on file.")
    area: Area | None = one("area_id", "Where; null is the whole tenant.")
    answers: Connection[MigrantCensusAnswer] = many("round_id", "The answers.")


@node(
    tables.CensusAnswer,
    plural="migrant_census_answers",
    permission="migrants.census.read",
    filters=("round", "dwelling"),
)
class MigrantCensusAnswer(Node):
    """What a round found at a dwelling: numbers of people, and nobody's name."""

    answer: DwellingAnswer = column("What was found.")
    people_on_file: int = column("How many people were on file there.")
    people_found: int = column("How many of them were found.")
    people_moved: int = column("How many of them had moved away.")
    people_new: int = column("How many people were found who were not on file.")
    answered_on: date = column("On which day.")
    area: Area | None = one("area_id", "Where the dwelling is.")
    round: MigrantCensusRound | None = one("round_id", "In which round.")
    dwelling: MigrantDwelling | None = one("dwelling_id", "At which dwelling.")


@node(
    tables.Service,
    plural="migrant_services",
    permission="migrants.own.service",
    filters=("kind",),
    order_by=("position",),
)
class MigrantService(Node):
    """A public service or convenience to which newcomers are entitled."""

    code: str = column("A short name for programs.")
    kind: ServiceKind = column("By what one is entitled.")
    name_zh: str = column("What it is called, in Chinese.")
    name_en: str = column("What it is called, in English; may be empty.")
    position: int = column("Its place in the list.")
    only_by_person: bool = column("Whether only the person books it, and it is delivered only when booked.")
    is_default: bool = column("Whether it was shipped with the product, and not decided by the tenant.")
    state: ServiceState = column("Whether it is offered.")


@node(
    tables.Delivery,
    plural="migrant_service_deliveries",
    permission="migrants.service.read",
    own_column="person_id",
    filters=("state", "person", "service", "stay", "delivered_on"),
    group_by=("state", "area"),
)
class MigrantServiceDelivery(Node):
    """A service for a person, counted once delivered. What was said or found stays with its provider."""

    state: DeliveryState = column("Where it stands.")
    booked_at: datetime | None = column("When it was booked.")
    delivered_on: date | None = column("When it was delivered.")
    ended_at: datetime | None = column("When it was noted as delivered, or cancelled.")
    area: Area | None = one("area_id", "Where the person lives.")
    service: MigrantService | None = one("service_id", "Which service.")
    person: Person | None = one("person_id", "For whom.")
    stay: MigrantStay | None = one("stay_id", "During which stay.")


@node(
    tables.Figure,
    plural="migrant_figures",
    permission="migrants.figures.read",
    filters=("measure", "as_of"),
    order_by=("as_of",),
)
class MigrantFigure(Node):
    """A stored count or ratio of an area with all below it, with all that it was made from."""

    measure: Measure = column("What is counted, and of what.")
    denominator_estimated: bool = column("Whether the denominator is rounded or inferred.")
    as_of: date = column("For which day.")
    source: str = column("Where the numbers come from.")
    is_computed: bool = column(
        "Whether it was counted here, and not recorded by an officer.", source="computed"
    )
    area: Area | None = one("area_id", "Of where; null is the whole tenant.")

    @computed(needs=("numerator", "measure"))
    def numerator(self, request: GraphQLRequest) -> int | None:
        """The count above; null where it tells of one to four people."""
        return _shown(self, self.numerator)

    @computed(needs=("denominator", "measure"))
    def denominator(self, request: GraphQLRequest) -> int | None:
        """The count below; null when it is unknown, or tells of one to four people."""
        return None if self.denominator is None else _shown(self, self.denominator)


def _shown(figure: MigrantFigure, count: int) -> int | None:
    if figure.measure in NOT_OF_NEWCOMERS:
        return count
    return privacy.shown_count(count, show_zero=True)


class PersonVisits:
    """What is done for a newcomer."""

    migrant_visits: Connection[MigrantVisit] = many("person_id", "The visits to the person.")
    migrant_services: Connection[MigrantServiceDelivery] = many("person_id", "The services for the person.")


PERSON_VISITS = extend(Person)(PersonVisits)
VISIT_NODES = (
    MigrantPost,
    MigrantVisit,
    MigrantCensusRound,
    MigrantCensusAnswer,
    MigrantService,
    MigrantServiceDelivery,
    MigrantFigure,
)
