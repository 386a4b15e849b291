"""Who may act on a grant, and in which states."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final, TypeVar
from uuid import UUID

from linli.plugin import (
    AreaTable,
    Context,
    NotFound,
    in_place,
    rows,
)
from linli_venture.grants.errors import GrantNotActive
from linli_venture.grants.tables import Grant
from linli_venture.proposals.applicants import acts_for, tell_organisation
from linli_venture.proposals.checking import facts_of
from linli_venture.proposals.states import by_others
from linli_venture.proposals.tables import Proposal

READ: Final = "venture.grant.read"
WRITE: Final = "venture.grant.write"
REPORT: Final = "venture.grant.report"
VERIFY: Final = "venture.grant.verify"
PAY: Final = "venture.grant.pay"
APPRAISE: Final = "venture.grant.appraise"
AUDIT: Final = "venture.grant.audit"

Part = TypeVar("Part", bound=AreaTable)


async def grant_for(ctx: Context, grant_id: UUID, permission: str) -> Grant:
    """The grant, held against other writers, when the actor may see it and holds `permission` at its place.

    Who acts for the organisation, or drafted the proposal, may read and report without it, and do nothing else.
    Everything that belongs to a grant is changed under this lock, so that its sums stay right.
    Raises: NotFound, PermissionDenied, OwnProposal.
    """
    grant = await in_place(ctx, Grant, grant_id, lock=True)
    if not ctx.can(permission, grant.area_path):
        own = await acts_for(ctx, grant.organisation_id)
        if own and permission in (READ, REPORT):
            return grant
        if not own and not ctx.can(READ, grant.area_path):
            raise NotFound(kind="venture_grant")
        ctx.require(permission, grant.area_path)
    if permission not in (READ, REPORT):
        by_others(await facts_of(ctx, await rows.get(ctx, Proposal, grant.proposal_id)))
    return grant


async def part_for(ctx: Context, table: type[Part], row_id: UUID, permission: str) -> tuple[Part, Grant]:
    """A row that belongs to a grant, read under the grant's lock, and the grant. Raises: as `grant_for`."""
    seen: Any = await rows.get(ctx, table, row_id)
    grant = await grant_for(ctx, seen.grant_id, permission)
    return await rows.get(ctx, table, row_id, lock=True), grant


def require_state(grant: Grant, states: Collection[str]) -> None:
    """Go on only where the grant is in one of these. Raises: GrantNotActive."""
    if grant.state not in states:
        raise GrantNotActive(state=grant.state)


async def tell_grantee(ctx: Context, grant: Grant, message_type: str, *, key: str) -> None:
    """Tell everybody who acts for the organisation of a grant."""
    await tell_organisation(ctx, await rows.get(ctx, Proposal, grant.proposal_id), message_type, key=key)


async def decided(
    ctx: Context, part: Part, action: str, state: str, reason: str, expected_version: int | None
) -> Part:
    """Note on a row that belongs to a grant what was decided of it, by whom, when and why. Raises: StaleVersion."""
    return await rows.update(
        ctx,
        part,
        action=action,
        expected_version=expected_version,
        state=state,
        decided_by=ctx.actor.id,
        decided_at=ctx.now(),
        decided_reason=reason,
    )


def belonging(grant: Grant) -> dict[str, Any]:
    """The columns of a row that belongs to a grant: whose it is, and where it lies."""
    return {
        "grant_id": grant.id,
        "organisation_id": grant.organisation_id,
        "area_id": grant.area_id,
        "area_path": grant.area_path,
    }
