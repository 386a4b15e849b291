"""Posts: where somebody works as a social worker. One worker is counted in one place at a time."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final
from uuid import UUID

from linli.plugin import Context, Organisation, checks, place_for, rows
from linli_social_workers import facts
from linli_social_workers.access import person_meant, visible_or_own
from linli_social_workers.errors import EndsBeforeStart, NoCertificate, PostEnded, PostOverlaps, UnitUnusable
from linli_social_workers.tables import Certificate, Post
from linli_social_workers.terms import FactKind

READ: Final = "social_workers.post.read"
WRITE: Final = "social_workers.post.write"
_PRESENT: Final = """
select id from social_workers_post where tenant_id = $1 and person_id = $2 and to_on is null limit 1"""
_OTHERS: Final = """
select id from social_workers_post
where tenant_id = $1 and person_id = $2 and (to_on is null or to_on > $3) limit 1"""


async def take_up(
    ctx: Context,
    *,
    person_id: UUID,
    area_id: UUID | None,
    from_on: date,
    organisation_id: UUID | None = None,
) -> Post:
    """A certified person works in an area, or for a unit there, from a day on.

    Raises: NotFound, PermissionDenied, PersonNotActive, AreaRetired, NoCertificate, UnitUnusable, PostOverlaps,
    FutureDate.
    """
    place = await place_for(ctx, area_id, WRITE)
    person = await person_meant(ctx, person_id, WRITE)
    if organisation_id is not None:
        unit = await rows.find(ctx, Organisation, organisation_id)
        if unit is None or unit.state != "active":
            raise UnitUnusable(path=("organisation_id",))
    begin = checks.not_future(ctx, from_on, "from_on")
    if await rows.find_by(ctx, Certificate, person_id=person.id, state="valid") is None:
        raise NoCertificate(path=("person_id",))
    if await ctx.db.fetchval(_OTHERS, ctx.tenant_id, person.id, begin) is not None:
        raise PostOverlaps(path=("from_on",))
    post = await rows.insert(
        ctx,
        Post,
        action="take_up",
        area_id=place.area_id,
        area_path=place.area_path,
        person_id=person.id,
        organisation_id=organisation_id,
        from_on=begin,
    )
    await facts.add(ctx, FactKind.POST, post, person.id, from_on=begin)
    return post


async def leave(ctx: Context, post_id: UUID, *, on: date, expected_version: int | None = None) -> Post:
    """The first day that is no day of the post any more; it may lie in the past, and what was paid is then corrected.

    Raises: NotFound, PermissionDenied, PostEnded, EndsBeforeStart, FutureDate, StaleVersion.
    """
    post = await visible_or_own(ctx, Post, post_id, READ)
    ctx.require(WRITE, post.area_path)
    if post.to_on:
        raise PostEnded()
    day = checks.not_future(ctx, on, "on")
    if day <= post.from_on:
        raise EndsBeforeStart(path=("on",))
    post = await rows.update(ctx, post, action="leave", expected_version=expected_version, to_on=day)
    await facts.cut(ctx, post, day)
    return post


async def end_of(ctx: Context, person_id: UUID, *, on: date) -> None:
    """End the present post of somebody who left or died; for handlers of the register's events."""
    post_id: UUID | None = await ctx.db.fetchval(_PRESENT, ctx.tenant_id, person_id)
    if post_id is None:
        return
    post = await rows.get(ctx, Post, post_id, lock=True)
    day = max(on, post.from_on + timedelta(days=1))
    await rows.update(ctx, post, action="leave", to_on=day)
    await facts.cut(ctx, post, day)
