"""Objections to terminations: raised in time by whoever acts for the organisation, decided by somebody else.

An upheld one undoes the termination (`reinstating.py`); a dismissed one leaves it as it is.
"""

from __future__ import annotations

from typing import Final
from uuid import UUID

from linli.plugin import Context, NotFound, decision_facts, rows
from linli_venture.grants.access import READ, belonging, grant_for, part_for, require_state, tell_grantee
from linli_venture.grants.reinstating import reinstate
from linli_venture.grants.states import TERMINATION_OBJECTION
from linli_venture.grants.tables import TerminationObjection
from linli_venture.grants.terms import GrantState
from linli_venture.objecting import decided, raised, withdrawn
from linli_venture.proposals.applicants import acts_for
from linli_venture.proposals.errors import NotAnApplicant, ObjectionTooLate

DECIDE: Final = "venture.objection.decide"


async def object_to_termination(
    ctx: Context, grant_id: UUID, *, reason: str, expected_version: int | None = None
) -> TerminationObjection:
    """Object, for the organisation for which one acts, until the end of the day that the termination states.

    Raises: NotFound, PermissionDenied, NotAnApplicant, GrantNotActive, ObjectionTooLate, ObjectionExists, Required,
    TooLong, StaleVersion.
    """
    grant = await grant_for(ctx, grant_id, READ)
    if not await acts_for(ctx, grant.organisation_id):
        raise NotAnApplicant()
    require_state(grant, (GrantState.TERMINATED,))
    if grant.object_until is not None and ctx.today() > grant.object_until:
        raise ObjectionTooLate(until=grant.object_until.isoformat())
    await rows.update(ctx, grant, expected_version=expected_version)
    return await raised(
        ctx,
        TerminationObjection,
        reason=reason,
        **belonging(grant),
        terminated_by=grant.ended_by,
        terminated_on=grant.ended_on,
        end_reason=grant.end_reason,
        end_rule=grant.end_rule,
        recovery_fen=grant.recovery_fen,
    )


async def decide(
    ctx: Context, objection_id: UUID, *, upheld: bool, reason: str, expected_version: int | None = None
) -> TerminationObjection:
    """Decide an objection; by somebody who neither terminated the grant nor acts for the organisation.

    Raises: NotFound, PermissionDenied, OwnProposal, UndefinedTransition, OwnWork, Required, TooLong, StaleVersion; as
    `reinstate` when it is upheld.
    """
    objection, grant = await part_for(ctx, TerminationObjection, objection_id, DECIDE)
    changed = await decided(
        ctx,
        objection,
        TERMINATION_OBJECTION,
        await decision_facts(ctx, objection),
        upheld=upheld,
        reason=reason,
        expected_version=expected_version,
    )
    if upheld:
        await reinstate(ctx, grant, changed)
    await tell_grantee(ctx, grant, "venture.objection_decided", key=str(objection.id))
    return changed


async def withdraw(
    ctx: Context, objection_id: UUID, *, expected_version: int | None = None
) -> TerminationObjection:
    """Take one's objection back. Raises: NotFound, PermissionDenied, UndefinedTransition, StaleVersion."""
    objection, grant = await part_for(ctx, TerminationObjection, objection_id, READ)
    if not await acts_for(ctx, grant.organisation_id):
        raise NotFound(kind="venture_termination_objection")
    return await withdrawn(ctx, objection, TERMINATION_OBJECTION, expected_version)
