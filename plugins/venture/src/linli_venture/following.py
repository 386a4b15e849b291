"""Applicants and experts follow the registers: entries of a person that became one, organisations that moved."""

from __future__ import annotations

from typing import Any, Final

from linli.plugin import (
    Context,
    Organisation,
    OrganisationMoved,
    PersonMerged,
    StoredEvent,
    Subscription,
    in_place,
    people,
    rows,
)
from linli_venture.incubation.tables import Incubation
from linli_venture.proposals.tables import Member
from linli_venture.review.panel import only_once
from linli_venture.review.states import ExpertState
from linli_venture.review.tables import Declaration, DefenceScore, Expert, Review, Score, ScoreSheet

MEMBERSHIPS_MAX: Final = 1_000
FOLLOWING_MAX: Final = 200


async def on_person_merged(ctx: Context, stored: StoredEvent) -> None:
    """Two entries were one person: for whom either acts, and what either reviewed, is that person's."""
    merged_person_id = stored.read(PersonMerged).merged_person_id
    kept = await people.present_entry(ctx, merged_person_id)
    for member in await rows.find_all(ctx, Member, limit=MEMBERSHIPS_MAX, person_id=merged_person_id):
        organisation_id = member.organisation_id
        if await rows.find_by(ctx, Member, organisation_id=organisation_id, person_id=kept.id) is None:
            await rows.update(ctx, member, action="merge", person_id=kept.id)
        else:
            await rows.delete(ctx, member, action="merge")
    await _merge_experts(ctx, merged_person_id, kept.id)
    for table in (Declaration, Review, ScoreSheet, Score, DefenceScore):
        await people.carry_over(ctx, table, "person_id", merged_person_id, kept.id)
    await only_once(ctx, kept.id)


async def on_organisation_moved(ctx: Context, stored: StoredEvent) -> None:
    """Who acts for an organisation, and its incubation, lie where it does now; its proposals stay with their calls."""
    organisation = await in_place(ctx, Organisation, stored.read(OrganisationMoved).organisation_id)
    place: dict[str, Any] = {"area_id": organisation.area_id, "area_path": organisation.area_path}
    for table in (Member, Incubation):
        for row in await rows.find_all(ctx, table, limit=FOLLOWING_MAX, organisation_id=organisation.id):
            if row.area_id != organisation.area_id:
                await rows.update(ctx, row, action="move", **place)


async def _merge_experts(ctx: Context, merged_person_id: Any, kept_person_id: Any) -> None:
    """A person is an expert once: of two, the one that was merged is drawn no longer."""
    merged = await rows.find_by(ctx, Expert, person_id=merged_person_id)
    if merged is None:
        return
    if await rows.find_by(ctx, Expert, person_id=kept_person_id) is None:
        await rows.update(ctx, merged, action="merge", person_id=kept_person_id)
    elif merged.state != ExpertState.LEFT:
        await rows.update(ctx, merged, action="merge", state=ExpertState.LEFT.value)


FOLLOWING: Final = (
    Subscription(PersonMerged.name, "venture.follow_people", on_person_merged),
    Subscription(OrganisationMoved.name, "venture.follow_organisations", on_organisation_moved),
)
