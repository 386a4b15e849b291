"""Agents of units (代办人): who reports for an employer, or for a unit that lets dwellings."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

from linli.plugin import Context, Duplicate, NotFound, Organisation, checks, rows
from linli_migrants.access import active_person
from linli_migrants.errors import AgentAppointed, AgentEnded, EmployerUnusable
from linli_migrants.tables import Agent

WRITE: Final = "migrants.agent.write"


async def appoint(
    ctx: Context, *, organisation_id: UUID, person_id: UUID, from_on: date | None = None
) -> Agent:
    """Let a person report for a unit, from a day on (today by default).

    Raises: NotFound, PermissionDenied, EmployerUnusable, PersonNotActive, FutureDate, AgentAppointed.
    """
    organisation = await rows.get(ctx, Organisation, organisation_id, lock=True)
    if not ctx.can(WRITE, organisation.area_path):
        raise NotFound(kind="identity_organisation")
    if organisation.state != "active":
        raise EmployerUnusable(path=("organisation_id",))
    person = await active_person(ctx, person_id, WRITE)
    try:
        return await rows.insert(
            ctx,
            Agent,
            action="appoint",
            area_id=organisation.area_id,
            area_path=organisation.area_path,
            organisation_id=organisation.id,
            person_id=person.id,
            from_on=checks.not_future(ctx, from_on or ctx.today(), "from_on"),
        )
    except Duplicate as error:
        raise AgentAppointed(path=("person_id",)) from error


async def dismiss(
    ctx: Context, agent_id: UUID, *, on: date | None = None, expected_version: int | None = None
) -> Agent:
    """The person reports for the unit no longer. Raises: NotFound, PermissionDenied, AgentEnded, StaleVersion."""
    agent = await rows.get(ctx, Agent, agent_id, lock=True)
    if not ctx.can(WRITE, agent.area_path):
        raise NotFound(kind="migrants_agent")
    if agent.to_on:
        raise AgentEnded()
    day = max(checks.not_future(ctx, on or ctx.today(), "on"), agent.from_on)
    return await rows.update(ctx, agent, action="dismiss", expected_version=expected_version, to_on=day)
