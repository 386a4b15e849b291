"""Files: the evidence of milestones, and the receipts of expenditures."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from linli.plugin import Context, Place, files, rows
from linli_venture.grants.access import READ, REPORT, part_for
from linli_venture.grants.states import EXPENDITURE, MILESTONE
from linli_venture.grants.tables import Expenditure, Grant, Milestone
from linli_venture.proposals.applicants import acts_for

EVIDENCE: Final = "venture.evidence"
RECEIPT: Final = "venture.receipt"
BYTES_MAX: Final = 20_000_000
_TYPES: Final = frozenset({"application/pdf", "image/jpeg", "image/png", "text/plain"})


async def evidence_owner(ctx: Context, milestone_id: UUID) -> files.FileOwner:
    """The milestone, until it is submitted. Raises: NotFound, PermissionDenied, UndefinedTransition."""
    milestone, grant = await part_for(ctx, Milestone, milestone_id, REPORT)
    MILESTONE.transition(milestone.state, "submit")
    return _owner("venture_milestone", milestone.id, grant)


async def receipt_owner(ctx: Context, expenditure_id: UUID) -> files.FileOwner:
    """The expenditure, until it is decided. Raises: NotFound, PermissionDenied, UndefinedTransition."""
    expenditure, grant = await part_for(ctx, Expenditure, expenditure_id, REPORT)
    EXPENDITURE.transition(expenditure.state, "verify")
    return _owner("venture_expenditure", expenditure.id, grant)


async def may_read(ctx: Context, file: files.File) -> bool:
    """Who may see the grant may see its files, and so may who acts for the organisation."""
    if ctx.can(READ, file.area_path):
        return True
    table = Milestone if file.kind == EVIDENCE else Expenditure
    owner: Any = await rows.find(ctx, table, file.owner_id)
    return owner is not None and await acts_for(ctx, owner.organisation_id)


async def has_file(ctx: Context, kind: str, owner_id: UUID) -> bool:
    """Whether a row has a file of this kind that the actor may read."""
    return bool(await files.of_owner(ctx, kind, owner_id))


def _owner(table: str, row_id: UUID, grant: Grant) -> files.FileOwner:
    return files.FileOwner(table, row_id, Place(grant.area_id, grant.area_path))


GRANT_FILES: Final = (
    files.FileKind(EVIDENCE, _TYPES, BYTES_MAX, evidence_owner, may_read),
    files.FileKind(RECEIPT, _TYPES, BYTES_MAX, receipt_owner, may_read),
)
