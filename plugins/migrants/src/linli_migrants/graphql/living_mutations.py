"""What can be done with dwellings, stays, reports, agents and contracts; each calls one service function."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import Outcome, mutation, values_of
from linli_migrants import agents, contracts, dwellings, reports, stays, tables
from linli_migrants.graphql.living_inputs import (
    AppointMigrantAgentInput,
    CreateMigrantDwellingInput,
    DismissMigrantAgentInput,
    FileMigrantContractInput,
    MigrantReasonInput,
    MigrantStayEndInput,
    MigrantStepInput,
    MoveMigrantStayInput,
    ReportMigrantStayInput,
    RevealMigrantOriginInput,
    RevealMigrantReportInput,
    SubmitMigrantReportInput,
    UpdateMigrantDwellingInput,
)
from linli_migrants.graphql.living_nodes import (
    MigrantAgent,
    MigrantContract,
    MigrantDwelling,
    MigrantReport,
    MigrantStay,
)

_DWELLING = {
    "id": "MigrantDwelling",
    "landlord_person_id": "Person",
    "landlord_organisation_id": "Organisation",
}
_STAY = {"id": "MigrantStay"}
_REPORT = {"id": "MigrantReport"}
_LIVING = {
    "person_id": "Person",
    "dwelling_id": "MigrantDwelling",
    "area_id": "Area",
    "employer_id": "Organisation",
}
_SHOWN = {"value": (str, "The value, this once; null when there is none, and for a repeated call.")}


@mutation(gives=MigrantDwelling)
async def create_migrant_dwelling(ctx: Context, input: CreateMigrantDwellingInput) -> tables.Dwelling:
    """Register a dwelling."""
    return await dwellings.create(ctx, **values_of(input, ids={**_DWELLING, "area_id": "Area"}))


@mutation(gives=MigrantDwelling)
async def update_migrant_dwelling(ctx: Context, input: UpdateMigrantDwellingInput) -> tables.Dwelling:
    """Change a dwelling."""
    values = values_of(input, ids=_DWELLING)
    return await dwellings.update(ctx, values.pop("id"), **values)


@mutation(gives=MigrantDwelling)
async def retire_migrant_dwelling(ctx: Context, input: MigrantStepInput) -> tables.Dwelling:
    """A dwelling is no longer used."""
    values = values_of(input, ids=_DWELLING)
    return await dwellings.retire(ctx, values.pop("id"), **values)


@mutation(gives=MigrantDwelling)
async def reopen_migrant_dwelling(ctx: Context, input: MigrantStepInput) -> tables.Dwelling:
    """A dwelling is used again."""
    values = values_of(input, ids=_DWELLING)
    return await dwellings.reopen(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def report_migrant_stay(ctx: Context, input: ReportMigrantStayInput) -> tables.Stay:
    """Report where a person, who may be the caller, lives."""
    return await stays.report(ctx, **values_of(input, ids=_LIVING))


@mutation(gives=MigrantStay)
async def verify_migrant_stay(ctx: Context, input: MigrantStepInput) -> tables.Stay:
    """Confirm a stay that somebody else reported."""
    values = values_of(input, ids=_STAY)
    return await stays.verify(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def refuse_migrant_stay(ctx: Context, input: MigrantReasonInput) -> tables.Stay:
    """Refuse a stay that was reported wrongly."""
    values = values_of(input, ids=_STAY)
    return await stays.refuse(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def activate_migrant_stay(ctx: Context, input: MigrantStepInput) -> tables.Stay:
    """Take a verified stay onto file."""
    values = values_of(input, ids=_STAY)
    return await stays.activate(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def withdraw_migrant_stay(ctx: Context, input: MigrantStepInput) -> tables.Stay:
    """Take back a stay that nobody has verified yet."""
    values = values_of(input, ids=_STAY)
    return await stays.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def depart_migrant_stay(ctx: Context, input: MigrantStayEndInput) -> tables.Stay:
    """Note that a person left."""
    values = values_of(input, ids=_STAY)
    return await stays.depart(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def settle_migrant_stay(ctx: Context, input: MigrantStayEndInput) -> tables.Stay:
    """Note that a person entered the household register of this place."""
    values = values_of(input, ids=_STAY)
    return await stays.settle(ctx, values.pop("id"), **values)


@mutation(gives=MigrantStay)
async def move_migrant_stay(ctx: Context, input: MoveMigrantStayInput) -> tables.Stay:
    """Note that a person moved to another dwelling of this place; gives the new stay."""
    values = values_of(input, ids={**_STAY, "dwelling_id": "MigrantDwelling"})
    return await stays.move(ctx, values.pop("id"), **values)


@mutation(extra=_SHOWN)
async def reveal_migrant_origin(ctx: Context, input: RevealMigrantOriginInput) -> Outcome:
    """Show the registered address of a stay, for a reason that the person can read."""
    values = values_of(input, ids=_STAY)
    shown = await stays.reveal_origin(ctx, values.pop("id"), **values)
    return Outcome(row=shown.entry, extra={"value": shown.value})


@mutation(gives=MigrantReport)
async def submit_migrant_report(ctx: Context, input: SubmitMigrantReportInput) -> tables.Report:
    """Report somebody who lives in one's dwelling, or works for the unit that one reports for."""
    return await reports.submit(ctx, **values_of(input, ids=_LIVING))


@mutation(extra=_SHOWN)
async def reveal_migrant_report(ctx: Context, input: RevealMigrantReportInput) -> Outcome:
    """Show an encrypted value of a report, for a reason."""
    values = values_of(input, ids=_REPORT)
    shown = await reports.reveal(ctx, values.pop("id"), **values)
    return Outcome(row=shown.entry, extra={"value": shown.value})


@mutation(gives=MigrantStay)
async def take_migrant_report(ctx: Context, input: MigrantStepInput) -> tables.Stay:
    """Take a report over as a stay of the person with that identity number."""
    values = values_of(input, ids=_REPORT)
    return await reports.take(ctx, values.pop("id"), **values)


@mutation(gives=MigrantReport)
async def refuse_migrant_report(ctx: Context, input: MigrantReasonInput) -> tables.Report:
    """Refuse a report that is wrong."""
    values = values_of(input, ids=_REPORT)
    return await reports.refuse(ctx, values.pop("id"), **values)


@mutation(gives=MigrantReport)
async def withdraw_migrant_report(ctx: Context, input: MigrantStepInput) -> tables.Report:
    """Take one's own report back."""
    values = values_of(input, ids=_REPORT)
    return await reports.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=MigrantAgent)
async def appoint_migrant_agent(ctx: Context, input: AppointMigrantAgentInput) -> tables.Agent:
    """Let a person report for a unit."""
    return await agents.appoint(
        ctx, **values_of(input, ids={"organisation_id": "Organisation", "person_id": "Person"})
    )


@mutation(gives=MigrantAgent)
async def dismiss_migrant_agent(ctx: Context, input: DismissMigrantAgentInput) -> tables.Agent:
    """A person reports for a unit no longer."""
    values = values_of(input, ids={"id": "MigrantAgent"})
    return await agents.dismiss(ctx, values.pop("id"), **values)


@mutation(gives=MigrantContract)
async def file_migrant_contract(ctx: Context, input: FileMigrantContractInput) -> tables.Contract:
    """Put a tenancy contract on file."""
    return await contracts.file(ctx, **values_of(input, ids=_LIVING))


@mutation(gives=MigrantContract)
async def end_migrant_contract(ctx: Context, input: MigrantReasonInput) -> tables.Contract:
    """End a tenancy contract before its term."""
    values = values_of(input, ids={"id": "MigrantContract"})
    return await contracts.end(ctx, values.pop("id"), **values)


LIVING_MUTATIONS = (
    create_migrant_dwelling,
    update_migrant_dwelling,
    retire_migrant_dwelling,
    reopen_migrant_dwelling,
    report_migrant_stay,
    verify_migrant_stay,
    refuse_migrant_stay,
    activate_migrant_stay,
    withdraw_migrant_stay,
    depart_migrant_stay,
    settle_migrant_stay,
    move_migrant_stay,
    reveal_migrant_origin,
    submit_migrant_report,
    reveal_migrant_report,
    take_migrant_report,
    refuse_migrant_report,
    withdraw_migrant_report,
    appoint_migrant_agent,
    dismiss_migrant_agent,
    file_migrant_contract,
    end_migrant_contract,
)
