"""Requests about one's own data, and for how long data are kept, in the API."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import strawberry
from strawberry.dataloader import DataLoader

from linli.context import Context
from linli.db import rows
from linli.privacy import requests, retention, tables
from linli.privacy.requests import ExportFormat, RequestKind
from linli_graphql.contribution import query
from linli_graphql.ids import local_id
from linli_graphql.inputs import described, expose, input_type
from linli_graphql.kernel.areas import Area
from linli_graphql.kernel.identity import Person
from linli_graphql.mutations import Outcome, mutation
from linli_graphql.nodes import Node, column, computed, node, one
from linli_graphql.request import GraphQLRequest

expose(
    RequestKind,
    "What a person asks for about their own data.",
    {
        "SEE": "To see it.",
        "CORRECT": "To have it corrected.",
        "EXPORT": "To get a copy.",
        "ERASE": "To have it erased.",
    },
    name="PrivacyRequestKind",
)
expose(
    ExportFormat,
    "In which form a copy is given.",
    {"JSON": "JSON, for programs.", "XLSX": "An Excel workbook, for people.", "PDF": "A PDF, for printing."},
    name="PersonalDataFormat",
)
_TEXTS = "select * from privacy_request where tenant_id = $1 and id = any($2)"


@node(
    tables.Request,
    plural="privacy_requests",
    permission="privacy.request.read",
    own_column="person_id",
    filters=("due_at", "state", "person"),
    order_by=("due_at",),
)
class PrivacyRequest(Node):
    """A person's request to see, correct, export or erase their own data."""

    kind: RequestKind = column("What is asked for.")
    state: str = column("Received, verified, answered, refused or withdrawn.")
    received_at: datetime = column("When it came in.")
    verified_at: datetime | None = column("When the identity of whoever asks was checked.")
    verified_how: str = column("How it was checked.")
    due_at: datetime = column("By when it is answered.")
    extended: bool = column("Whether the time was extended; this is done once at most.")
    decided_at: datetime | None = column("When it was answered or refused.")
    person: Person | None = one("person_id", "Whose data it is about.")
    area: Area | None = one("area_id", "Where the person lived then.")

    @computed
    async def detail(self, request: GraphQLRequest) -> str | None:
        """What was asked for, in the person's words."""
        return (await _texts(request, self.id))[0]  # type: ignore[arg-type]

    @computed
    async def answer(self, request: GraphQLRequest) -> str | None:
        """What was answered; null before that."""
        return (await _texts(request, self.id))[1]  # type: ignore[arg-type]


async def _texts(request: GraphQLRequest, row_id: UUID) -> tuple[str | None, str | None]:
    key = ("texts", "PrivacyRequest")
    if key not in request._loaders:

        async def read(ids: Sequence[UUID]) -> Sequence[tuple[str | None, str | None]]:
            ctx = await request.reading()
            found = {
                row["id"]: rows.from_record(tables.Request, row)
                for row in await ctx.db.fetch(_TEXTS, ctx.tenant_id, list(ids))
            }
            return [await requests.texts_of(ctx, found[one]) for one in ids]

        request._loaders[key] = DataLoader(load_fn=read)
    texts: tuple[str | None, str | None] = await request._loaders[key].load(row_id)
    return texts


@strawberry.type(description="For how long a kind of data is kept.")
class RetentionPeriod:
    """For how long a kind of data is kept."""

    data_class: str = strawberry.field(description="Names the kind.")
    title: str = strawberry.field(description="What it is, in the caller's language.")
    days: int = strawberry.field(description="For how many days it is kept here.")
    days_min: int = strawberry.field(description="The fewest days that can be set.")
    kept: bool = strawberry.field(description="Whether it is only counted and never deleted.")


@strawberry.type(description="What one night's run deleted of a kind of data.")
class RetentionReport:
    """What one night's run deleted of a kind of data."""

    data_class: str = strawberry.field(description="The kind; * is all together.")
    days: int = strawberry.field(description="After how many days.")
    deleted: int = strawberry.field(description="How many rows.")
    outcome: str = strawberry.field(description="Why nothing could be deleted; empty when all went well.")
    run_on: date = strawberry.field(description="In which night.")


@query
async def retention_periods(request: GraphQLRequest) -> list[RetentionPeriod]:
    """For how long this tenant keeps what; at most 1,000."""
    ctx = await request.reading()
    return [
        RetentionPeriod(
            data_class=one.data_class,
            title=one.rule.en if request.locale == "en" else one.rule.zh,
            days=one.days,
            days_min=one.days_min,
            kept=one.rule.kept,
        )
        for one in await retention.periods(ctx)
    ]


@query
async def retention_reports(request: GraphQLRequest) -> list[RetentionReport]:
    """What was deleted lately, newest first; at most 200 lines."""
    return await retention.reports(await request.reading())  # type: ignore[return-value]


@input_type
class RequestPersonalDataInput:
    """A request about somebody's own data."""

    person_id: strawberry.ID = described("Whose data: oneself, or somebody who asked at an office.")
    kind: RequestKind = described("What is asked for.")
    detail: str | None = described("In the person's words; at most 2,000 characters.", optional=True)


@input_type
class VerifyPrivacyRequestInput:
    """That the identity of whoever asks was checked."""

    id: strawberry.ID = described("The request.")
    how: str = described("How it was checked.")


@input_type
class ExtendPrivacyRequestInput:
    """More time for an answer."""

    id: strawberry.ID = described("The request.")
    reason: str = described("Why; the person is told.")


@input_type
class AnswerPrivacyRequestInput:
    """An answer, or a refusal with its ground."""

    id: strawberry.ID = described("The request.")
    text: str = described("What is answered; at most 2,000 characters.")
    refused: bool | None = described("Whether it is refused.", optional=True)


@input_type
class PrivacyRequestInput:
    """A request."""

    id: strawberry.ID = described("The request.")


@input_type
class ReadPersonalDataInput:
    """A copy to be handed over."""

    export_id: str = described("The id that exportPersonalData gave.")
    format: ExportFormat = described("In which form.")


@input_type
class SetRetentionInput:
    """For how long a kind of data is to be kept."""

    data_class: str = described("The kind.")
    days: int = described("For how many days.")


@mutation(gives=PrivacyRequest)
async def request_personal_data(ctx: Context, input: RequestPersonalDataInput) -> tables.Request:
    """Ask to see, correct, export or erase one's own data, or enter what somebody asked at an office."""
    person_id = local_id("Person", str(input.person_id), path=("person_id",))
    return await requests.receive(ctx, person_id, input.kind, detail=input.detail or "")


@mutation(gives=PrivacyRequest)
async def verify_privacy_request(ctx: Context, input: VerifyPrivacyRequestInput) -> tables.Request:
    """Note that the identity of whoever asks was checked."""
    return await requests.verify(ctx, _id(input), how=input.how)


@mutation(gives=PrivacyRequest)
async def extend_privacy_request(ctx: Context, input: ExtendPrivacyRequestInput) -> tables.Request:
    """Take another 15 working days, once."""
    return await requests.extend(ctx, _id(input), reason=input.reason)


@mutation(gives=PrivacyRequest)
async def answer_privacy_request(ctx: Context, input: AnswerPrivacyRequestInput) -> tables.Request:
    """Answer a request, or refuse it with its ground."""
    decide = requests.refuse if input.refused else requests.answer
    return await decide(ctx, _id(input), text=input.text)


@mutation(gives=PrivacyRequest)
async def withdraw_privacy_request(ctx: Context, input: PrivacyRequestInput) -> tables.Request:
    """Take back one's own request."""
    return await requests.withdraw(ctx, _id(input))


@mutation(
    extra={
        "export_id": (str, "Names the copy for readPersonalData; it is there for seven days."),
        "expires_at": (datetime, "Until when."),
    }
)
async def export_personal_data(ctx: Context, input: PrivacyRequestInput) -> Outcome:
    """Put together all that every plugin keeps about the person; kept encrypted for seven days."""
    made = await requests.make_export(ctx, _id(input))
    return Outcome(row=None, extra={"export_id": str(made.id), "expires_at": made.expires_at})


@mutation(
    extra={
        "file_name": (str, "What to call the file."),
        "media_type": (str, "Of which type it is."),
        "content": (str, "The file, in base64."),
    }
)
async def read_personal_data(ctx: Context, input: ReadPersonalDataInput) -> Outcome:
    """Hand over a copy as a file; each time stands in the audit trail."""
    document = await requests.read_export(ctx, requests.export_id_of(input.export_id), input.format)
    content = base64.b64encode(document.content).decode()
    extra = {"file_name": document.name, "media_type": document.media_type, "content": content}
    return Outcome(row=None, extra=extra)


@mutation(gives=PrivacyRequest, extra={"kept": (list[str], "What is kept, and the law for it.")})
async def erase_personal_data(ctx: Context, input: PrivacyRequestInput) -> Outcome:
    """Erase what the law allows of somebody who left or died; ids and amounts stay, so that figures add up."""
    request_id = _id(input)
    kept = await requests.erase(ctx, request_id)
    said = [one.en if ctx.locale == "en" else one.zh for one in kept]
    return Outcome(row=await rows.get(ctx, tables.Request, request_id), extra={"kept": said})


@mutation(extra={"days": (int, "For how many days the data are kept now.")})
async def set_retention(ctx: Context, input: SetRetentionInput) -> Outcome:
    """Set for how many days a kind of data is kept; for logs never fewer than six months."""
    await retention.set_period(ctx, input.data_class, input.days)
    return Outcome(row=None, extra={"days": input.days})


def _id(given: object) -> UUID:
    return local_id("PrivacyRequest", str(given.id), path=("id",))  # type: ignore[attr-defined]


REQUEST_NODES = (PrivacyRequest,)
REQUEST_QUERIES = (retention_periods, retention_reports)
REQUEST_MUTATIONS = (
    request_personal_data,
    verify_privacy_request,
    extend_privacy_request,
    answer_privacy_request,
    withdraw_privacy_request,
    export_personal_data,
    read_personal_data,
    erase_personal_data,
    set_retention,
)
