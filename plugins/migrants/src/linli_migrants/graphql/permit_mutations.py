"""What can be done with residence permits and the exchange; each mutation calls one service function."""

from __future__ import annotations

from linli.plugin import Context, documents
from linli_graphql.plugin import IssuedDocument, Outcome, mutation, values_of
from linli_migrants import applications, exchange_tables, permit_decisions, permit_tables, permits, slips
from linli_migrants.exchange import inbox, outbox
from linli_migrants.graphql.permit_inputs import (
    AcceptMigrantApplicationInput,
    ChangeMigrantApplicationInput,
    DecideMigrantObjectionInput,
    DraftMigrantApplicationInput,
    EndorseMigrantPermitInput,
    IssueMigrantSlipInput,
    MigrantPermitStepInput,
    ObjectToMigrantRefusalInput,
    RecordMigrantDecisionInput,
    RecordMigrantPermitInput,
    RefuseMigrantApplicationInput,
    RetryMigrantMessageInput,
    ReturnMigrantApplicationInput,
    RevealMigrantAnswerInput,
    RevealMigrantPermitNumberInput,
    SettleMigrantAnswerInput,
    ShowMigrantPaperInput,
    TakeMigrantPaperBackInput,
    TerminateMigrantPermitInput,
)
from linli_migrants.graphql.permit_nodes import (
    MigrantAnswer,
    MigrantApplication,
    MigrantEndorsement,
    MigrantMessage,
    MigrantPaper,
    MigrantPermit,
)

_APPLICATION = {"id": "MigrantApplication"}
_PERMIT = {"id": "MigrantPermit"}
_DETAILS = {
    "value": (str, "What it says, as JSON, this once; null when it was erased, and for a repeated call.")
}
_SHOWN = {"value": (str, "The number, this once; null when there is none, and for a repeated call.")}


@mutation(gives=MigrantApplication)
async def draft_migrant_application(
    ctx: Context, input: DraftMigrantApplicationInput
) -> permit_tables.Application:
    """Begin an application for a residence permit, for oneself or somebody else."""
    return await applications.draft(ctx, **values_of(input, ids={"person_id": "Person"}))


@mutation(gives=MigrantApplication)
async def change_migrant_application(
    ctx: Context, input: ChangeMigrantApplicationInput
) -> permit_tables.Application:
    """Rest an application on another ground."""
    values = values_of(input, ids=_APPLICATION)
    return await applications.change_ground(ctx, values.pop("id"), **values)


@mutation(gives=MigrantPaper)
async def show_migrant_paper(ctx: Context, input: ShowMigrantPaperInput) -> permit_tables.Paper:
    """Note a paper of an application."""
    values = values_of(input, ids={"application_id": "MigrantApplication"})
    return await applications.show_paper(ctx, values.pop("application_id"), **values)


@mutation(gives=MigrantApplication)
async def take_migrant_paper_back(
    ctx: Context, input: TakeMigrantPaperBackInput
) -> permit_tables.Application:
    """Take a paper out of an application again; gives the application."""
    values = values_of(input, ids={"id": "MigrantPaper"})
    return await applications.take_paper_back(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def submit_migrant_application(
    ctx: Context, input: MigrantPermitStepInput
) -> permit_tables.Application:
    """Hand an application in, for the first time or completed."""
    values = values_of(input, ids=_APPLICATION)
    return await applications.submit(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def withdraw_migrant_application(
    ctx: Context, input: MigrantPermitStepInput
) -> permit_tables.Application:
    """Give an application up."""
    values = values_of(input, ids=_APPLICATION)
    return await applications.withdraw(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def return_migrant_application(
    ctx: Context, input: ReturnMigrantApplicationInput
) -> permit_tables.Application:
    """Return an application once, with all that it lacks."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.send_back(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def accept_migrant_application(
    ctx: Context, input: AcceptMigrantApplicationInput
) -> permit_tables.Application:
    """Accept a complete application."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.accept(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def refuse_migrant_application(
    ctx: Context, input: RefuseMigrantApplicationInput
) -> permit_tables.Application:
    """Refuse an application, with the reason."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.refuse(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def forward_migrant_application(
    ctx: Context, input: MigrantPermitStepInput
) -> permit_tables.Application:
    """Hand an accepted application on to the issuing authority."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.forward(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def record_migrant_decision(
    ctx: Context, input: RecordMigrantDecisionInput
) -> permit_tables.Application:
    """Enter the authority's decision from its paper."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.record_decision(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def object_to_migrant_refusal(
    ctx: Context, input: ObjectToMigrantRefusalInput
) -> permit_tables.Application:
    """Object to a refusal."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.object_to(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def uphold_migrant_refusal(
    ctx: Context, input: DecideMigrantObjectionInput
) -> permit_tables.Application:
    """Let a refusal stand after an objection."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.uphold(ctx, values.pop("id"), **values)


@mutation(gives=MigrantApplication)
async def reopen_migrant_application(
    ctx: Context, input: DecideMigrantObjectionInput
) -> permit_tables.Application:
    """Take a refusal back after an objection."""
    values = values_of(input, ids=_APPLICATION)
    return await permit_decisions.reopen(ctx, values.pop("id"), **values)


@mutation(gives=MigrantPermit)
async def record_migrant_permit(ctx: Context, input: RecordMigrantPermitInput) -> permit_tables.Permit:
    """Enter a permit that the authority issued, from its paper."""
    values = values_of(input, ids={"application_id": "MigrantApplication"})
    return await permits.record_issue(ctx, values.pop("application_id"), **values)


@mutation(gives=MigrantEndorsement)
async def endorse_migrant_permit(ctx: Context, input: EndorseMigrantPermitInput) -> permit_tables.Endorsement:
    """Endorse a permit; a late endorsement restores its use."""
    values = values_of(input, ids=_PERMIT)
    return await permits.endorse(ctx, values.pop("id"), **values)


@mutation(gives=MigrantPermit)
async def terminate_migrant_permit(ctx: Context, input: TerminateMigrantPermitInput) -> permit_tables.Permit:
    """End a permit for good."""
    values = values_of(input, ids=_PERMIT)
    return await permits.terminate(ctx, values.pop("id"), **values)


@mutation(extra=_SHOWN)
async def reveal_migrant_permit_number(ctx: Context, input: RevealMigrantPermitNumberInput) -> Outcome:
    """Show a permit's number, for a reason that the person can read."""
    values = values_of(input, ids=_PERMIT)
    shown = await permits.reveal_number(ctx, values.pop("id"), **values)
    return Outcome(row=shown.entry, extra={"value": shown.value})


@mutation(extra=_DETAILS)
async def reveal_migrant_answer(ctx: Context, input: RevealMigrantAnswerInput) -> Outcome:
    """Show what an answer of the authority says, for a reason that the person can read."""
    values = values_of(input, ids={"id": "MigrantAnswer"})
    shown = await inbox.reveal(ctx, values.pop("id"), **values)
    return Outcome(row=shown.entry, extra={"value": shown.value})


@mutation(gives=MigrantMessage)
async def retry_migrant_message(ctx: Context, input: RetryMigrantMessageInput) -> exchange_tables.Message:
    """Send a message to the authority anew that was given up."""
    values = values_of(input, ids={"id": "MigrantMessage"})
    return await outbox.retry(ctx, values.pop("id"), **values)


@mutation(gives=MigrantAnswer)
async def settle_migrant_answer(ctx: Context, input: SettleMigrantAnswerInput) -> exchange_tables.Answer:
    """Note how people dealt with an answer that was set aside."""
    values = values_of(input, ids={"id": "MigrantAnswer"})
    return await inbox.settle(ctx, values.pop("id"), **values)


@mutation(gives=IssuedDocument)
async def issue_migrant_slip(ctx: Context, input: IssueMigrantSlipInput) -> documents.Document:
    """Give the acceptance slip of an application, one's own too; it is issued when it is asked for first."""
    return await slips.issue_slip(ctx, values_of(input, ids=_APPLICATION)["id"])


PERMIT_MUTATIONS = (
    issue_migrant_slip,
    draft_migrant_application,
    change_migrant_application,
    show_migrant_paper,
    take_migrant_paper_back,
    submit_migrant_application,
    withdraw_migrant_application,
    return_migrant_application,
    accept_migrant_application,
    refuse_migrant_application,
    forward_migrant_application,
    record_migrant_decision,
    object_to_migrant_refusal,
    uphold_migrant_refusal,
    reopen_migrant_application,
    record_migrant_permit,
    endorse_migrant_permit,
    terminate_migrant_permit,
    reveal_migrant_permit_number,
    reveal_migrant_answer,
    retry_migrant_message,
    settle_migrant_answer,
)
