"""Posts of coordinators (协管员): who is posted at which area, since when and until when."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, NotFound, checks, place_for, rows
from linli_migrants.visit_errors import AccountUnusable, NoPostHere, PostEnded, PostTaken
from linli_migrants.visit_tables import Post

WRITE: Final = "migrants.post.write"
READ: Final = "migrants.post.read"
_ACCOUNT: Final = "select person_id, state from identity_account where tenant_id = $1 and id = $2"
_SAME: Final = """
select id from migrants_post
where tenant_id = $1 and account_id = $2 and area_path = $3 and (to_on is null or to_on > $4) limit 1"""
_COVERING: Final = """
select * from migrants_post
where tenant_id = $1 and account_id = $2 and from_on <= $3 and (to_on is null or to_on > $3)
    and starts_with($4::text, area_path)
order by length(area_path) desc, id limit 1"""


async def assign(
    ctx: Context, *, account_id: UUID, area_id: UUID | None, from_on: date | None = None
) -> Post:
    """Post an account at an area with all below it, from a day on (today by default).

    Raises: NotFound, PermissionDenied, AreaRetired, AccountUnusable, FutureDate, PostTaken.
    """
    place = await place_for(ctx, area_id, WRITE)
    await ctx.db.take_turns(f"migrants.post/{account_id}")
    account = await ctx.db.fetchrow(_ACCOUNT, ctx.tenant_id, account_id)
    if account is None or account["state"] != "active":
        raise AccountUnusable(path=("account_id",))
    begin = checks.not_future(ctx, from_on or ctx.today(), "from_on")
    if await ctx.db.fetchval(_SAME, ctx.tenant_id, account_id, place.area_path, begin) is not None:
        raise PostTaken(path=("account_id",))
    return await rows.insert(
        ctx,
        Post,
        action="assign",
        area_id=place.area_id,
        area_path=place.area_path,
        account_id=account_id,
        person_id=account["person_id"],
        from_on=begin,
    )


async def end(
    ctx: Context, post_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Post:
    """The post ends: that day (today by default) is no day of it any more.

    Raises: NotFound, PermissionDenied, FutureDate, PostEnded, StaleVersion.
    """
    post = await rows.get(ctx, Post, post_id, lock=True)
    if not ctx.can(READ, post.area_path) and not ctx.can(WRITE, post.area_path):
        raise NotFound(kind="migrants_post")
    ctx.require(WRITE, post.area_path)
    if post.to_on:
        raise PostEnded()
    day = max(checks.not_future(ctx, on or ctx.today(), "on"), post.from_on)
    return await rows.update(ctx, post, action="end", expected_version=expected_version, to_on=day)


async def named(ctx: Context, post_id: UUID | None) -> Post | None:
    """The post that is named, if one is. Raises: NotFound, also where the actor may not see it."""
    if post_id is None:
        return None
    post = await rows.get(ctx, Post, post_id)
    if not ctx.can(READ, post.area_path):
        raise NotFound(kind="migrants_post")
    return post


async def post_for(ctx: Context, area_path: str, day: date, post: Post | None) -> Post:
    """The post under which something is done at a place on a day: the one named, or the actor's own nearest one.

    Raises: NoPostHere.
    """
    if post is None:
        row = await ctx.db.fetchrow(_COVERING, ctx.tenant_id, ctx.actor.id, day, area_path)
        if row is None:
            raise NoPostHere()
        return rows.from_record(Post, row)
    if not _covers(post, area_path, day):
        raise NoPostHere(path=("post_id",))
    return post


def _covers(post: Post, area_path: str, day: date) -> bool:
    in_time = post.from_on <= day and (post.to_on is None or day < post.to_on)
    return in_time and area_path.startswith(post.area_path)
