"""Who acts for an organisation that applies, and how applicants are told of something."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from linli.plugin import (
    Context,
    Duplicate,
    NotFound,
    Organisation,
    OwnWork,
    Person,
    changeable,
    hold_tree,
    is_self,
    notifications,
    own_accounts,
    rows,
    visible,
)
from linli_venture.calls.holding import hold
from linli_venture.calls.tables import Call
from linli_venture.proposals.errors import AlreadyAMember, NotAnApplicant, OwnCall, TooManyMembers
from linli_venture.proposals.tables import Member, Proposal

KIND: Final = "venture.member"
READ: Final = "venture.member.read"
WRITE: Final = "venture.member.write"
APPLY: Final = "venture.own.apply"
MEMBERS_MAX: Final = 50
TOLD_AT_ONCE_MAX: Final = 1_000
TOLD_MAX: Final = 20_000

_MEMBERS: Final = """
select person_id from venture_member where tenant_id = $1 and organisation_id = $2 order by person_id limit $3"""
_IS_MEMBER: Final = """
select 1 from venture_member where tenant_id = $1 and organisation_id = $2 and person_id = $3"""
_TAKES_PART: Final = """
select 1 from venture_proposal p
where p.tenant_id = $1 and p.call_id = $2 and p.state <> 'withdrawn' and (p.drafted_by && $3::uuid[] or exists (
    select 1 from venture_member m
    where m.tenant_id = $1 and m.organisation_id = p.organisation_id and m.person_id = $4)) limit 1"""
_OF_CALL: Final = """
select distinct m.person_id from venture_member m
join venture_proposal p on p.tenant_id = $1 and p.organisation_id = m.organisation_id
where m.tenant_id = $1 and p.call_id = $2 and p.state <> 'withdrawn' order by m.person_id limit $3"""


async def add_member(ctx: Context, *, organisation_id: UUID, person_id: UUID) -> Member:
    """Let somebody else act for an organisation.

    Raises: NotFound, PermissionDenied, OwnWork, AlreadyAMember, TooManyMembers.
    """
    await hold_tree(ctx)  # before rows, so that the place stays right
    organisation = await visible(ctx, Organisation, organisation_id, "identity.organisation.read")
    ctx.require(WRITE, organisation.area_path)
    await visible(ctx, Person, person_id, "identity.person.read")
    _require_other(ctx, person_id, "add")
    if len(await members_of(ctx, organisation_id)) >= MEMBERS_MAX:
        raise TooManyMembers(limit=MEMBERS_MAX)
    try:
        return await rows.insert(
            ctx,
            Member,
            area_id=organisation.area_id,
            area_path=organisation.area_path,
            organisation_id=organisation_id,
            person_id=person_id,
        )
    except Duplicate as error:
        raise AlreadyAMember(path=("person_id",)) from error


async def remove_member(ctx: Context, member_id: UUID) -> Member:
    """Let somebody else act for an organisation no longer. Raises: NotFound, PermissionDenied, OwnWork."""
    member = await changeable(ctx, Member, member_id, KIND)
    _require_other(ctx, member.person_id, "remove")
    await rows.delete(ctx, member)
    return member


async def members_of(ctx: Context, organisation_id: UUID) -> frozenset[UUID]:
    """The people who act for an organisation, at most 50."""
    found = await ctx.db.fetch(_MEMBERS, ctx.tenant_id, organisation_id, MEMBERS_MAX)
    return frozenset(UUID(int=row["person_id"].int) for row in found)


async def acts_for(ctx: Context, organisation_id: UUID) -> bool:
    """Whether the actor is somebody who acts for the organisation."""
    person_id = ctx.actor.person_id
    if person_id is None or not ctx.can(APPLY):
        return False
    return await ctx.db.fetchval(_IS_MEMBER, ctx.tenant_id, organisation_id, person_id) is not None


async def require_applicant(ctx: Context, organisation_id: UUID) -> None:
    """Go on only for an organisation for which the actor acts. Raises: PermissionDenied, NotAnApplicant."""
    ctx.require(APPLY)
    if not await acts_for(ctx, organisation_id):
        raise NotAnApplicant(path=("organisation_id",))


async def own_proposal(ctx: Context, proposal_id: UUID) -> Proposal:
    """A proposal of an organisation for which the actor acts, held against other writers, and its call too.

    Raises: NotFound.
    """
    proposal = await rows.get(ctx, Proposal, proposal_id)
    if not await acts_for(ctx, proposal.organisation_id):
        raise NotFound(kind="venture_proposal")
    await hold(ctx, proposal.call_id)
    return await rows.get(ctx, Proposal, proposal_id, lock=True)


async def takes_part(ctx: Context, call_id: UUID) -> bool:
    """Whether the actor, under any account, wrote on a proposal of a call, or acts for who applies in it."""
    accounts = list(await own_accounts(ctx))
    found = await ctx.db.fetchval(_TAKES_PART, ctx.tenant_id, call_id, accounts, ctx.actor.person_id)
    return found is not None


async def require_outsider(ctx: Context, call_id: UUID) -> None:
    """Go on only for somebody whose own proposal is not among those that compete. Raises: OwnCall."""
    if await takes_part(ctx, call_id):
        raise OwnCall()


async def tell_applicants(ctx: Context, call: Call, message_type: str, *, key: str) -> int:
    """Tell everybody who acts for an applicant of a call, at most 20,000 people; gives how many were told."""
    found = await ctx.db.fetch(_OF_CALL, ctx.tenant_id, call.id, TOLD_MAX)
    values: Mapping[str, object] = {"call": call.title}
    letters = [notifications.Letter(UUID(int=row["person_id"].int), key, values) for row in found]
    told = 0
    for first in range(0, len(letters), TOLD_AT_ONCE_MAX):
        some = letters[first : first + TOLD_AT_ONCE_MAX]
        told += len(await notifications.send_many(ctx, message_type, some))
    return told


async def tell_organisation(ctx: Context, proposal: Proposal, message_type: str, *, key: str) -> None:
    """Tell everybody who acts for a proposal's organisation."""
    values: Mapping[str, object] = {"proposal": proposal.title}
    people = await members_of(ctx, proposal.organisation_id)
    letters = [notifications.Letter(person, key, values) for person in sorted(people)]
    await notifications.send_many(ctx, message_type, letters)


def _require_other(ctx: Context, person_id: UUID, action: str) -> None:
    """Nobody steps out of an applicant to decide on it, and in again."""
    if is_self(ctx, person_id):
        raise OwnWork(machine=KIND, action=action, field="person_id")
