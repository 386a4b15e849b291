"""The rules of officers (负责人) of social organisations."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Person, changeable, checks, rows, visible
from linli_organisations.errors import (
    EndsBeforeEntry,
    EntryClosed,
    PersonOrName,
    PostTaken,
    ServingOfficial,
    TermEnded,
)
from linli_organisations.registrations import LIVE
from linli_organisations.registrations import READ as READ_REGISTRATION
from linli_organisations.tables import Officer, Registration
from linli_organisations.terms import Post

KIND: Final = "organisations.officer"
SINGLE: Final = (Post.LEGAL_REPRESENTATIVE, Post.PRESIDENT)

_TAKEN: Final = """
select 1 from organisations_officer
where tenant_id = $1 and registration_id = $2 and post = $3
    and (person_id = $4 or name = $5 or $6) and (valid_to is null or valid_to > $7) limit 1"""

_HELD: Final = """
select r.organisation_id, o.person_id from organisations_officer o
join organisations_registration r on r.tenant_id = $1 and r.id = o.registration_id
where o.tenant_id = $1 and o.person_id = any($2) and o.valid_from <= $3 and (o.valid_to is null or o.valid_to > $3)"""


async def add(
    ctx: Context,
    registration_id: UUID,
    *,
    post: str,
    valid_from: date,
    is_serving_official: bool,
    person_id: UUID | None = None,
    name: str | None = None,
) -> Officer:
    """Enter an officer, who is a person of the register or a name.

    Raises: NotFound, PermissionDenied, EntryClosed, ServingOfficial, PersonOrName, PostTaken, FutureDate,
    UnknownValue, Required, TooLong.
    Source: 中共中央办公厅、国务院办公厅《关于党政机关领导干部不兼任社会团体领导职务的通知》.
    """
    entry = await visible(ctx, Registration, registration_id, READ_REGISTRATION)
    ctx.require(f"{KIND}.write", entry.area_path)
    if entry.state not in LIVE:
        raise EntryClosed(state=entry.state)
    if is_serving_official:
        raise ServingOfficial(path=("is_serving_official",))
    post = checks.one_of(post, list(Post), "post")
    checks.not_future(ctx, valid_from, "valid_from")
    person_id, name = await person_or_name(ctx, person_id, name)
    taken = await ctx.db.fetchval(
        _TAKEN, ctx.tenant_id, entry.id, post, person_id, name, post in SINGLE, valid_from
    )
    if taken is not None:
        raise PostTaken(path=("post",))
    return await rows.insert(
        ctx,
        Officer,
        area_id=entry.area_id,
        area_path=entry.area_path,
        registration_id=entry.id,
        person_id=person_id,
        name=name,
        post=post,
        valid_from=valid_from,
    )


async def end(
    ctx: Context, officer_id: UUID, *, valid_to: date | None = None, expected_version: int | None = None
) -> Officer:
    """End an officer's term on `valid_to`, the first day without the post: today by default. The entry stays.

    Raises: NotFound, PermissionDenied, TermEnded, EndsBeforeEntry, FutureDate, StaleVersion.
    """
    officer = await changeable(ctx, Officer, officer_id, KIND)
    if officer.valid_to:
        raise TermEnded()
    day = checks.not_future(ctx, valid_to or ctx.today(), "valid_to")
    if day < officer.valid_from:
        raise EndsBeforeEntry(path=("valid_to",))
    return await rows.update(ctx, officer, action="end", expected_version=expected_version, valid_to=day)


async def officers_among(
    ctx: Context, person_ids: Collection[UUID], on: date | None = None
) -> frozenset[tuple[UUID, UUID]]:
    """Which of these people hold a post on a day, today by default: pairs of organisation and person."""
    found = await ctx.db.fetch(_HELD, ctx.tenant_id, list(person_ids), on or ctx.today())
    return frozenset((row["organisation_id"], row["person_id"]) for row in found)


async def person_or_name(
    ctx: Context, person_id: UUID | None, name: str | None
) -> tuple[UUID | None, str | None]:
    """A person whom the actor may see, or a name. Raises: PersonOrName, NotFound, Required, TooLong."""
    if (person_id is None) is (name is None):
        raise PersonOrName(path=("person_id",))
    if name is not None:
        return None, checks.line(name, "name", checks.PERSON_NAME_MAX)
    if person_id is not None:
        await visible(ctx, Person, person_id, "identity.person.read")
    return person_id, None
