"""What an applicant and its project must fulfil today; asked for at the submission, the check and the award."""

from __future__ import annotations

import hashlib
import unicodedata
from typing import Final
from uuid import UUID

from linli.plugin import Context
from linli_organisations.api import Grade, is_barred, is_registered, valid_grade
from linli_venture.calls.tables import Call
from linli_venture.proposals.errors import ApplicantBarred, ApplicantNotRegistered, BelowFloor, FundedTwice
from linli_venture.proposals.tables import Proposal

_FUNDED: Final = """
select 1 from venture_grant
where tenant_id = $1 and project_digest = $2 and proposal_id <> $3
    and state not in ('declined', 'terminated') limit 1"""


async def require_eligible(ctx: Context, call: Call, proposal: Proposal) -> None:
    """Go on only with an applicant and a project that may be funded today.

    Raises: ApplicantNotRegistered, ApplicantBarred, BelowFloor, FundedTwice.
    """
    organisation_id = proposal.organisation_id
    if not await is_registered(ctx, organisation_id):
        raise ApplicantNotRegistered()
    if await is_barred(ctx, organisation_id):
        raise ApplicantBarred()
    if call.floor_grade:
        grade = await valid_grade(ctx, organisation_id, ctx.today())
        if grade is None or not grade.meets(Grade(call.floor_grade)):
            raise BelowFloor(floor=call.floor_grade)
    digest = project_digest(organisation_id, proposal.title)
    if await ctx.db.fetchval(_FUNDED, ctx.tenant_id, digest, proposal.id):
        raise FundedTwice()


def project_digest(organisation_id: UUID, title: str) -> str:
    """What tells an organisation's projects apart: the title, however it is spaced and written."""
    plain = "".join(one for one in unicodedata.normalize("NFKC", title).casefold() if one.isalnum())
    return hashlib.sha256(f"{organisation_id}/{plain}".encode()).hexdigest()
