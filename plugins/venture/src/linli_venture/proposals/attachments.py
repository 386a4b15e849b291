"""Attachments of proposals: put there by applicants while they can change it, and read with it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, Place, files, rows
from linli_venture.proposals.applicants import acts_for
from linli_venture.proposals.checking import READ
from linli_venture.proposals.drafting import editable
from linli_venture.proposals.submitting import ATTACHMENTS
from linli_venture.proposals.tables import Proposal

BYTES_MAX: Final = 20_000_000
_REVIEWED: Final = """
select 1 from venture_review r join venture_call c on c.tenant_id = $1 and c.id = r.call_id and not c.anonymous
where r.tenant_id = $1 and r.proposal_id = $2 and r.person_id = $3 and r.state in ('declared', 'submitted')"""
_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})


async def owner(ctx: Context, proposal_id: UUID) -> files.FileOwner:
    """The proposal, when the actor may change it. Raises: NotFound, NotEditable."""
    proposal, _call = await editable(ctx, proposal_id)
    place = Place(proposal.area_id, proposal.area_path)
    return files.FileOwner("venture_proposal", proposal.id, place, sealed=proposal.sealed)


async def may_read(ctx: Context, file: files.File) -> bool:
    """Applicants read theirs; once it was handed in, who may read proposals, and reviewers where they see names."""
    proposal = await rows.find(ctx, Proposal, file.owner_id)
    if proposal is None:
        return False
    if await acts_for(ctx, proposal.organisation_id):
        return True
    if proposal.sealed:
        return False
    return ctx.can(READ, proposal.area_path) or await _reviews(ctx, proposal)


async def _reviews(ctx: Context, proposal: Proposal) -> bool:
    """Whether the actor has opened the proposal as its reviewer, in a call that is not anonymous."""
    person_id = ctx.actor.person_id
    if person_id is None or not ctx.can("venture.own.review"):
        return False
    return await ctx.db.fetchval(_REVIEWED, ctx.tenant_id, proposal.id, person_id) is not None


PROPOSAL_FILES: Final = (files.FileKind(ATTACHMENTS, _TYPES, BYTES_MAX, owner, may_read),)
