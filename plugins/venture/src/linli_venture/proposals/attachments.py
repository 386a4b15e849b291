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
_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png"})


async def owner(ctx: Context, proposal_id: UUID) -> files.FileOwner:
    """The proposal, when the actor may change it. Raises: NotFound, NotEditable."""
    proposal, _call = await editable(ctx, proposal_id)
    place = Place(proposal.area_id, proposal.area_path)
    return files.FileOwner("venture_proposal", proposal.id, place)


async def may_read(ctx: Context, file: files.File) -> bool:
    """Applicants read theirs; those who may read proposals, once it was handed in."""
    proposal = await rows.find(ctx, Proposal, file.owner_id)
    if proposal is None:
        return False
    if await acts_for(ctx, proposal.organisation_id):
        return True
    return not proposal.sealed and ctx.can(READ, proposal.area_path)


PROPOSAL_FILES: Final = (files.FileKind(ATTACHMENTS, _TYPES, BYTES_MAX, owner, may_read),)
