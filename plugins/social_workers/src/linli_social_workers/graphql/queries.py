"""What can be asked besides nodes: the work list, and coverage against the target."""

from __future__ import annotations

from datetime import date
from typing import Annotated

import strawberry

from linli_graphql.plugin import Amount, GraphQLRequest, local_id, query, to_global_id
from linli_social_workers import figures, worklist
from linli_social_workers.graphql.enums import Level, WorkSection


@strawberry.type(description="A registration to be looked at.")
class SocialWorkerWorkItem:
    """A registration to be looked at."""

    registration_id: strawberry.ID = strawberry.field(description="The SocialWorkerRegistration.")
    person: str = strawberry.field(description="The person's name, masked.")
    due_on: date | None = strawberry.field(description="When it ends, or the review is due.")
    hours: int | None = strawberry.field(description="Hours of education approved in this term.")
    hours_required: int | None = strawberry.field(description="How many a renewal takes.")


@strawberry.type(description="The first items of a section of the work list.")
class SocialWorkerWorkPage:
    """The first items of a section of the work list."""

    section: WorkSection = strawberry.field(description="Which section.")
    items: list[SocialWorkerWorkItem] = strawberry.field(description="The most urgent first.")
    more: bool = strawberry.field(description="Whether there are more.")


@strawberry.type(description="Certified people of one level.")
class SocialWorkerLevelCount:
    """Certified people of one level."""

    level: Level = strawberry.field(description="Which level.")
    people: int = strawberry.field(description="How many people hold it.")


@strawberry.type(description="Certified people of an area against its target.")
class SocialWorkerCoverage:
    """Certified people of an area against its target."""

    people: int = strawberry.field(description="How many people hold a valid certificate.")
    by_level: list[SocialWorkerLevelCount] = strawberry.field(description="By level; somebody may hold two.")
    communities: int | None = strawberry.field(description="For how many communities; null without a target.")
    per_community: float | None = strawberry.field(
        description="People divided by communities, to two decimals."
    )
    aim: int | None = strawberry.field(description="How many certified people are aimed at.")
    aim_met: bool | None = strawberry.field(description="Whether there are as many.")
    target_source: str = strawberry.field(description="Who says so; empty without a target.")
    cost_fen: Amount = strawberry.field(description="What this year's runs pay, in fen.")
    as_of: date = strawberry.field(description="The day on which it was counted.")


@query
async def social_worker_work_list(
    request: GraphQLRequest,
    first: Annotated[int, strawberry.argument(description="How many of each section; up to 200.")] = 50,
) -> list[SocialWorkerWorkPage]:
    """Renewals that come due, applications that wait, hours that are short; where the caller's rights reach."""
    pages = await worklist.work_list(await request.reading(), first=first)
    return [
        SocialWorkerWorkPage(
            section=page.section,
            items=[
                SocialWorkerWorkItem(
                    registration_id=strawberry.ID(
                        to_global_id("SocialWorkerRegistration", item.registration_id)
                    ),
                    person=item.person,
                    due_on=item.due_on,
                    hours=item.hours,
                    hours_required=item.hours_required,
                )
                for item in page.items
            ],
            more=page.more,
        )
        for page in pages
    ]


@query
async def social_worker_coverage(
    request: GraphQLRequest,
    area: Annotated[
        strawberry.ID | None,
        strawberry.argument(description="An area with all below it; the whole tenant by default."),
    ] = None,
) -> SocialWorkerCoverage:
    """Certified people of an area against its target, and what the year's allowances cost."""
    ctx = await request.reading()
    area_id = local_id("Area", str(area), path=("area",)) if area else None
    found = await figures.coverage(ctx, area_id=area_id)
    return SocialWorkerCoverage(
        people=found.people,
        by_level=[
            SocialWorkerLevelCount(level=level, people=found.by_level[level.value])
            for level in Level
            if level.value in found.by_level
        ],
        communities=found.communities,
        per_community=found.per_community,
        aim=found.aim,
        aim_met=found.aim_met,
        target_source=found.target_source,
        cost_fen=Amount(found.cost_fen),
        as_of=found.as_of,
    )


QUERIES = (social_worker_work_list, social_worker_coverage)
