"""How social workers follow the register of people. Events may come late, twice, or in another order."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Facts, Person, in_place, people, rows
from linli_social_workers import facts, papers, posts
from linli_social_workers.states import REGISTRATION, RegistrationState
from linli_social_workers.tables import (
    AllowanceLine,
    Certificate,
    Credit,
    ExamResult,
    Fact,
    Licence,
    Post,
    Practice,
    Registration,
    Renewal,
    Supervision,
)

ENDED: Final = ("left", "deceased")
_OPEN: Final = """
select * from social_workers_registration where tenant_id = $1 and person_id = any($2::uuid[])
    and state in ('applied', 'reviewed', 'registered', 'suspended')
order by state in ('registered', 'suspended') desc, id for update"""
_POSTS: Final = """
select * from social_workers_post where tenant_id = $1 and person_id = any($2::uuid[]) and to_on is null
order by from_on, id for update"""
_RESULTS: Final = """
delete from social_workers_result m where m.tenant_id = $1 and m.person_id = $2 and exists (
    select from social_workers_result k where k.tenant_id = $1 and k.person_id = $3 and k.level = m.level
        and k.subject = m.subject and k.year = m.year)"""
_LINES: Final = """
select id from social_workers_allowance_line m where m.tenant_id = $1 and m.person_id = $2 and exists (
    select from social_workers_allowance_line k where k.tenant_id = $1 and k.person_id = $3 and k.run_id = m.run_id
        and k.for_month = m.for_month)"""
_CARRIED: Final[tuple[tuple[type[Any], str], ...]] = (
    (ExamResult, "person_id"),
    (Certificate, "person_id"),
    (Registration, "person_id"),
    (Renewal, "person_id"),
    (Credit, "person_id"),
    (Post, "person_id"),
    (Licence, "person_id"),
    (Practice, "person_id"),
    (Supervision, "person_id"),
    (Supervision, "supervisor_id"),
    (Fact, "person_id"),
)


async def follow_end(ctx: Context, person_id: UUID) -> None:
    """Whoever left or died has no post any more; certificate and registration stay as they are. Raises: NotFound."""
    person = await rows.get(ctx, Person, person_id)
    if person.state in ENDED:
        await posts.end_of(ctx, person_id, on=person.ended_on or ctx.today())


async def follow_merge(ctx: Context, merged_person_id: UUID) -> None:
    """What the merged entry had is the kept one's; of two registrations, and of two posts, the later one ends.

    What was paid stays with the entry that it was paid to where both were paid for one month: it shows as a difference.
    Raises: NotFound.
    """
    kept = await in_place(ctx, Person, (await people.present_entry(ctx, merged_person_id)).id)
    both = [kept.id, merged_person_id]
    reason = ctx.plugins.texts.translate("social_workers.reasons.merged", ctx.locale)
    for row in (await ctx.db.fetch(_OPEN, ctx.tenant_id, both))[1:]:
        await _end(ctx, rows.from_record(Registration, row), reason)
    for row in (await ctx.db.fetch(_POSTS, ctx.tenant_id, both))[1:]:
        post = rows.from_record(Post, row)
        day = ctx.today()
        if day > post.from_on:
            await rows.update(ctx, post, action="merge", to_on=day)
            await facts.cut(ctx, post, day)
        else:
            await rows.delete(ctx, post, action="merge")
            await facts.cut(ctx, post, post.from_on)
    await ctx.db.execute(_RESULTS, ctx.tenant_id, merged_person_id, kept.id)
    for table, column in _CARRIED:
        await people.carry_over(ctx, table, column, merged_person_id, kept.id)
    await _carry_lines(ctx, merged_person_id, kept.id)
    await follow_end(ctx, kept.id)


async def _carry_lines(ctx: Context, merged_person_id: UUID, kept_id: UUID) -> None:
    held = {row["id"] for row in await ctx.db.fetch(_LINES, ctx.tenant_id, merged_person_id, kept_id)}
    for line in await rows.find_all(ctx, AllowanceLine, limit=people.CARRIED_MAX, person_id=merged_person_id):
        if line.id not in held:
            await rows.update(ctx, line, action="merge", person_id=kept_id)


async def _end(ctx: Context, registration: Registration, reason: str) -> None:
    waiting = registration.state in (RegistrationState.APPLIED, RegistrationState.REVIEWED)
    action = "withdraw" if waiting else "cancel"
    state = REGISTRATION.apply(registration.state, action, Facts(actor_id=None))
    await rows.update(
        ctx,
        registration,
        action="merge",
        state=state,
        ended_on=ctx.today(),
        suspended_on=None,
        reason=reason,
    )
    await facts.cut(ctx, registration, ctx.today())
    await papers.revoke_cards(ctx, registration.id, reason=reason)
