"""Plain types: the work list, how far a round is, ratios and counts."""

from __future__ import annotations

from datetime import date, datetime

import strawberry

from linli_graphql.plugin import to_global_id
from linli_migrants.graphql.visit_enums import Measure, RatioStatus, StaysBy, Tier, WorkSection
from linli_migrants.work_items import WorkItem, WorkPage


@strawberry.type(description="Something to be done at a dwelling.")
class MigrantWorkItem:
    """Something to be done at a dwelling."""

    subject_id: strawberry.ID = strawberry.field(
        description="What it is about: a visit, permit or application, or the census round to be answered in."
    )
    dwelling_id: strawberry.ID = strawberry.field(description="The MigrantDwelling.")
    person_id: strawberry.ID | None = strawberry.field(description="The Person, if it is about one.")
    person: str = strawberry.field(description="The person's name, masked; empty without one.")
    address: str = strawberry.field(description="The dwelling's address.")
    due_on: date | None = strawberry.field(description="The last day on which it is on time.")
    appointed_for: datetime | None = strawberry.field(description="The time that was agreed on.")
    tier: Tier | None = strawberry.field(description="Who answers for it being overdue.")


@strawberry.type(description="The work in one building of a grid.")
class MigrantWorkGroup:
    """The work in one building of a grid."""

    grid: str = strawberry.field(description="The grid; empty where dwellings name none.")
    building: str = strawberry.field(description="The building; empty where dwellings name none.")
    items: list[MigrantWorkItem] = strawberry.field(description="What is to be done there.")


@strawberry.type(description="A page of one section of the work list.")
class MigrantWorkPage:
    """A page of one section of the work list."""

    section: WorkSection = strawberry.field(description="Which section.")
    groups: list[MigrantWorkGroup] = strawberry.field(description="By area, grid and building.")
    after: str | None = strawberry.field(description="Where the next page begins; null on the last one.")


@strawberry.type(description="How far a census round is: its dwellings in use, by answer, as they are now.")
class MigrantCensusProgress:
    """How far a census round is: its dwellings in use, by answer, as they are now."""

    dwellings: int = strawberry.field(description="How many dwellings there are.")
    open: int = strawberry.field(description="How many have no answer.")
    inhabited: int = strawberry.field(description="How many are inhabited.")
    vacant: int = strawberry.field(description="How many are vacant.")
    nobody_met: int = strawberry.field(description="At how many nobody was met.")
    refused: int = strawberry.field(description="At how many nobody wanted to answer.")
    people_found: int = strawberry.field(description="How many people on file were found.")
    people_moved: int = strawberry.field(description="How many people on file had moved away.")
    people_new: int = strawberry.field(description="How many people were found who are not on file.")


@strawberry.type(description="A count or ratio with all that it was made from.")
class MigrantRatio:
    """A count or ratio with all that it was made from."""

    measure: Measure = strawberry.field(description="What is counted, and of what.")
    status: RatioStatus = strawberry.field(description="Whether the ratio has a value.")
    numerator: int | None = strawberry.field(description="The count above; null from 1 to 4.")
    denominator: int | None = strawberry.field(description="The count below; null when unknown, or 1 to 4.")
    denominator_estimated: bool = strawberry.field(description="Whether it is rounded or inferred.")
    value: float | None = strawberry.field(description="Numerator divided by denominator.")
    percent: str | None = strawberry.field(description="The same in per cent, with two decimals.")
    as_of: date = strawberry.field(description="For which day.")
    source: str = strawberry.field(description="Where the numbers come from.")


@strawberry.type(description="Visits and services of a period; the two ratios are never mixed.")
class MigrantServiceFigures:
    """Visits and services of a period; the two ratios are never mixed."""

    visits_done: MigrantRatio = strawberry.field(description="Visits made, of those due and not declined.")
    services_per_person: MigrantRatio = strawberry.field(
        description="Services delivered, by people on file in the period."
    )


@strawberry.type(description="Residence permits in figures; the two ratios are never mixed.")
class MigrantPermitFigures:
    """Residence permits in figures; the two ratios are never mixed."""

    permits_valid: MigrantRatio = strawberry.field(
        description="Permits that can be used today, of the people who have lived here for half a year."
    )
    endorsements_on_time: MigrantRatio = strawberry.field(
        description="Endorsements made before the anniversary, of those that were due in the period."
    )


@strawberry.type(description="How many stays there are of one kind.")
class MigrantStayCell:
    """How many stays there are of one kind."""

    key: str = strawberry.field(description="The state, reason or province's two digits.")
    count: int | None = strawberry.field(description="How many; null where it would tell of somebody.")


@strawberry.type(description="Stays of an area, counted by one thing.")
class MigrantStayTable:
    """Stays of an area, counted by one thing."""

    by: StaysBy = strawberry.field(description="By what.")
    as_of: date = strawberry.field(description="On which day.")
    total: int | None = strawberry.field(description="All together; null from 1 to 4.")
    cells: list[MigrantStayCell] = strawberry.field(description="By that, in order of the keys.")


def work_page(page: WorkPage) -> MigrantWorkPage:
    """The type's value for what a service found."""
    return MigrantWorkPage(
        section=page.section,
        after=page.after,
        groups=[
            MigrantWorkGroup(
                grid=group.grid, building=group.building, items=[_item(one) for one in group.items]
            )
            for group in page.groups
        ],
    )


def _item(item: WorkItem) -> MigrantWorkItem:
    person = item.person_id
    return MigrantWorkItem(
        subject_id=strawberry.ID(to_global_id(item.node, item.subject_id)),
        dwelling_id=strawberry.ID(to_global_id("MigrantDwelling", item.dwelling_id)),
        person_id=strawberry.ID(to_global_id("Person", person)) if person else None,
        person=item.person,
        address=item.address,
        due_on=item.due_on,
        appointed_for=item.appointed_for,
        tier=Tier(item.tier) if item.tier else None,
    )
