"""What can be done with posts, visits, the census and figures; each calls one service function."""

from __future__ import annotations

from linli.plugin import Context
from linli_graphql.plugin import mutation, values_of
from linli_migrants import census, figures, posts, visits
from linli_migrants import visit_tables as tables
from linli_migrants.graphql.visit_inputs import (
    AnswerMigrantCensusInput,
    AppointMigrantVisitInput,
    AssignMigrantPostInput,
    DoMigrantVisitInput,
    EndMigrantPostInput,
    MigrantCensusReasonInput,
    MigrantServiceStepInput,
    OpenMigrantCensusInput,
    RecordMigrantFigureInput,
)
from linli_migrants.graphql.visit_nodes import (
    MigrantCensusAnswer,
    MigrantCensusRound,
    MigrantFigure,
    MigrantPost,
    MigrantVisit,
)

_POST = {"id": "MigrantPost"}
_VISIT = {"id": "MigrantVisit", "post_id": "MigrantPost"}
_ROUND = {"id": "MigrantCensusRound"}
_AREA = {"area_id": "Area"}


@mutation(gives=MigrantPost)
async def assign_migrant_post(ctx: Context, input: AssignMigrantPostInput) -> tables.Post:
    """Post a coordinator at an area."""
    return await posts.assign(ctx, **values_of(input, ids={**_AREA, "account_id": "Account"}))


@mutation(gives=MigrantPost)
async def end_migrant_post(ctx: Context, input: EndMigrantPostInput) -> tables.Post:
    """End a coordinator's post."""
    values = values_of(input, ids=_POST)
    return await posts.end(ctx, values.pop("id"), **values)


@mutation(gives=MigrantVisit)
async def appoint_migrant_visit(ctx: Context, input: AppointMigrantVisitInput) -> tables.Visit:
    """Agree on a time for a visit, or on another one."""
    values = values_of(input, ids=_VISIT)
    return await visits.appoint(ctx, values.pop("id"), **values)


@mutation(gives=MigrantVisit)
async def decline_migrant_visit(ctx: Context, input: MigrantServiceStepInput) -> tables.Visit:
    """Decline a visit, without reason or consequence."""
    values = values_of(input, ids=_VISIT)
    return await visits.decline(ctx, values.pop("id"), **values)


@mutation(gives=MigrantVisit)
async def do_migrant_visit(ctx: Context, input: DoMigrantVisitInput) -> tables.Visit:
    """Note that a visit was made."""
    values = values_of(input, ids=_VISIT)
    return await visits.do(ctx, values.pop("id"), **values)


@mutation(gives=MigrantCensusRound)
async def open_migrant_census(ctx: Context, input: OpenMigrantCensusInput) -> tables.CensusRound:
    """Open the census round of a quarter for an area."""
    return await census.open_round(ctx, **values_of(input, ids=_AREA))


@mutation(gives=MigrantCensusAnswer)
async def answer_migrant_census(ctx: Context, input: AnswerMigrantCensusInput) -> tables.CensusAnswer:
    """Say what was found at a dwelling."""
    ids = {"round_id": "MigrantCensusRound", "dwelling_id": "MigrantDwelling"}
    return await census.answer(ctx, **values_of(input, ids=ids))


@mutation(gives=MigrantCensusRound)
async def close_migrant_census(ctx: Context, input: MigrantServiceStepInput) -> tables.CensusRound:
    """Close a round of which every dwelling is answered."""
    values = values_of(input, ids=_ROUND)
    return await census.close(ctx, values.pop("id"), **values)


@mutation(gives=MigrantCensusRound)
async def reopen_migrant_census(ctx: Context, input: MigrantCensusReasonInput) -> tables.CensusRound:
    """Go on with a closed round."""
    values = values_of(input, ids=_ROUND)
    return await census.reopen(ctx, values.pop("id"), **values)


@mutation(gives=MigrantCensusRound)
async def cancel_migrant_census(ctx: Context, input: MigrantCensusReasonInput) -> tables.CensusRound:
    """Cancel a round that was opened by mistake."""
    values = values_of(input, ids=_ROUND)
    return await census.cancel(ctx, values.pop("id"), **values)


@mutation(gives=MigrantFigure)
async def record_migrant_figure(ctx: Context, input: RecordMigrantFigureInput) -> tables.Figure:
    """Record a figure of a report."""
    return await figures.record(ctx, **values_of(input, ids=_AREA))


VISIT_MUTATIONS = (
    assign_migrant_post,
    end_migrant_post,
    appoint_migrant_visit,
    decline_migrant_visit,
    do_migrant_visit,
    open_migrant_census,
    answer_migrant_census,
    close_migrant_census,
    reopen_migrant_census,
    cancel_migrant_census,
    record_migrant_figure,
)
