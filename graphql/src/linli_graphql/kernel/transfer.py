"""Imports and exports in the API: what is under way, what was refused, and the steps that a user takes."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from linli.context import Context
from linli.tenancy.wording import tenant_catalogue
from linli.transfer import imports, tables
from linli.transfer.formats import Format
from linli.transfer.imports import ImportMode
from linli.transfer.kinds import ColumnType
from linli.transfer.kinds import ImportColumn as DeclaredColumn
from linli.transfer.kinds import ImportKind as DeclaredKind
from linli.transfer.wording import Words
from linli_graphql.connections import Connection
from linli_graphql.contribution import query
from linli_graphql.exporting import start_export as begin_export
from linli_graphql.inputs import described, expose, input_type, values_of
from linli_graphql.mutations import mutation
from linli_graphql.nodes import Node, column, computed, many, node, one
from linli_graphql.request import GraphQLRequest
from linli_graphql.schema import PluginSetSchema


class DataImportState(Enum):
    """Where an import stands."""

    UPLOADED = "uploaded"
    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class DataExportState(Enum):
    """Where an export stands."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


expose(
    DataImportState,
    "Where an import stands.",
    {
        "UPLOADED": "The file was sent in; nothing was done with it yet.",
        "CHECKING": "It is being checked; nothing is written.",
        "CHECKED": "The counts and problems say what would become of its rows; it waits to be confirmed.",
        "RUNNING": "It is being imported.",
        "DONE": "It is imported; the result file says what became of each row.",
        "FAILED": "It came to nothing, or stopped; the error says why.",
        "CANCELLED": "Somebody gave it up; what was imported by then stays.",
    },
)
expose(
    DataExportState,
    "Where an export stands.",
    {
        "WAITING": "It is being written, or waits for its turn.",
        "DONE": "Its file can be fetched.",
        "FAILED": "It came to nothing; the error says why.",
    },
)
expose(
    ImportMode,
    "What becomes of the good rows of a file that has bad ones.",
    {
        "ALL_OR_NOTHING": "Nothing is imported unless every row can be.",
        "GOOD_ROWS": "The good rows are imported and the others are named.",
    },
)
expose(
    Format,
    "The format of a file.",
    {"XLSX": "A spreadsheet.", "CSV": "Comma-separated text.", "JSONL": "A JSON object on each line."},
)
expose(
    ColumnType,
    "What the cells of a column hold.",
    {
        "TEXT": "A text.",
        "INTEGER": "A whole number.",
        "DATE": "A day.",
        "CHOICE": "One of the choices.",
    },
)


@node(
    tables.DataImport,
    plural="data_imports",
    permission="transfer.import.read",
    filters=("state", "kind"),
)
class DataImport(Node):
    """A file on its way into the register; its result is at /transfer/imports/{id}/result."""

    kind: str = column("Which list it is, such as identity.people.")
    file_name: str = column("What the file is called.")
    state: DataImportState = column("Where it stands.")
    mode: ImportMode = column("What was confirmed for its good rows.")
    requested_by: str = column(
        "Who asked for the present step, and whose rights count.", source="acting_name"
    )
    rows_total: int = column("How many rows the file has below its headers; 0 while that is not known.")
    rows_done: int = column(
        "How many rows the present step has gone through; of a whole file none stays before it is done."
    )
    created_count: int = column("How many rows made something new, or would.")
    updated_count: int = column("How many rows changed something, or would.")
    unchanged_count: int = column("How many rows say what is known already.")
    refused_count: int = column("How many rows cannot be imported.")
    problem_count: int = column("How many problems there are; the first 10,000 are listed.")
    dropped_columns: list[str] = column(
        "Headers of columns that are never kept (such as pregnancy, belief, offences): nothing of them was read."
    )
    ignored_columns: list[str] = column("Headers that name nothing known; their cells were not used.")
    has_result: bool = column("Whether the result file can be fetched.")
    cancel_asked_at: datetime | None = column("Since when it is to be given up.")
    finished_at: datetime | None = column("When it came to its end.")
    error_code: str = column("Why it failed; empty when it did not.")
    error_details: strawberry.scalars.JSON = column("What belongs to the error.")
    row_problems: Connection[DataImportProblem] = many(
        "import_id", "Why rows are refused, in the order of the file."
    )

    @computed
    async def error_message(self: Any, request: GraphQLRequest) -> str | None:
        """Why it failed, in the caller's language; null when it did not."""
        if not self.error_code:
            return None
        return (await request.translator()).text(self.error_code, self.error_details)


@node(
    tables.ImportProblem,
    plural="data_import_problems",
    permission="transfer.import.read",
    filters=("data_import", "code"),
    order_by=("row_number",),
)
class DataImportProblem(Node):
    """Why a row of a file is refused."""

    row_number: int = column("The row's number in the file, as a spreadsheet shows it.")
    column_key: str = column("The key of the column at fault; empty for the row as a whole.")
    value: str = column("What the file has there, shortened; personal values are masked.")
    code: str = column("Stable; for programs.")
    details: strawberry.scalars.JSON = column("What belongs to the problem.")
    data_import: DataImport | None = one("import_id", "The import.")

    @computed
    async def message(self: Any, request: GraphQLRequest) -> str:
        """The problem in the caller's language; for people."""
        return (await request.translator()).text(self.code, self.details)


@node(
    tables.DataExport,
    plural="data_exports",
    permission="transfer.export.read",
    filters=("state", "connection"),
)
class DataExport(Node):
    """A list that somebody exported; the file is at /transfer/exports/{id}/file, for who asked for it."""

    connection: str = column("The list, by the name of its root field.")
    filter: strawberry.scalars.JSON = column("Which rows.")
    order_by: str = column("In which order; empty for the order of entry.")
    columns: list[str] = column("Which columns were asked for; none means those that are usual.")
    format: Format = column("The format of the file.")
    state: DataExportState = column("Where it stands.")
    requested_by: str = column("Who asked for it, and whose rights count.", source="acting_name")
    rows_done: int = column("How many rows were written.")
    finished_at: datetime | None = column("When it came to its end.")
    error_code: str = column("Why it failed; empty when it did not.")
    error_details: strawberry.scalars.JSON = column("What belongs to the error.")

    @computed
    async def error_message(self: Any, request: GraphQLRequest) -> str | None:
        """Why it failed, in the caller's language; null when it did not."""
        if not self.error_code:
            return None
        return (await request.translator()).text(self.error_code, self.error_details)


@strawberry.type(description="A column of a list that can be imported.")
class ImportColumn:
    """A column of a list that can be imported."""

    key: str = strawberry.field(description="Names the column in problems and in JSONL.")
    header: str = strawberry.field(description="Its header, in the caller's language.")
    type: ColumnType = strawberry.field(description="What its cells hold.")
    required: bool = strawberry.field(description="Whether every row must fill it.")
    choices: list[str] = strawberry.field(description="What may be chosen, in the caller's language.")
    example: str = strawberry.field(description="What a cell may look like.")


@strawberry.type(description="A list that the caller may import.")
class ImportKind:
    """A list that the caller may import."""

    name: str = strawberry.field(description="Names the kind in an upload.")
    title: str = strawberry.field(description="What the list is called, in the caller's language.")
    columns: list[ImportColumn] = strawberry.field(description="Its columns.")
    template_xlsx: str = strawberry.field(description="The path of the spreadsheet to be filled in.")
    template_csv: str = strawberry.field(description="The path of the CSV file to be filled in.")


@query
async def import_kinds(request: GraphQLRequest) -> list[ImportKind]:
    """The lists that the caller may import somewhere."""
    ctx = await request.reading()
    texts = await tenant_catalogue(ctx)
    return [_kind(Words(kind, texts), request.locale) for kind in imports.kinds_of(ctx)]


@input_type
class DataImportInput:
    """An import."""

    id: strawberry.ID = described("The import.")


@input_type
class ConfirmImportInput:
    """An import that was checked, and what is to become of its good rows."""

    id: strawberry.ID = described("The import.")
    mode: ImportMode = described("Whether bad rows keep the good ones out.")


@input_type
class StartExportInput:
    """A list that is to be written into a file."""

    connection: str = described("The list, by the name of its root field, such as persons.")
    format: Format = described("The format of the file.")
    filter: strawberry.scalars.JSON | None = described(
        "Which rows: an object of the list's own filter type.", optional=True
    )
    order_by: str | None = described("A value of the list's own order type.", optional=True)
    columns: list[str] | None = described(
        "Fields of the rows, or of rows that they refer to, as area.name; the usual ones by default.",
        optional=True,
    )


@mutation(gives=DataImport)
async def preview_import(ctx: Context, input: DataImportInput) -> tables.DataImport:
    """Have a file checked, or checked again: what would become of each row; nothing is written."""
    return await imports.preview(ctx, values_of(input, ids={"id": "DataImport"})["id"])


@mutation(gives=DataImport)
async def confirm_import(ctx: Context, input: ConfirmImportInput) -> tables.DataImport:
    """Import a file that was checked, in the background, with the caller's rights."""
    import_id = values_of(input, ids={"id": "DataImport"})["id"]
    return await imports.confirm(ctx, import_id, mode=ImportMode(input.mode))


@mutation(gives=DataImport)
async def cancel_import(ctx: Context, input: DataImportInput) -> tables.DataImport:
    """Give an import up; what was imported by then stays."""
    return await imports.cancel(ctx, values_of(input, ids={"id": "DataImport"})["id"])


@mutation(gives=DataExport)
async def start_export(ctx: Context, input: StartExportInput, request: GraphQLRequest) -> tables.DataExport:
    """Have a list written into a file, in the background, as the caller may see it."""
    given = values_of(input)
    return await begin_export(
        ctx,
        _schema(request),
        connection=input.connection,
        file_format=Format(input.format),
        conditions=given.get("filter"),
        order_by=given.get("order_by") or "",
        columns=given.get("columns") or (),
    )


def _kind(words: Words, locale: str) -> ImportKind:
    kind: DeclaredKind = words.kind
    path = f"/transfer/templates/{kind.name}"
    return ImportKind(
        name=kind.name,
        title=words.title(locale),
        columns=[_column(words, one, locale) for one in kind.columns],
        template_xlsx=f"{path}.xlsx",
        template_csv=f"{path}.csv",
    )


def _column(words: Words, declared: DeclaredColumn, locale: str) -> ImportColumn:
    return ImportColumn(
        key=declared.key,
        header=words.header(declared, locale),
        type=declared.type,
        required=declared.required,
        choices=[words.choice(declared, one, locale) for one in declared.choices],
        example=declared.example,
    )


def _schema(request: GraphQLRequest) -> PluginSetSchema:
    assert request.schema is not None
    return request.schema


TRANSFER_NODES = (DataImport, DataImportProblem, DataExport)
TRANSFER_QUERIES = (import_kinds,)
TRANSFER_MUTATIONS = (preview_import, confirm_import, cancel_import, start_export)
