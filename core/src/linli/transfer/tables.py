"""Tables of imports, exports and their files."""

from __future__ import annotations

from typing import ClassVar

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, Integer, Text, Timestamptz

from linli.db.encryption.columns import EncryptedBytes
from linli.db.tables import AreaTable, TenantTable


class StoredFile(TenantTable, tablename="transfer_file"):
    """A file that was sent in or is to be fetched; its content lies in pieces until `expires_at`."""

    purpose = Text()
    name = Text()
    format = Text()
    size_bytes = BigInt()
    sha256 = Text()
    expires_at = Timestamptz()
    removed_at = Timestamptz(default=None, null=True)


class FilePiece(TenantTable, tablename="transfer_piece"):
    """A part of a file's content, of at most 1 MiB."""

    file_id = UUID()
    place = Integer()
    body = EncryptedBytes(purpose="transfer.file", limit=1024 * 1024, null=False, secret=True)


class DataImport(AreaTable, tablename="transfer_import"):
    """One file on its way in. It lies at the area for which it was sent; what its rows may touch is asked for each.

    `acting_…` is whose rights count: whoever asked for the present step, with the permissions held then at the most.
    `ending` is where a step leads once the result file is written.
    """

    kind = Text()
    file_id = UUID()
    file_name = Text(default="")
    result_file_id = UUID(default=None, null=True)
    has_result = Boolean(default=False)
    state = Text(default="uploaded")
    ending = Text(default="")
    mode = Text(default="good_rows")
    uploaded_by = UUID(default=None, null=True)
    headers = JSONB(default="[]")
    dropped_columns = Array(base_column=Text())
    ignored_columns = Array(base_column=Text())
    places = JSONB(default="{}")
    rows_total = Integer(default=0)
    rows_done = Integer(default=0)
    blocks_total = Integer(default=0)
    blocks_done = Integer(default=0)
    created_count = Integer(default=0)
    updated_count = Integer(default=0)
    unchanged_count = Integer(default=0)
    refused_count = Integer(default=0)
    problem_count = Integer(default=0)
    cancel_asked_at = Timestamptz(default=None, null=True)
    acting_kind = Text(default="account")
    acting_id = UUID(default=None, null=True)
    acting_name = Text(default="")
    acting_permissions = Array(base_column=Text())
    locale = Text(default="zh-CN")
    error_code = Text(default="")
    error_details = JSONB(default="{}")
    finished_at = Timestamptz(default=None, null=True)


class ImportBlock(TenantTable, tablename="transfer_block"):
    """Up to 500 rows of a file as they were read, and what became of each."""

    import_id = UUID()
    place = Integer()
    rows_count = Integer()
    cells = EncryptedBytes(purpose="transfer.file", limit=64 * 1024 * 1024, null=False, secret=True)
    outcomes = Bytea(default=None, null=True, secret=True)


class ImportProblem(AreaTable, tablename="transfer_problem"):
    """Why a row is refused: at which column, and the value, masked where it is personal."""

    import_id = UUID()
    row_number = Integer()
    column_key = Text(default="")
    value = Text(default="")
    code = Text()
    details = JSONB(default="{}")

    personal_columns: ClassVar[frozenset[str]] = frozenset({"value"})


class DataExport(AreaTable, tablename="transfer_export"):
    """One list on its way out: which, with which filter, and whose rights count."""

    connection = Text()
    filter = JSONB(default="{}")
    order_by = Text(default="")
    columns = Array(base_column=Text())
    format = Text()
    state = Text(default="waiting")
    file_id = UUID(default=None, null=True)
    rows_done = Integer(default=0)
    acting_kind = Text(default="account")
    acting_id = UUID(default=None, null=True)
    acting_name = Text(default="")
    acting_permissions = Array(base_column=Text())
    locale = Text(default="zh-CN")
    error_code = Text(default="")
    error_details = JSONB(default="{}")
    finished_at = Timestamptz(default=None, null=True)
