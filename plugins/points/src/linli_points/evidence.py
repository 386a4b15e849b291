"""Evidence: a reference or a file's digest, which counts for one claim only while that stands."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from linli.plugin import Context, checks, folded, rows
from linli_points.checked import in_range
from linli_points.errors import EvidenceUsed
from linli_points.tables import Claim, Evidence
from linli_points.terms import EvidenceKind

PIECES_MAX: Final = 20
REFERENCE_MAX: Final = 500
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")

_USED: Final = "select 1 from points_evidence where tenant_id = $1 and digest = $2 and in_use limit 1"
_OF_CLAIM: Final = """
select * from points_evidence where tenant_id = $1 and claim_id = $2 and in_use order by id limit $3 for update"""
_COUNT: Final = "select count(*) from points_evidence where tenant_id = $1 and claim_id = $2 and in_use"


@dataclass(frozen=True, slots=True)
class EvidenceGiven:
    """A piece of evidence: what it is and where it is kept; for a file also the SHA-256 of its content."""

    kind: str
    reference: str
    digest: str | None = None


async def attach(ctx: Context, claim: Claim, given: Sequence[EvidenceGiven]) -> None:
    """Enter the pieces for a claim that is held.

    Raises: EvidenceUsed, NumberOutOfRange, UnknownValue, Required, TooLong.
    """
    in_range(len(given), 0, PIECES_MAX, "evidence")
    for one in given:
        reference = checks.line(one.reference, "evidence", REFERENCE_MAX)
        checks.one_of(one.kind, tuple(EvidenceKind), "evidence")
        digest = _digest(one, reference)
        # Two who use one piece at once: the second waits here until the first has committed, or not.
        await ctx.db.take_turns(f"points.evidence/{digest}")
        if await ctx.db.fetchval(_USED, ctx.tenant_id, digest):
            raise EvidenceUsed(path=("evidence",))
        await rows.insert(
            ctx,
            Evidence,
            action="attach",
            area_id=claim.area_id,
            area_path=claim.area_path,
            claim_id=claim.id,
            person_id=claim.person_id,
            kind=one.kind,
            reference=reference,
            digest=digest,
        )


async def release(ctx: Context, claim_id: UUID) -> None:
    """Let a claim's evidence be used for another: the claim was withdrawn, rejected or reversed."""
    for row in await ctx.db.fetch(_OF_CLAIM, ctx.tenant_id, claim_id, PIECES_MAX):
        await rows.update(ctx, rows.from_record(Evidence, row), action="release", in_use=False)


async def count(ctx: Context, claim_id: UUID) -> int:
    """How many pieces of evidence count for a claim."""
    found: int = await ctx.db.fetchval(_COUNT, ctx.tenant_id, claim_id)
    return found


def _digest(given: EvidenceGiven, reference: str) -> str:
    """What tells one piece from another: a file by its content, a reference by its text however it is spaced."""
    if given.kind == EvidenceKind.FILE:
        digest = checks.line(given.digest or "", "evidence", 64).lower()
        return checks.one_of(digest, [digest] if _DIGEST.fullmatch(digest) else [], "evidence")
    return hashlib.sha256(folded(reference).encode()).hexdigest()
